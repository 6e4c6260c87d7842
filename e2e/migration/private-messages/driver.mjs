/** Refusals, a session that outlives its connection, and a cut during which a message arrives. */

import { io as connect } from "socket.io-client";
import { mask, next, note, print, times } from "../transcript.mjs";
import { start } from "./server.mjs";

const { io, url } = await start(note);
const options = { autoConnect: false, forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

function person(name, auth) {
  const socket = connect(url, { ...options, auth });
  let ids = 0;
  socket.on("connect", () => {
    if (!socket.recovered) mask(socket.id, `${name} ${(ids += 1)}`);
    note(name, "connect", { id: socket.id, recovered: socket.recovered });
  });
  socket.on("connect_error", (error) => {
    note(name, "connect_error", error.message, error.data, { active: socket.active, instance: error instanceof Error });
  });
  socket.on("disconnect", (reason) => note(name, "disconnect", reason, { active: socket.active }));
  socket.on("session", ({ sessionID }) => {
    mask(sessionID, `session of ${name}`);
    socket.auth = { sessionID };
  });
  for (const event of ["session", "users", "user connected", "user disconnected", "private message", "refused"]) {
    // A server that can recover connections adds an offset to what it sends.
    socket.on(event, (first, ...offset) => note(name, event, first, { offset: offset.map((value) => typeof value) }));
  }
  return socket;
}

// Refused, then let in on the same socket once it has said who it is.
const ann = person("ann");
ann.connect();
await next(ann, "connect_error");
ann.auth = (callback) => callback({ username: "ann" });
ann.connect();
await next(ann, "users");

const mallory = person("mallory", { username: "mallory" });
mallory.connect();
await next(mallory, "connect_error");
mallory.close();

const bobCame = next(ann, "user connected");
const bob = person("bob", async (callback) => callback({ username: "bob" }));
bob.connect();
await Promise.all([bobCame, next(bob, "users")]);

let both = [next(ann, "private message"), next(bob, "private message")];
ann.emit("private message", { content: "ahoy", to: "user of bob" });
await Promise.all(both);
ann.emit("private message", { content: "", to: "user of bob" });
await next(ann, "refused");

// A cut: what is said meanwhile is there afterwards, and nobody has to sign in again.
const idBefore = bob.id;
const cut = next(
  [...io.sockets.sockets.values()].find((socket) => socket.id === idBefore),
  "disconnect",
);
const attempts = [];
bob.io.on("reconnect_attempt", (attempt) => attempts.push(attempt));
const back = next(bob, "connect");
const missed = next(bob, "private message");
bob.io.engine.close();
await cut;
ann.emit("private message", { content: "are you there?", to: "user of bob" });
bob.emit("private message", { content: "written while away", to: "user of ann" });
const answered = times(2, ann, "private message");
await Promise.all([back, missed, answered]);
note("bob", "is back", { same: bob.id === idBefore, recovered: bob.recovered, attempts });
both = [next(ann, "private message"), next(bob, "private message")];
ann.emit("private message", { content: "welcome back", to: "user of bob" });
await Promise.all(both);

// Leaving on purpose is not recovered: the session's id stands in for the name.
const gone = next(bob, "user disconnected");
ann.disconnect();
await gone;
const annAgain = next(bob, "user connected");
ann.connect();
await Promise.all([annAgain, next(ann, "users")]);
note("ann", "is back", { recovered: ann.recovered });

const annGone = next(bob, "user disconnected");
ann.emit("sign out");
await Promise.all([annGone, next(ann, "disconnect")]);
ann.connect();
await next(ann, "connect_error");

ann.disconnect();
const [bobOnServer] = [...io.sockets.sockets.values()];
const bobGone = next(bobOnServer, "disconnect");
bob.disconnect();
await bobGone;
await io.close();
print();
// Socket.IO's client may leave a WebSocket behind that it was still trying, and that would keep the process.
process.exit();
