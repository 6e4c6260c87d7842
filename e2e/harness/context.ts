/**
 * What a scenario is given: a server and clients whose implementation, transports and way to each other are the
 * caller's choice. A scenario never learns which they are.
 */

import { createServer as createHttpServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Server, ServerOptions } from "socket.io";
import type * as officialClient from "socket.io-client";

/** Which transports the clients use; `"upgrade"` starts with polling and goes on to WebSocket. */
export type TransportMode = "polling" | "websocket" | "upgrade";
export const TRANSPORT_MODES: readonly TransportMode[] = ["polling", "websocket", "upgrade"];

/** What a flag of a client's socket leads to. */
export interface ClientEmitter {
  emit(event: string, ...args: any[]): unknown;
  emitWithAck(event: string, ...args: any[]): Promise<any>;
}

/** The part of a client's socket that scenarios use; small enough to be had from another process. */
export interface ClientSocket extends ClientEmitter {
  readonly id?: string | undefined;
  readonly connected: boolean;
  readonly active: boolean;
  auth: Record<string, any> | ((reply: (auth: object) => void) => void);
  readonly volatile: ClientEmitter;
  on(event: string, listener: (...args: any[]) => void): unknown;
  once(event: string, listener: (...args: any[]) => void): unknown;
  off(event?: string, listener?: (...args: any[]) => void): unknown;
  onAny(listener: (...args: any[]) => void): unknown;
  prependAny(listener: (...args: any[]) => void): unknown;
  offAny(listener?: (...args: any[]) => void): unknown;
  onAnyOutgoing(listener: (...args: any[]) => void): unknown;
  offAnyOutgoing(listener?: (...args: any[]) => void): unknown;
  send(...args: any[]): unknown;
  timeout(milliseconds: number): ClientEmitter;
  connect(): unknown;
  disconnect(): unknown;
  /** Where the socket is in another process: resolves once it has done all that it was told. */
  performed?(): Promise<void>;
}

/** The client's `io` function. */
export type ClientFactory<Client extends ClientSocket = ClientSocket> = (
  url: string,
  options: Record<string, unknown>,
) => Client;
/** The client's package. */
export type ClientModule = typeof officialClient;
/** The server's class. */
export type ServerClass = typeof Server;

/** A server that listens. */
export interface RunningServer {
  readonly io: Server;
  readonly port: number;
  /** Closes the server as an application does and waits until its port is free. */
  close(): Promise<void>;
}

export interface ScenarioContext<Client extends ClientSocket = ClientSocket> {
  readonly transportMode: TransportMode;
  /** Starts a server: the first of a scenario on a free port, later ones where the first one was. */
  createServer(options?: Partial<ServerOptions>): Promise<RunningServer>;
  /** A client for a namespace of that server, on a connection of its own unless `forceNew: false` is asked for. */
  connect(namespace?: string, options?: Record<string, unknown>): Client;
}

/** What a scenario is given whose clients live in this process, and so have all that clients have. */
export interface LocalContext extends ScenarioContext<officialClient.Socket> {
  readonly client: ClientModule;
}

/** A way from the clients to the server that is not the direct one. */
export interface Detour {
  readonly url: string;
  /** Begins to close it; nothing waits for the end. */
  close(): unknown;
}

export interface ContextSettings<Client extends ClientSocket = ClientSocket> {
  readonly Server: ServerClass;
  readonly io: ClientFactory<Client>;
  readonly transportMode: TransportMode;
  /** Options that every server gets. */
  readonly serverOptions?: Partial<ServerOptions>;
  /** Options that every client gets. */
  readonly clientOptions?: Record<string, unknown>;
  /** Answers what is not the server's. */
  readonly app?: RequestListener;
  /** Puts something between the clients and the server at `port`. */
  detour?(port: number): Promise<Detour>;
  /** Called with the server's URL once it listens, before any client connects. */
  prepare?(url: string): Promise<void>;
}

const TRANSPORTS: Record<TransportMode, string[]> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

/** A context, and what ends all that it has started. */
export interface Disposable {
  dispose(): Promise<void>;
}
export type DisposableContext<Client extends ClientSocket = ClientSocket> = ScenarioContext<Client> & Disposable;

/** Clients keep their connections by address for as long as the process lives: no two contexts may have the same one. */
const dialled = new Set<string>();

/** Starts a server, and the detour to it, at an address that was never dialled before. */
async function startAtFreshAddress(
  settings: ServerSettings,
  options: Partial<ServerOptions>,
): Promise<{ server: StartedServer; detour: Detour | undefined; url: string }> {
  for (;;) {
    const server = await startServer(settings, options, 0);
    const detour = await settings.detour?.(server.port);
    const url = detour?.url ?? `http://127.0.0.1:${server.port}`;
    if (!dialled.has(url)) {
      dialled.add(url);
      return { server, detour, url };
    }
    detour?.close();
    await server.destroy();
  }
}

/** Makes a scenario's world. */
export function createContext<Client extends ClientSocket>(
  settings: ContextSettings<Client>,
): DisposableContext<Client> {
  const { transportMode } = settings;
  const servers: StartedServer[] = [];
  const clients: Client[] = [];
  let detour: Detour | undefined;
  let url: string | undefined;

  return {
    transportMode,

    async createServer(options) {
      const allOptions = { ...settings.serverOptions, ...options };
      if (servers.length > 0) {
        const again = await startServer(settings, allOptions, servers[0]!.port);
        servers.push(again);
        return again;
      }
      const first = await startAtFreshAddress(settings, allOptions);
      servers.push(first.server);
      ({ detour, url } = first);
      await settings.prepare?.(url);
      return first.server;
    },

    connect(namespace = "/", options) {
      if (url === undefined) throw new Error("a client needs a server to connect to");
      const client = settings.io(url + namespace, {
        forceNew: true,
        transports: TRANSPORTS[transportMode],
        reconnectionDelay: 20,
        reconnectionDelayMax: 100,
        ...settings.clientOptions,
        ...options,
      });
      clients.push(client);
      return client;
    },

    async dispose() {
      for (const client of clients) client.disconnect();
      await Promise.all(clients.map(async (client) => client.performed?.()));
      await Promise.all(servers.map((server) => server.destroy()));
      detour?.close();
    },
  };
}

type ServerSettings = Omit<ContextSettings, "io" | "transportMode">;

interface StartedServer extends RunningServer {
  /** Closes the server and whatever is still connected to it. */
  destroy(): Promise<void>;
}

async function startServer(
  settings: ServerSettings,
  options: Partial<ServerOptions>,
  port: number,
): Promise<StartedServer> {
  const httpServer = createHttpServer(settings.app);
  const io = new settings.Server(httpServer, options);
  const connections: Socket[] = [];
  httpServer.on("connection", (socket: Socket) => connections.push(socket));
  await new Promise<void>((resolve, reject) => {
    httpServer.once("error", reject);
    httpServer.listen(port, "127.0.0.1", resolve);
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= io.close();
    // A browser opens connections ahead of its need, and a closing HTTP server waits for them.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    return closed;
  };
  return {
    io,
    port: (httpServer.address() as AddressInfo).port,
    close,
    async destroy() {
      const done = close();
      // Closing takes a few turns, in which requests that are on their way still arrive.
      httpServer.on("connection", (socket) => socket.destroy());
      httpServer.closeAllConnections();
      await done;
    },
  };
}
