/** Two players meet in the lobby and play a game; a third has no name. */

import { io as connect, type Socket } from "socket.io-client";
import { mask, next, note, print } from "../transcript.mjs";
import type { ClientToLobbyEvents, ClientToServerEvents, LobbyToClientEvents, ServerToClientEvents } from "./events.ts";
import { askForMove, start, tick } from "./server.ts";

type GameSocket = Socket<ServerToClientEvents, ClientToServerEvents>;
type LobbySocket = Socket<LobbyToClientEvents, ClientToLobbyEvents>;

const { io, url } = await start(note);

function join(path: string, auth: Record<string, string>): GameSocket {
  const socket: GameSocket = connect(url + path, { transports: ["websocket"], auth, forceNew: true });
  const who = auth["name"] ?? "somebody";
  socket.on("connect_error", (error: Error & { data?: unknown }) => note(who, "refused", error.message, error.data));
  socket.on("disconnect", (reason) => note(who, "disconnect", reason));
  socket.on("world", (number, players) => note(who, "world", number, players));
  socket.on("map", (tiles) => note(who, "map", [...tiles]));
  socket.on("over", () => note(who, "over"));
  return socket;
}

const lobby: LobbySocket = connect(`${url}/lobby`, { transports: ["websocket"] });
lobby.on("games", (names) => note("lobby", "games", names));
await next(lobby, "games");
lobby.emit("open", "sea", (error, path) => note("lobby", "opened", error, path));
note("lobby", "again:", await lobby.emitWithAck("open", "sea"));

const nameless = join("/game-sea", {});
await next(nameless, "connect_error");
const nowhere = join("/game sea", { name: "zoe" });
await next(nowhere, "connect_error");
const door = join("/door", { name: "dan", key: "open" });
await next(door, "connect");
const shut = join("/door-2", { name: "eve", key: "shut" });
await next(shut, "connect_error");
for (const socket of [nameless, nowhere, door, shut]) socket.disconnect();

const ann = join("/game-sea", { name: "ann" });
await next(ann, "connect");
const bob = join("/game-sea", { name: "bob" });
await next(bob, "connect");
mask(ann.id!, "ann");
mask(bob.id!, "bob");

const game = io.of("/game-sea");
note("server", "game", [...game.sockets.keys()], [...game.adapter.rooms.keys()]);
ann.emit("move", { x: 2, y: 1 });
ann.emit("move", { x: -1, y: 1 });
note("ann", "shoots", await ann.emitWithAck("shoot", { x: 3, y: 3 }));
note("ann", "shoots", await ann.timeout(2000).emitWithAck("shoot", { x: 3, y: 4 }));
await new Promise<void>((resolve) => {
  bob.timeout(2000).emit("shoot", { x: 1, y: 1 }, (error, result) => {
    note("bob", "shoots", error, result);
    resolve();
  });
});
const worlds = [next(ann, "world"), next(bob, "world")];
await tick(game, 1);
await Promise.all(worlds);

// Somebody who is away misses volatile updates, and volatile ones only.
bob.volatile.emit("move", { x: 5, y: 5 });
bob.disconnect();
bob.volatile.emit("move", { x: 100, y: 100 });
bob.emit("shoot", { x: 2, y: 2 }, (result) => note("bob", "shot while away", result));
const seen = next(ann, "world");
while (game.sockets.size > 1) await new Promise((resolve) => setImmediate(resolve));
await tick(game, 2);
await seen;
bob.connect();
await next(bob, "connect");
mask(bob.id!, "bob again");
note("bob", "shoots", await bob.emitWithAck("shoot", { x: 0, y: 1 }));

ann.on("your turn", (round, callback) => callback(round === 1 ? "rock" : "paper"));
const player = game.sockets.get(ann.id!)!;
note("server", "moves", await askForMove(player, 1, 2000), await askForMove(game.sockets.get(bob.id!)!, 1, 50));
ann.on("ready", (callback) => callback("ann"));
bob.on("ready", (callback) => callback("bob"));
const names: string[] = await game.timeout(2000).emitWithAck("ready");
note("server", "ready", names.sort());
const [remote] = await game.in("team 1").fetchSockets();
note("server", "remote", remote?.id, remote?.data, [...remote!.rooms], remote!.handshake.auth);
note("server", "asks", await remote!.timeout(2000).emitWithAck("your turn", 2));

const map = next(bob, "map");
bob.emit("spectate");
await map;
const over = next(bob, "over");
game.except("players").emit("over");
await over;
game.serverSideEmit("started", "sea");

const annGone = next(ann, "disconnect");
remote!.disconnect(true);
await annGone;
const bobGone = next(bob, "disconnect");
bob.io.reconnection(false);
lobby.disconnect();
await io.close();
await bobGone;
print();
