/** The engine by itself, as rows start it, and the clients of both revisions that rows connect to it. */

import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { RawClient, RawClientOptions } from "@hawser/testing";
import type { AttachOptions, Server, ServerOptions, Socket } from "engine.io";
import { Socket as Client6 } from "engine.io-client";
import { inbox, Inbox, until, type Listenable } from "../harness/waiting.ts";
import type { World } from "./world.ts";

/** Where an engine is, unless it is told. */
export const ENGINE_PATH = "/engine.io/";

/** The address of a handshake. */
export const handshakeAt = (transport: string, revision: number = 4): string =>
  `${ENGINE_PATH}?EIO=${revision}&transport=${transport}`;

/** A packet as listeners are given it. */
interface Packet {
  readonly type: string;
  readonly data?: unknown;
  readonly options?: object;
}

/** A connection, with members that Socket.IO's types keep to themselves. */
export type EngineSocket = Pick<Socket, keyof Socket> & {
  readonly id: string;
  readonly server: unknown;
  readonly upgrading: boolean;
  readonly upgraded: boolean;
  readonly writeBuffer: readonly Packet[];
};

/** An engine, with the like. */
export type Engine = Pick<Server, keyof Server> & { readonly clients: Readonly<Record<string, EngineSocket>> };

/** An engine that listens. */
export interface ServedEngine {
  readonly engine: Engine;
  readonly http: HttpServer;
  readonly port: number;
  readonly url: string;
}

/** Starts an engine on a free port. */
export function serveEngine(world: World, options: ServerOptions & AttachOptions = {}): Promise<ServedEngine> {
  const http = createServer();
  return listening(world, http, world.engine.attach(http, options));
}

/** Lets the HTTP server of an engine listen. */
export async function listening(world: World, http: HttpServer, engine: Server): Promise<ServedEngine> {
  const served = await world.listen(http);
  world.defer(() => engine.close());
  return { engine: engine as unknown as Engine, ...served };
}

// ── what is noted ────────────────────────────────────────────────────────────────────────────────────────────────

/** A packet, by what is documented of it. */
const shownPacket = ({ type, data, options }: Packet): unknown[] => [type, data, ...(options ? [options] : [])];

/** What listeners are given: packets, transports, which go by their names, and anything else. */
function shownArgument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shownPacket);
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value && !(value instanceof Error)) return shownPacket(value as Packet);
  return "name" in value && !(value instanceof Error) ? value.name : value;
}

/** Notes events of a connection or of an engine, and gives what is told with the last of them. */
export function noteEvents(world: World, lane: string, source: unknown, ...events: string[]): Inbox {
  const last = new Inbox(`"${events.at(-1)}" of ${lane}`);
  for (const event of events) {
    (source as Listenable).on(event, (...args) => {
      world.note(lane, event, ...args.map(shownArgument));
      if (event === events.at(-1)) last.put(...args);
    });
  }
  return last;
}

// ── a client that speaks by hand ─────────────────────────────────────────────────────────────────────────────────

export const rawClient = (
  world: World,
  { url }: Pick<ServedEngine, "url">,
  options: RawClientOptions = {},
): RawClient => world.raw(url, { path: ENGINE_PATH, ...options });

/** What an engine holds of a connection, and its other end. */
export interface RawSession {
  readonly raw: RawClient;
  readonly socket: EngineSocket;
}

/** A session on a WebSocket. */
export async function webSocketSession(
  world: World,
  served: Pick<ServedEngine, "engine" | "url">,
  options: RawClientOptions = {},
): Promise<RawSession> {
  const connections = inbox(served.engine, "connection");
  const raw = rawClient(world, served, options);
  raw.webSocket = await raw.openWebSocket();
  const [socket] = (await connections.next()) as [EngineSocket];
  served.engine.off("connection", connections.put);
  await raw.next(/^0/);
  await until(() => socket.transport.writable, "a writable transport");
  return { raw, socket };
}

/** A session over polling, whose client polls when it is told to. */
export async function pollingSession(
  world: World,
  served: Pick<ServedEngine, "engine" | "url">,
  options: RawClientOptions = {},
): Promise<RawSession> {
  const connections = inbox(served.engine, "connection");
  const raw = rawClient(world, served, options);
  const { body } = await raw.request();
  const [socket] = (await connections.next()) as [EngineSocket];
  served.engine.off("connection", connections.put);
  raw.handshake = JSON.parse(/\{.*\}/.exec(body)![0]);
  return { raw, socket };
}

/** A GET that waits until the server has something to send. */
export async function waitingGet({ raw, socket }: RawSession): Promise<{ answer: ReturnType<RawClient["request"]> }> {
  const answer = raw.request();
  await until(() => socket.transport.writable, "a waiting GET");
  return { answer };
}

// ── clients of the package `engine.io-client` ────────────────────────────────────────────────────────────────────

/** What applications send although it is neither text nor binary data. */
export const ANYTHING: readonly unknown[] = [7, true, 7n, ["a", 1], { a: 1 }, 0, false, null, undefined, [], "last"];

/** What clients of both revisions offer. */
export interface EngineClient extends Listenable {
  readonly id: string;
  readonly readyState: string;
  readonly transport: { readonly name: string };
  send(data: unknown, options?: object, sent?: () => void): unknown;
  close(): unknown;
}

type EngineClientClass = new (url: string, options: object) => EngineClient;

const CLIENTS: Record<number, EngineClientClass> = {
  3: createRequire(import.meta.url)("engine.io-client-3").Socket as EngineClientClass,
  4: Client6 as unknown as EngineClientClass,
};

/** How a client connects. */
export interface Way {
  /** What it is called in a transcript. */
  readonly name: string;
  readonly revision: number;
  readonly transports: readonly string[];
}

/** Both revisions by all transports. */
export const WAYS: readonly Way[] = [4, 3].flatMap((revision) =>
  [["polling"], ["websocket"], ["polling", "websocket"]].map((transports) => ({
    name: `revision ${revision}, ${transports.join(" to ")}`,
    revision,
    transports,
  })),
);

/** Connects a client, and waits until its session is where it is to be. */
export async function connectBy(
  world: World,
  { engine, url }: ServedEngine,
  { revision, transports }: Way,
): Promise<{ client: EngineClient; socket: EngineSocket }> {
  const connections = inbox(engine, "connection");
  const client = new CLIENTS[revision]!(url, { transports, agent: false });
  world.defer(() => client.close());
  const opens = inbox(client, "open");
  const upgrades = inbox(client, "upgrade");
  const [socket] = (await connections.next()) as [EngineSocket];
  engine.off("connection", connections.put);
  await opens.next();
  if (transports.length > 1) {
    await upgrades.next();
    await until(() => socket.transport.name === transports.at(-1), "the upgrade at the server");
  }
  return { client, socket };
}
