/** The client's engine by itself, as rows connect it to a server that does what they tell it. */

import type { Socket, SocketOptions } from "engine.io-client";
import { inbox } from "../harness/waiting.ts";
import { openPacket, type Exchange, type ScriptedServer, type ScriptedWebSocket } from "./script.ts";
import type { World } from "./world.ts";

/** A client, with members that Socket.IO's types keep to themselves. */
export type EngineClient = Pick<Socket, keyof Socket> & {
  readonly id: string | null;
  readonly upgrading: boolean;
  readonly transports: readonly string[];
  readonly hostname: string;
  readonly port: string;
  readonly secure: boolean;
};

export type EngineClientOptions = Partial<SocketOptions>;

/** A client, which begins to connect. */
export function connectEngine(world: World, url?: string, options: EngineClientOptions = {}): EngineClient {
  return ended(world, new world.engineClient.Socket(url as string, options));
}

/** Closes a client when the row is done. */
export function ended(world: World, client: Socket): EngineClient {
  world.defer(() => client.close());
  return client as unknown as EngineClient;
}

export interface OpenOnWebSocket {
  readonly script: ScriptedServer;
  readonly client: EngineClient;
  readonly webSocket: ScriptedWebSocket;
}

/** A client that is open on a WebSocket, and its other end. */
export async function openOnWebSocket(
  world: World,
  options: EngineClientOptions = {},
  handshake: Record<string, unknown> = {},
): Promise<OpenOnWebSocket> {
  const script = await world.script();
  const client = connectEngine(world, script.url, { transports: ["websocket"], ...options });
  const opens = inbox(client, "open");
  const webSocket = await script.session(handshake);
  await opens.next();
  return { script, client, webSocket };
}

export interface OpenOnPolling {
  readonly script: ScriptedServer;
  readonly client: EngineClient;
  /** The GET that waits. */
  readonly get: Exchange;
}

/** A client that is open over polling, and may move to a WebSocket if the handshake says so. */
export async function openOnPolling(world: World, handshake: Record<string, unknown> = {}): Promise<OpenOnPolling> {
  const script = await world.script();
  const client = connectEngine(world, script.url, { transports: ["polling", "websocket"] });
  const opens = inbox(client, "open");
  (await script.request()).answer(200, openPacket(handshake));
  await opens.next();
  return { script, client, get: await script.request() };
}

/** The next two requests, which may come in any order: the GET, then the POST. */
export async function nextTwo(script: ScriptedServer): Promise<[get: Exchange, post: Exchange]> {
  const [one, other] = [await script.request(), await script.request()];
  return one.method === "GET" ? [one, other] : [other, one];
}

/** The next POST; GETs are left without an answer. */
export async function nextPost(script: ScriptedServer): Promise<Exchange> {
  let exchange = await script.request();
  while (exchange.method !== "POST") exchange = await script.request();
  return exchange;
}

/** Notes a request. */
export function noteRequest(world: World, { method, address, body }: Exchange): void {
  world.note("request", method, address, body);
}
