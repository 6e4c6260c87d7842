/** Types as applications write them around the library: functions that take servers, subclasses, additions to its own interfaces. */

import type { IncomingMessage } from "node:http";
import {
  Namespace,
  Server,
  type BroadcastOperator,
  type DefaultEventsMap,
  type DisconnectReason,
  type ExtendedError,
  type RemoteSocket,
  type ServerOptions,
  type Socket,
} from "socket.io";
import connect, {
  Manager,
  io,
  type ManagerOptions,
  type Socket as ClientSocket,
  type SocketOptions,
} from "socket.io-client";
import type { ClientToServerEvents, InterServerEvents, ServerToClientEvents, SocketData } from "./events.ts";

declare module "node:http" {
  interface IncomingMessage {
    account?: { id: number };
  }
}

type Typed = Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>;

/** Servers of whatever events. */
export function count(server: Server): number {
  return server.engine.clientsCount + server.of("/").sockets.size;
}
export function countAny(server: Server<any, any, any, any>): number {
  return server.sockets.sockets.size;
}
export const counted = (server: Typed): number => countAny(server);
export const spelled = (server: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, any>): number =>
  count(server);

/** Options are made apart from the server that gets them. */
const options: Partial<ServerOptions> = {
  cors: { origin: ["https://game.example"], credentials: true },
  pingInterval: 10_000,
  connectionStateRecovery: {},
  allowRequest: (request, decide) => decide(null, request.headers.origin === undefined),
};

export class Arena extends Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData> {
  readonly names = new Map<string, Socket<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>>();

  constructor(port: number) {
    super(port, options);
    this.use((socket, next) => this.admit(socket.request, next));
    this.of("/").adapter.on("create-room", (room: string) => void room);
    this.on("connection", (socket) => {
      this.names.set(socket.id, socket);
      socket.on("disconnect", (reason: DisconnectReason) => this.left(socket.id, reason));
      socket.conn.on("packet", ({ type, data }: { type: string; data?: unknown }) => void [type, data]);
      socket.conn.once("upgrade", (transport: { name: string }) => void transport.name);
    });
    this.engine.on("headers", (headers: Record<string, string>, request: IncomingMessage) => {
      headers["x-account"] = String(request.account?.id);
    });
    this.engine.use((request: IncomingMessage, _response: unknown, next: () => void) => {
      request.account = { id: 1 };
      next();
    });
  }

  admit(request: IncomingMessage, next: (error?: ExtendedError) => void): void {
    next(request.account ? undefined : new Error("no account"));
  }

  get port(): number {
    const address = this.httpServer.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  left(id: string, reason: string): void {
    this.names.delete(id);
    this.except(id).emit("over");
    void reason;
  }

  team(name: string): BroadcastOperator<ServerToClientEvents, SocketData> {
    return this.to(name).compress(false);
  }

  async all(): Promise<RemoteSocket<ServerToClientEvents, SocketData>[]> {
    return this.in(["team 1", "team 2"]).fetchSockets();
  }
}

export const isNamespace = (value: unknown): value is Namespace => value instanceof Namespace;

/** Namespaces, by the type of what makes them, and from what overrides that. */
export type Made = ReturnType<Server["of"]>;
export class Below extends Server {
  override of(name: string | RegExp, listener?: (socket: Socket) => void): Made {
    return super.of(typeof name === "string" ? `/below${name}` : name, listener);
  }
}
export const deck: Namespace = new Below().of("/deck", (socket: Socket) => void socket.data.anything);
export function crew<Events extends DefaultEventsMap>(server: Server<Events>): Namespace<Events> {
  return server
    .of("/crew", (socket) => void socket.id)
    .use((socket, next) => next(socket.data ? undefined : new Error()));
}

/** A client as user interfaces hold it: made late, with options made apart, and typed by what makes it. */
let held: ClientSocket<ServerToClientEvents, ClientToServerEvents> | null = null;
export type Untyped = ReturnType<typeof io>;

export function hold(url: string): Untyped {
  const made: Partial<ManagerOptions & SocketOptions> = { transports: ["websocket"], auth: { name: "ann" } };
  held ??= io(url, made);
  held.on("connect_error", (error) => void error.message);
  held.on("disconnect", (reason, details) => void [reason === "io server disconnect", details]);
  held.io.on("reconnect_attempt", (attempt) => attempt.toFixed());
  held.io.on("reconnect_failed", () => held?.close());
  held.io.engine.on("upgrade", (transport) => void transport.name);
  held.onAny((event: string, ...args: unknown[]) => void [event, args]);
  held.prependAny((event) => void event).offAny();
  held.auth = (callback) => callback({ name: "ann" });
  const manager = new Manager(url, { autoConnect: false, reconnectionAttempts: 3 });
  const lobby: ClientSocket = manager.socket("/lobby", { auth: { key: 1 } });
  lobby.emit("anything", 1, "two", (answer: string) => answer);
  return connect(url, { forceNew: true });
}
