/** Connection state recovery. */

import type { RawClient } from "@hawser/testing";
import type { Socket } from "socket.io";
import { inAdapter, inServer, type Topic } from "../row.ts";
import { Inbox, inbox } from "../../harness/waiting.ts";
import type { Served, World } from "../world.ts";

const RECOVERABLE = { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } };

/** Takes an event and notes it without its offset; returns the offset. */
async function offsetOf(world: World, raw: RawClient): Promise<string> {
  const frame = String(await raw.next(/^42/));
  const offset = (JSON.parse(frame.slice(2)) as string[]).at(-1)!;
  world.note("raw", frame.replace(offset, "<offset>"));
  return offset;
}

/** A raw client that has joined, received one event and lost its connection. */
async function lost(world: World, served: Served, prepare: (socket: Socket) => void = () => {}) {
  const connections = inbox(served.io, "connection");
  const raw = world.raw(served.url);
  await raw.connect();
  const { sid, pid } = await raw.join();
  const [socket] = await connections.next();
  prepare(socket);
  socket.emit("first", 1);
  const offset = await offsetOf(world, raw);
  const left = inbox(socket, "disconnect");
  raw.webSocket!.terminate();
  await left.next();
  served.io.off("connection", connections.put);
  return { sid, pid: pid!, offset, socket };
}

