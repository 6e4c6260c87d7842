import type { ServerOptions, Socket } from "socket.io";
import {
  createContext,
  type ClientFactory,
  type ClientSocket,
  type DisposableContext,
  type RunningServer,
} from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { bytes } from "../harness/scenario.ts";
import { inbox, type Inbox } from "../harness/waiting.ts";
import { Proxy, type ProxySettings } from "./proxy.ts";
import type { ProxyProgram } from "./programs.ts";

/** The name and the `io` function of each client. */
export const CLIENTS: readonly (readonly [name: string, io: ClientFactory])[] = Object.values(clients).map(
  ({ name, use }) => [name, use.io],
);

/** Servers, a proxy before them, and clients of the proxy. What it started it ends. */
export class World {
  readonly #contexts: DisposableContext[] = [];
  readonly #things: AsyncDisposable[] = [];
  readonly #clients: ClientSocket[] = [];

  /** Starts a server, which answers what {@link converse} asks. */
  async serve(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
    const context = createContext({ Server: servers.hawser.use, io: clients.hawser.use.io, transportMode: "upgrade" });
    this.#contexts.push(context);
    const server = await context.createServer(options);
    server.io.on("connection", answerQuestions);
    return server;
  }

  /** Starts a proxy; see {@link Proxy.start}. */
  async proxy(program: ProxyProgram, configuration: string, settings: ProxySettings): Promise<Proxy> {
    return this.use(await Proxy.start(program, configuration, settings));
  }

  /** Takes something into its care. */
  use<T extends AsyncDisposable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** Makes a client, which comes back quickly when it loses its connection. */
  connect(io: ClientFactory, url: string, options: Record<string, unknown> = {}): ClientSocket {
    const client = io(url, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    // First what may hold connections of servers that nobody uses any more.
    for (const thing of this.#things) await thing[Symbol.asyncDispose]();
    await Promise.all(this.#contexts.map((context) => context.dispose()));
  }
}

function answerQuestions(socket: Socket): void {
  socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
  socket.on("call back", (value: unknown) => void socket.emit("called back", value));
}

/** Milliseconds that an answer may take. */
const PATIENCE = 12_000;

/**
 * Sends text, binary data and much data back and forth.
 *
 * @throws Error if something does not come back, or comes back altered
 */
export async function converse(client: ClientSocket): Promise<void> {
  const calls = inbox(client, "called back");
  const texts = ["ü🚢", "x".repeat(100_000)];
  for (const text of texts) {
    const echo: unknown = await client.timeout(PATIENCE).emitWithAck("echo", text);
    if (echo !== text) throw new Error(`"${text.slice(0, 10)}" came back as "${String(echo).slice(0, 10)}"`);
  }
  client.emit("call back", Buffer.from([1, 2, 250]));
  const [binary] = await calls.next();
  client.off("called back");
  if (bytes(binary).join() !== "1,2,250") throw new Error(`the bytes came back as ${bytes(binary).join()}`);
}

/**
 * Converses over connections that do not last.
 *
 * @param connects - brings each connection that the client makes
 * @throws Error if it is cut off time and again
 */
export async function converseInTheEnd(client: ClientSocket, connects: Inbox): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await converse(client);
    } catch (error) {
      if (attempt === 5) throw error;
      await connects.next();
    }
  }
}

/** The transport that carries a client's connection at present. */
export function transportOf(client: ClientSocket): string {
  return engineOf(client).transport.name;
}

/** What the client's engine is watched by. */
export interface EngineView {
  readonly transport: { readonly name: string };
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** The client's engine: that of its present connection. */
export function engineOf(client: ClientSocket): EngineView {
  return (client as unknown as { readonly io: { readonly engine: EngineView } }).io.engine;
}
