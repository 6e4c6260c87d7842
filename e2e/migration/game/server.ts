/** A game for a few players: a lobby that opens games, and a namespace for each game. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ExtendedError, type Namespace, type RemoteSocket, type Socket } from "socket.io";
import type {
  ClientToLobbyEvents,
  ClientToServerEvents,
  InterServerEvents,
  LobbyToClientEvents,
  ServerToClientEvents,
  SocketData,
} from "./events.ts";

export type GameServer = Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>;
export type Game = Namespace<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>;
type Player = Socket<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>;
type AnyPlayer = RemoteSocket<ServerToClientEvents, SocketData>;
type Note = (who: string, ...what: unknown[]) => void;

const GAME = /^\/game-\w+$/;

/** Lets a player in who has a name. */
function admit(socket: Player, next: (error?: ExtendedError) => void): void {
  const { name } = socket.handshake.auth;
  if (typeof name !== "string") {
    const error: ExtendedError = new Error("players have names");
    error.data = { hint: "auth.name" };
    next(error);
    return;
  }
  socket.data.name = name;
  socket.data.position = { x: 0, y: 0 };
  socket.data.score = 0;
  next();
}

function play(socket: Player, note: Note): void {
  note("server", "joined", socket.nsp.name, socket.data.name);
  void socket.join(["players", `team ${socket.data.name < "b" ? 1 : 2}`]);

  socket.on("move", ({ x, y }) => {
    const { position } = socket.data;
    socket.data.position = { x: position.x + x, y: position.y + y };
  });
  socket.on("shoot", (at, callback) => {
    const hit = at.x === at.y;
    if (hit) socket.data.score += 1;
    callback({ hit, score: socket.data.score });
  });
  socket.on("spectate", async () => {
    await socket.leave("players");
    socket.emit("map", new Uint8Array([1, 2, 3]));
  });
  socket.on("disconnect", (reason, description) => {
    note("server", "left", socket.data.name, reason, typeof description);
  });
}

/** Tells everybody where the players are. A client that is too slow for one tick sees the next. */
export async function tick(game: Game, number: number): Promise<void> {
  const players: AnyPlayer[] = await game.in("players").fetchSockets();
  const positions = players.map((player) => [player.data.name, player.data.position] as const);
  game.volatile.emit("world", number, Object.fromEntries(positions.sort(([one], [other]) => one.localeCompare(other))));
}

/** Asks one player for a move, and gives `undefined` if none comes in time. */
export async function askForMove(player: Player, round: number, limit: number): Promise<string | undefined> {
  try {
    return await player.timeout(limit).emitWithAck("your turn", round);
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  }
}

export async function start(note: Note): Promise<{ io: GameServer; url: string }> {
  const httpServer = createServer();
  const io: GameServer = new Server<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>(
    httpServer,
    { transports: ["websocket"], serveClient: false },
  );
  const games = new Set<string>();

  const lobby: Namespace<ClientToLobbyEvents, LobbyToClientEvents> = io.of("/lobby");
  lobby.on("connection", (socket) => {
    socket.emit("games", [...games]);
    socket.on("open", (name, callback) => {
      if (games.has(name)) return callback("there is one of that name");
      games.add(name);
      lobby.except(socket.id).emit("games", [...games]);
      callback(null, `/game-${name}`);
    });
  });

  io.of(GAME)
    .use(admit)
    .on("connection", (socket) => play(socket, note));
  io.of((name, auth, next) => next(null, name === "/door" && auth["key"] === "open")).on("connection", (socket) => {
    note("server", "through the door", socket.nsp.name);
  });
  io.on("started", (game) => note("server", "another server started", game));

  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return { io, url: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}` };
}
