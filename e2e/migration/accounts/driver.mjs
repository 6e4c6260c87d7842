/** Somebody who is not signed in is refused; then she signs in, over HTTP, and out again. */

import { io as connect } from "socket.io-client";
import { next, note, print } from "../transcript.mjs";
import { start } from "./server.mjs";

const { io, url } = await start(note);
note("server", "listens");

/** A browser's part: it keeps the cookie. */
let cookie;
async function ask(path, form) {
  const response = await fetch(url + path, {
    method: form ? "POST" : "GET",
    headers: cookie ? { cookie } : {},
    body: form && new URLSearchParams(form),
  });
  const [set] = response.headers.getSetCookie();
  if (set) cookie = set.split(";")[0];
  note("page", path, response.status, await response.text());
}

function visit(name, transports, extraHeaders) {
  const socket = connect(url, { transports, extraHeaders, forceNew: true, reconnection: false });
  socket.on("connect_error", (error) => {
    const { message, type, description } = error;
    note(name, "connect_error", message, type, typeof description === "number" ? description : description?.message);
  });
  socket.on("disconnect", (reason) => note(name, "disconnect", reason));
  return socket;
}

for (const transport of ["polling", "websocket"]) {
  await next(visit(`stranger by ${transport}`, [transport]), "connect_error");
}

await ask("/");
await ask("/login", { username: "ann", password: "wrong" });
await ask("/login", { username: "ann", password: "anchor" });
await ask("/");

const response = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { cookie } });
await response.text();
note(
  "page",
  "handshake",
  response.status,
  "sets",
  response.headers.getSetCookie().map((set) => set.split("=")[0]),
);

const sockets = [];
for (const transports of [["polling"], ["websocket"], undefined]) {
  const name = `ann by ${transports?.join() ?? "both"}`;
  const socket = visit(name, transports, { cookie });
  await next(socket, "connect");
  if (!transports && socket.io.engine.transport.name !== "websocket") await next(socket.io.engine, "upgrade");
  note(name, "is", await socket.emitWithAck("whoami"), "by", socket.io.engine.transport.name);
  note(name, "counts", await socket.emitWithAck("count"));
  sockets.push(socket);
}
await ask("/");

const account = sockets[0].io.socket("/account");
const [user] = await next(account, "account");
note("account", user);
note("server", "in all", (await io.in("user 1").fetchSockets()).length);

const gone = sockets.map((socket) => next(socket, "disconnect"));
await ask("/logout", {});
await Promise.all(gone);
const late = visit("ann afterwards", ["websocket"], { cookie });
await next(late, "connect_error");
await ask("/");

await io.close();
print();
