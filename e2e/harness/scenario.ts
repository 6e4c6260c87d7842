/** What scenarios are made of, and what they share. */

import type { Namespace, Server, ServerOptions, Socket } from "socket.io";
import type { ClientSocket, LocalContext, RunningServer, ScenarioContext, TransportMode } from "./context.ts";
import { inbox, Inbox, until } from "./waiting.ts";

/** One piece of behaviour, named as a specification would. */
export interface Scenario<Context = ScenarioContext> {
  readonly name: string;
  run(context: Context): Promise<void>;
  /** The transports over which it says something. Default: all. */
  readonly modes?: readonly TransportMode[] | undefined;
}

export const scenario = (name: string, run: Scenario["run"]): Scenario => ({ name, run });

/** A scenario whose clients live in this process. */
export type LocalScenario = Scenario<LocalContext>;

export const localScenario = (
  name: string,
  run: LocalScenario["run"],
  modes?: readonly TransportMode[],
): LocalScenario => ({ name, run, modes });

/** A client's socket and the server's socket that belongs to it. */
export interface Pair<Client extends ClientSocket = ClientSocket> {
  readonly client: Client;
  readonly socket: Socket;
}

export interface ServedPair<Client extends ClientSocket = ClientSocket> extends Pair<Client> {
  readonly server: RunningServer;
  readonly io: Server;
}

/** Connects a client and finds its other end. */
export async function join<Client extends ClientSocket>(
  { connect }: ScenarioContext<Client>,
  { io }: RunningServer,
  namespace: string = "/",
  options: Record<string, unknown> = {},
): Promise<Pair<Client>> {
  const connections = inbox(io.of(namespace), "connection");
  const client = connect(namespace, options);
  const connected = inbox(client, "connect");
  const [socket] = await connections.next();
  await connected.next();
  return { client, socket };
}

/** A server and one client of it. */
export async function pair<Client extends ClientSocket>(
  context: ScenarioContext<Client>,
  options?: Partial<ServerOptions>,
  clientOptions?: Record<string, unknown>,
): Promise<ServedPair<Client>> {
  const server = await context.createServer(options);
  return { server, io: server.io, ...(await join(context, server, "/", clientOptions)) };
}

/** `count` clients of one server, in the order of their making. */
export async function crowd<Client extends ClientSocket>(
  context: ScenarioContext<Client>,
  server: RunningServer,
  count: number,
  namespace?: string,
): Promise<Pair<Client>[]> {
  const pairs: Pair<Client>[] = [];
  for (let index = 0; index < count; index++) pairs.push(await join(context, server, namespace));
  return pairs;
}

/** Waits until the connection uses the transport that it will keep, and that transport is ready to carry what comes. */
export async function settled(
  { transportMode }: Pick<ScenarioContext, "transportMode">,
  { conn }: Socket,
): Promise<void> {
  const name = transportMode === "polling" ? "polling" : "websocket";
  await until(() => conn.transport.name === name && conn.transport.writable, `a writable ${name} transport`);
}

/** Collects an event of all sockets that come from now on, from the first moment of each. */
export function inboxOfSockets(namespace: Pick<Namespace, "on">, event: string): Inbox {
  const box = new Inbox(`"${event}" from any socket`);
  namespace.on("connection", (socket) => void socket.on(event, box.put));
  return box;
}

/** Waits until listeners of clients are in place: a client may be in another process than the server that is to be heard. */
export async function inPlace(...clients: readonly ClientSocket[]): Promise<void> {
  await Promise.all(clients.map(async (client) => client.performed?.()));
}

/** Waits until what either end sent before this call has been dispatched at the other. */
export async function flushed({ client, socket }: Pair): Promise<void> {
  socket.once("fence", (reply: () => void) => reply());
  const echo = inbox(client, "fence");
  await client.emitWithAck("fence");
  socket.emit("fence");
  await echo.next();
  client.off("fence");
}

/** Milliseconds for answers of which some never come, and all others do: the first is enough unless the machine stands still. */
const LIMITS = [200, 1_000];
/** Enough for any machine. */
const LAST_LIMIT = 5_000;

/**
 * Tries what needs a time limit that passes, and within which much happens. Where it fails the limit may have come too early, so
 * that it is tried again with a longer one.
 */
export async function withinSomeLimit(attempt: (limit: number) => Promise<void>): Promise<void> {
  for (const limit of LIMITS) {
    try {
      return await attempt(limit);
    } catch {
      // Whatever is wrong is wrong with the last limit, too.
    }
  }
  await attempt(LAST_LIMIT);
}

/** The bytes of whatever kind of binary value a runtime delivers. */
export function bytes(value: unknown): number[] {
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  throw new TypeError(`expected binary, got ${JSON.stringify(value)}`);
}