export const recovery: Topic = {
  title: "Connection state recovery",
  rows: [
    {
      id: "recovery-offsets",
      api: "option `connectionStateRecovery`: the private id and the offsets",
      how: "CONNECT carries a `pid`, and each event that is not volatile and asks for no answer one more argument.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        const raw = world.raw(served.url);
        await raw.connect();
        const joined = await raw.join();
        world.note("raw", Object.keys(joined), joined.pid !== joined.sid, joined.pid?.length);
        const [socket] = [...served.io.sockets.sockets.values()];
        world.note("socket", socket!.recovered);
        socket!.emit("direct", { a: 1 });
        await offsetOf(world, raw);
        served.io.emit("broadcast");
        await offsetOf(world, raw);
        socket!.emit("asked", () => {});
        world.note("raw", await raw.next());
        socket!.volatile.emit("volatile", 1);
        world.note("raw", await raw.next());
        socket!.emit("binary", Buffer.from([1]));
        const frame = String(await raw.next());
        world.note("raw", (JSON.parse(frame.slice(frame.indexOf("["))) as unknown[]).length, await raw.next());
      },
      mutation: inAdapter("data.push(this.#log.offsetOf(this.#log.position + 1));", ""),
    },
    {
      id: "recovery-success",
      api: "a client that comes back in time",
      how: "It gets its ids, rooms and data back, and what it missed before CONNECT.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        const { sid, pid, offset } = await lost(world, served, (socket) => {
          void socket.join(["deck", "galley"]);
          socket.data.name = "ada";
        });
        served.io.emit("to all", 1);
        served.io.to("deck").emit("to its room", 2);
        served.io.to("elsewhere").emit("to another room", 3);
        served.io.except("galley").emit("not to its room", 4);
        served.io.volatile.emit("volatile", 5);
        served.io.on("connection", (socket) => {
          const rooms = [...socket.rooms].filter((room) => room !== socket.id).sort();
          world.note("socket", socket.recovered, socket.id === sid, socket.data, rooms, socket.rooms.size);
          socket.emit("welcome back");
        });
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send(`40${JSON.stringify({ pid, offset })}`);
        for (let missed = 0; missed < 2; missed++) await offsetOf(world, raw);
        const connect = JSON.parse(String(await raw.next()).slice(2)) as { sid: string; pid: string };
        world.note("raw", connect.sid === sid, connect.pid === pid);
        await offsetOf(world, raw);
      },
      mutation: inAdapter("return addressed && ![...options.except ?? []].some(isMember);", "return addressed;"),
    },
    {
      id: "recovery-unknown",
      api: "a client that can't be recovered",
      how: "An unknown private id or offset makes a new socket; nobody is told why.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        const { sid, pid } = await lost(world, served);
        served.io.on("connection", ({ recovered, id }) => world.note("socket", recovered, id === sid));
        for (const auth of [
          { pid: "unknown", offset: "unknown" },
          { pid, offset: "unknown" },
          { pid: 1, offset: 2 },
        ]) {
          const raw = world.raw(served.url);
          await raw.connect();
          const joined = await raw.join("/", auth);
          world.note("raw", joined.sid === sid, joined.pid === pid, raw.received.waiting);
        }
      },
      mutation: inAdapter("kept.position : this.#log.positionOf(offset);", "kept.position : kept.position;"),
    },
    {
      id: "recovery-middlewares",
      api: "option `skipMiddlewares`",
      how: "By default middlewares don't see a recovered socket; with `false` they do.",
      async run(world) {
        for (const skipMiddlewares of [undefined, true, false]) {
          const name = `${skipMiddlewares}`;
          const served = await world.serve({
            connectionStateRecovery: { ...(skipMiddlewares === undefined ? {} : { skipMiddlewares }) },
          });
          const { pid, offset } = await lost(world, served);
          served.io.use((socket, next) => {
            world.note(name, "middleware", socket.recovered);
            next();
          });
          served.io.on("connection", ({ recovered }) => world.note(name, "connection", recovered));
          const raw = world.raw(served.url);
          await raw.connect();
          const joined = await raw.join("/", { pid, offset });
          world.note(name, joined.pid === pid);
        }
      },
      mutation: inServer("skipMiddlewares = true", "skipMiddlewares = false"),
    },
    {
      id: "recovery-in-middlewares",
      api: "a middleware, with `skipMiddlewares: false`",
      how: "It finds the socket's data, and its rooms, in which nothing reaches it yet.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: { skipMiddlewares: false } });
        const { sid, pid, offset } = await lost(world, served, (socket) => {
          void socket.join("deck");
          socket.data.name = "ada";
        });
        served.io.use((socket, next) => {
          const rooms = [...socket.rooms].map((room) => (room === sid ? "<sid>" : room)).sort();
          world.note("middleware", socket.recovered, socket.data, rooms, served.io.sockets.sockets.size);
          next();
        });
        const raw = world.raw(served.url);
        await raw.connect();
        world.note("raw", (await raw.join("/", { pid, offset })).pid === pid);
      },
      mutation: inServer("for (const room of comeback.session.rooms) {", "for (const room of []) {"),
    },
    {
      id: "recovery-after-refusal",
      api: "a middleware refuses a client that is back, with `skipMiddlewares: false`",
      how: "The session stays: with something better, the client gets its ids and rooms, and what it missed.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: { skipMiddlewares: false } });
        const { sid, pid, offset } = await lost(world, served, (socket) => void socket.join("deck"));
        served.io.use((socket, next) => {
          world.note("middleware", socket.recovered);
          next(socket.handshake.auth.token === "fresh" ? undefined : new Error("expired"));
        });
        served.io.on("connection", (socket) => world.note("socket", socket.recovered, socket.id === sid));
        const refused = world.raw(served.url);
        await refused.connect();
        await refused.send(`40${JSON.stringify({ pid, offset })}`);
        world.note("refused", await refused.next(/^44/));
        served.io.to("deck").emit("missed");
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send(`40${JSON.stringify({ pid, offset, token: "fresh" })}`);
        await offsetOf(world, raw);
        const connect = JSON.parse(String(await raw.next()).slice(2)) as { sid: string; pid: string };
        world.note("raw", connect.sid === sid, connect.pid === pid);
      },
      mutation: inServer("return adapter.returnSession(session);", "return undefined;"),
    },
    {
      id: "recovery-lost-in-middlewares",
      api: "a connection that is lost while middlewares look at a client that is back",
      how: "The session stays, and the client finds it the next time.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: { skipMiddlewares: false } });
        const { sid, pid, offset } = await lost(world, served);
        const held = new Inbox("a middleware");
        served.io.use((socket, next) => held.put(socket, next));
        const first = world.raw(served.url);
        await first.connect();
        await first.send(`40${JSON.stringify({ pid, offset })}`);
        const [socket] = await held.next();
        world.note("middleware", socket.recovered);
        const gone = inbox(socket.conn, "close");
        first.webSocket!.terminate();
        await gone.next();
        const raw = world.raw(served.url);
        await raw.connect();
        await raw.send(`40${JSON.stringify({ pid, offset })}`);
        const [again, next] = await held.next();
        world.note("middleware", again.recovered, again.id === sid);
        next();
        const connect = JSON.parse(String(await raw.next(/^40/)).slice(2)) as { sid: string; pid: string };
        world.note("raw", connect.sid === sid, connect.pid === pid);
      },
      mutation: inServer("this.abandon(comeback);", "comeback.gap?.abandon();"),
    },
    {
      id: "recovery-left-on-purpose",
      api: "endings after which nothing is kept",
      how: "A socket that left its namespace, either way, is not persisted.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        served.io.on("connection", ({ recovered }) => world.note("socket", recovered));
        for (const end of ["client", "server"]) {
          const { raw, socket } = await world.rawPair(served);
          const pid = (socket as unknown as { pid: string }).pid;
          socket.emit("first");
          const offset = await offsetOf(world, raw);
          const left = inbox(socket, "disconnect");
          if (end === "client") await raw.send("41");
          else socket.disconnect();
          await left.next();
          const again = world.raw(served.url);
          await again.connect();
          const joined = await again.join("/", { pid, offset });
          world.note(end, joined.pid === pid);
        }
      },
      mutation: inServer("if (this.pid !== undefined && RECOVERABLE.has(reason)) {", "if (this.pid !== undefined) {"),
    },
    {
      id: "recovery-expired",
      api: "option `maxDisconnectionDuration`",
      how: "After that time the session is forgotten.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: { maxDisconnectionDuration: 1 } });
        const { pid, offset } = await lost(world, served);
        await new Promise((resolve) => setTimeout(resolve, 20));
        served.io.on("connection", ({ recovered }) => world.note("socket", recovered));
        const raw = world.raw(served.url);
        await raw.connect();
        world.note("raw", (await raw.join("/", { pid, offset })).pid === pid);
      },
      mutation: inAdapter("until: Date.now() + this.#duration", "until: Date.now() + 60_000"),
    },
    {
      id: "recovery-off",
      api: "without the option",
      how: "There is no private id, events carry no offset, and CONNECT's `pid` means nothing.",
      async run(world) {
        const served = await world.serve();
        const raw = world.raw(served.url);
        await raw.connect();
        const joined = await raw.join("/", { pid: "x", offset: "y" });
        world.note("raw", Object.keys(joined));
        served.io.emit("x", 1);
        world.note("raw", await raw.next());
      },
      mutation: inServer("nsp.server.recovery && revision.recovers ? generateId() : undefined", "generateId()"),
    },
    {
      id: "recovery-twice",
      api: "a private id that is claimed twice",
      how: "A session is given back once; the second claim makes a new socket.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        const { sid, pid, offset } = await lost(world, served);
        for (const claim of ["first", "second"]) {
          const raw = world.raw(served.url);
          await raw.connect();
          const joined = await raw.join("/", { pid, offset });
          world.note(claim, joined.sid === sid);
          const [socket] = [...served.io.sockets.sockets.values()];
          const left = inbox(socket!, "disconnect");
          await raw.send("41");
          await left.next();
        }
      },
      mutation: inAdapter("this.#sessions.delete(pid);\n\t\tconst position", "const position"),
      differs: {
        id: "recovery-once",
        official: ["first: true", 'raw: 42["first",1,"<offset>"]', "second: true"],
        hawser: ["first: true", 'raw: 42["first",1,"<offset>"]', "second: false"],
      },
    },
    {
      id: "recovery-before-any-event",
      api: "a client that lost its connection before any event",
      how: "Without an offset it gets everything since it joined.",
      async run(world) {
        const served = await world.serve(RECOVERABLE);
        const { raw, socket } = await world.rawPair(served);
        const pid = (socket as unknown as { pid: string }).pid;
        const left = inbox(socket, "disconnect");
        raw.webSocket!.terminate();
        await left.next();
        const again = world.raw(served.url);
        await again.connect();
        const joined = await again.join("/", { pid });
        world.note("raw", joined.sid === socket.id);
      },
      mutation: inAdapter(
        "const position = offset === undefined ? kept.position :",
        "const position = offset === undefined ? undefined :",
      ),
      differs: {
        id: "recovery-without-offset",
        official: ["raw: false"],
        hawser: ["raw: true"],
      },
    },
  ],
};
