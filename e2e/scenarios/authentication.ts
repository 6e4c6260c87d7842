/** Who may come in: what clients say of themselves, and what they are told when they are kept out. */

import { expect } from "vitest";
import { flushed, join, localScenario, pair, settled, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

/** An error as a middleware gives it to a client. */
const refusal = (message: string, data?: unknown): Error =>
  Object.assign(new Error(message), data === undefined ? {} : { data });

export const authenticationScenarios: readonly LocalScenario[] = [
  localScenario("a client that is refused may say something else at once, and come in", async (context) => {
    const { io } = await context.createServer();
    io.use((socket, next) => {
      if (socket.handshake.auth["token"] === "fresh") return next();
      next(refusal("expired", { retryWith: "fresh" }));
    });
    const connections = inbox(io, "connection");
    const client = context.connect("/", { auth: { token: "stale" } });
    const connected = inbox(client, "connect");
    const errors = new Inbox("errors");
    client.on("connect_error", (error) => {
      errors.put(error.message, error.data, client.active, client.connected);
      client.auth = { token: error.data.retryWith };
      client.connect();
    });
    const [socket] = await connections.next();
    await connected.next();
    expect(socket.handshake.auth).toEqual({ token: "fresh" });
    expect(errors.drain()).toEqual([["expired", { retryWith: "fresh" }, false, false]]);
    await flushed({ client, socket });
  }),

  localScenario("a refusal carries whatever data the middleware adds, or none", async (context) => {
    const { io } = await context.createServer();
    const values = [undefined, null, "text", 0, ["list", { of: "things" }], { nested: { object: true } }];
    io.use((socket, next) => next(refusal("no", values[socket.handshake.auth["index"]])));
    for (const [index, value] of values.entries()) {
      const client = context.connect("/", { auth: { index } });
      const [error] = await inbox(client, "connect_error").next();
      expect(error).toBeInstanceOf(Error);
      expect([error.message, error.data]).toEqual(["no", value]);
      client.disconnect();
    }
  }),

  localScenario("auth may be a function that takes its time", async (context) => {
    const { io } = await context.createServer();
    const connections = inbox(io, "connection");
    context.connect("/", { auth: (reply: (auth: object) => void) => setImmediate(reply, { token: { nested: [1] } }) });
    expect((await connections.next())[0].handshake.auth).toEqual({ token: { nested: [1] } });
  }),

  localScenario("each namespace of a connection is told what is for it", async (context) => {
    const server = await context.createServer();
    server.io.of("/one");
    server.io.of("/two");
    const one = await join(context, server, "/one", { forceNew: false, auth: { name: "one" } });
    const two = await join(context, server, "/two", { forceNew: false, auth: { name: "two" } });
    const three = await join(context, server, "/", { forceNew: false });
    expect(two.socket.conn).toBe(one.socket.conn);
    expect([one, two, three].map(({ socket }) => socket.handshake.auth)).toEqual([
      { name: "one" },
      { name: "two" },
      {},
    ]);
  }),

  localScenario("a refusal in one namespace leaves the others of the connection alone", async (context) => {
    const server = await context.createServer();
    server.io.of("/open");
    server.io.of("/closed").use((_socket, next) => next(refusal("closed")));
    const open = await join(context, server, "/open", { forceNew: false });
    const closed = context.connect("/closed", { forceNew: false });
    const [error] = await inbox(closed, "connect_error").next();
    expect([error.message, closed.active]).toEqual(["closed", false]);
    await flushed(open);
    expect(open.client.io).toBe(closed.io);
    expect(open.client.connected).toBe(true);
  }),

  localScenario("a client that comes back is judged anew, by what it says then", async (context) => {
    let visits = 0;
    const options = { auth: (reply: (auth: object) => void) => reply({ visit: ++visits }) };
    const { io, client, socket } = await pair(context, {}, options);
    await settled(context, socket);
    io.use((newcomer, next) => (newcomer.handshake.auth["visit"] === 2 ? next(refusal("not you again")) : next()));
    const errors = inbox(client, "connect_error");
    const connections = inbox(io, "connection");
    socket.conn.close();
    const [error] = await errors.next();
    expect([error.message, client.active]).toEqual(["not you again", false]);
    client.connect();
    const [again] = await connections.next();
    expect(again.handshake.auth).toEqual({ visit: 3 });
  }),

  localScenario("a middleware that waits keeps only its own client waiting", async (context) => {
    const server = await context.createServer();
    const held = new Inbox("a client at the door");
    server.io.use((socket, next) => (socket.handshake.auth["slow"] ? held.put(next) : next()));
    const slow = context.connect("/", { auth: { slow: true } });
    const [next] = await held.next();
    const quick = await join(context, server);
    await flushed(quick);
    expect(slow.connected).toBe(false);
    const connected = inbox(slow, "connect");
    (next as () => void)();
    await connected.next();
  }),
];
