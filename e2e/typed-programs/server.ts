/** A typed server in Socket.IO's style: events by position, middlewares, namespaces, other servers. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  Server,
  Socket,
  type BroadcastOperator,
  type DefaultEventsMap,
  type DisconnectReason,
  type Event,
  type ExtendedError,
  type Namespace,
  type RemoteSocket,
  type ServerOptions,
} from "socket.io";

export interface ToServer {
  move: (x: number, y: number) => void;
  join: (room: string, done: (error: string | null, members?: number) => void) => void;
  upload: (bytes: Uint8Array, done: (stored: boolean) => void) => void;
}

export interface ToClient {
  moved: (id: string, x: number, y: number) => void;
  vote: (question: string, answer: (choice: number) => void) => void;
}

export interface BetweenServers {
  count: (room: string, answer: (error: Error | null, members: number) => void) => void;
}

export interface Player {
  name: string;
  score?: number;
}

export type GameServer = Server<ToServer, ToClient, BetweenServers, Player>;
export type GameSocket = Socket<ToServer, ToClient, BetweenServers, Player>;

const options: Partial<ServerOptions> = {
  cors: { origin: ["https://example.com"], credentials: true },
  cookie: { name: "io", httpOnly: true, sameSite: "strict", maxAge: 86_400 },
  connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: true },
  perMessageDeflate: { threshold: 1024, zlibDeflateOptions: { level: 4 } },
  transports: ["polling", "websocket"],
  allowRequest: (request, callback) => callback(null, request.headers.origin !== undefined),
};

const httpServer = createServer();
export const io: GameServer = new Server(httpServer, options);
export const untyped = new Server();
export const rooms: BroadcastOperator<ToClient, Player> = io.to("a").except("b");

const unauthorized: ExtendedError = Object.assign(new Error("unauthorized"), { data: { code: 1 } });

io.use((socket, next) => {
  socket.data.name = String(socket.handshake.auth["name"]);
  next(socket.data.name ? undefined : unauthorized);
});

io.engine.use((request: IncomingMessage, _response: ServerResponse, next: (error?: Error) => void) => {
  next(request.url === undefined ? new Error("no URL") : undefined);
});
io.engine.on("initial_headers", (headers: Record<string, string>) => {
  headers["x-game"] = "yes";
});
io.engine.on("connection_error", (error: { code: number; message: string }) => error.code.toFixed());

function score(socket: GameSocket): number {
  return (socket.data.score ?? 0) + 1;
}

io.on("connection", (socket) => {
  socket.use(([event, ...args]: Event, next: (error?: Error) => void) =>
    next(event && args ? undefined : unauthorized),
  );
  socket.on("move", (x, y) => socket.broadcast.volatile.emit("moved", socket.id, x.valueOf(), y.valueOf()));
  socket.on("join", async (room, done) => {
    await socket.join(room);
    done(null, io.sockets.adapter.rooms.get(room)?.size ?? 0);
  });
  socket.on("upload", (bytes, done) => done(bytes.byteLength > 0));
  socket.on("disconnect", (reason: DisconnectReason) => reason.length);
  socket.on("disconnecting", () => [...socket.rooms].map((room) => room.toUpperCase()));
  socket.onAny((event: string, ...args: unknown[]) => [event, args]);
  socket.timeout(100).emit("vote", "sure?", (error, choice) => [error?.message, choice.toFixed()]);
  socket.conn.once("upgrade", (transport) => transport.name);
  socket.data.score = score(socket);
});

/** Types of what functions of the application give are inferred, and must be nameable in declarations. */
export async function poll(room: string) {
  const answers = await io.in(room).timeout(1000).emitWithAck("vote", "sure?");
  return answers.map((choice) => choice.toFixed());
}

export async function members() {
  const sockets: RemoteSocket<ToClient, Player>[] = await io.fetchSockets();
  for (const socket of sockets) socket.emit("moved", socket.id, 0, 0);
  return sockets.map((socket) => socket.data.name);
}

export const admin: Namespace<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, { role: string }> =
  untyped.of("/admin");
export const dynamic = io.of(/^\/room-\d+$/);
admin.on("connection", (socket) => socket.emit("anything", socket.data.role, 1));

io.on("count", (room, answer) => answer(null, io.sockets.adapter.rooms.get(room)?.size ?? 0));
io.serverSideEmit("count", "lobby", (error, counts) => [error, counts.length]);

/** Sockets of a kind of their own. */
export class Lobby {
  readonly players = new Map<string, Socket>();
  constructor(private readonly server: Server) {
    this.server.on("connection", this.enter.bind(this));
  }
  enter(socket: Socket): void {
    this.players.set(socket.id, socket);
    socket.on("leave", (done: () => void) => done());
  }
}
