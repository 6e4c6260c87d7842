/** Namespaces: several conversations on one connection, and who may take part. */

import { expect } from "vitest";
import { flushed, inPlace, join, pair, scenario, type Scenario } from "../harness/scenario.ts";
import { inbox, Inbox } from "../harness/waiting.ts";

export const namespaceScenarios: readonly Scenario[] = [
  scenario("several namespaces share one connection and do not hear each other", async (context) => {
    const server = await context.createServer();
    server.io.of("/orders");
    server.io.of("/users");
    const shared = { forceNew: false };
    const orders = await join(context, server, "/orders", shared);
    const users = await join(context, server, "/users", shared);
    expect(users.socket.conn).toBe(orders.socket.conn);
    expect(users.socket.id).not.toBe(orders.socket.id);

    const heard = new Inbox("what was heard");
    for (const { client, socket } of [orders, users]) {
      client.onAny((event) => heard.put(`client in ${socket.nsp.name}`, event));
      socket.onAny((event) => heard.put(`server in ${socket.nsp.name}`, event));
    }
    await inPlace(orders.client, users.client);
    orders.client.emit("placed");
    users.socket.emit("created");
    const both = (await heard.take(2)).map(String).toSorted();
    expect(both).toEqual(["client in /users,created", "server in /orders,placed"]);
  }),

  scenario("leaving one namespace leaves the others of the connection alone", async (context) => {
    const server = await context.createServer();
    server.io.of("/orders");
    server.io.of("/users");
    const shared = { forceNew: false };
    const orders = await join(context, server, "/orders", shared);
    const users = await join(context, server, "/users", shared);
    const left = inbox(orders.socket, "disconnect");
    orders.client.disconnect();
    expect((await left.next())[0]).toBe("client namespace disconnect");
    await flushed(users);
    expect(users.socket.conn.readyState).toBe("open");
    orders.client.connect();
    await inbox(orders.client, "connect").next();
    expect(orders.client.id).not.toBe(orders.socket.id);
  }),

  scenario("the server knows what the client brought: auth, query and headers", async (context) => {
    const server = await context.createServer();
    const { socket } = await join(context, server, "/", {
      auth: { token: "secret", nested: { list: [1, 2] } },
      query: { room: "a&b=ü" },
    });
    expect(socket.handshake.auth).toEqual({ token: "secret", nested: { list: [1, 2] } });
    expect(socket.handshake.query).toMatchObject({ room: "a&b=ü", EIO: "4" });
    expect(socket.handshake.headers.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(socket.handshake.address).toContain("127.0.0.1");
    expect(socket.handshake.secure).toBe(false);
    expect(Math.abs(socket.handshake.issued - Date.now())).toBeLessThan(60_000);
  }),

  scenario("auth may be a function, which is asked anew for each connection", async (context) => {
    const { io } = await context.createServer();
    const connections = inbox(io, "connection");
    let visits = 0;
    const client = context.connect("/", { auth: (reply: (auth: object) => void) => reply({ visit: ++visits }) });
    const connected = inbox(client, "connect");
    const [first] = await connections.next();
    expect(first.handshake.auth).toEqual({ visit: 1 });
    await connected.next();
    client.disconnect();
    client.connect();
    const [second] = await connections.next();
    expect(second.handshake.auth).toEqual({ visit: 2 });
  }),

  scenario("a middleware may refuse a client and say why; the client may try again", async (context) => {
    const { io } = await context.createServer();
    const connections = inbox(io.of("/bridge"), "connection");
    io.of("/bridge").use((socket, next) => {
      if (socket.handshake.auth["rank"] === "captain") return next();
      next(Object.assign(new Error("not authorized"), { data: { code: 7, hint: ["ask", "the", "captain"] } }));
    });
    const client = context.connect("/bridge", { auth: { rank: "cook" } });
    const [refusals, connected] = [inbox(client, "connect_error"), inbox(client, "connect")];
    const [error] = await refusals.next();
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe("not authorized");
    expect(error.data).toEqual({ code: 7, hint: ["ask", "the", "captain"] });
    expect([client.connected, client.active]).toEqual([false, false]);

    client.auth = { rank: "captain" };
    client.connect();
    await connected.next();
    expect(connections.size).toBe(1);
    expect(refusals.size).toBe(0);
  }),

  scenario("middlewares run one after the other, also when they wait, and may prepare the socket", async (context) => {
    const { io } = await context.createServer();
    const steps: string[] = [];
    io.use((socket, next) => {
      setImmediate(() => {
        steps.push("first");
        socket.data.name = "ada";
        next();
      });
    });
    io.use((socket, next) => {
      steps.push("second");
      void socket.join("passengers");
      next();
    });
    const connections = inbox(io, "connection");
    context.connect();
    const [socket] = await connections.next();
    expect(steps).toEqual(["first", "second"]);
    expect(socket.data).toEqual({ name: "ada" });
    expect([...socket.rooms].toSorted()).toEqual([socket.id, "passengers"].toSorted());
  }),

  scenario("a namespace that the server does not have is refused as invalid", async (context) => {
    const server = await context.createServer();
    const client = context.connect("/nowhere");
    const [error] = await inbox(client, "connect_error").next();
    expect(error.message).toBe("Invalid namespace");
    expect(client.active).toBe(false);
    expect(server.io.of("/").sockets.size).toBe(0);
  }),

  scenario("a pattern makes namespaces as they are asked for", async (context) => {
    const server = await context.createServer();
    const parent = server.io.of(/^\/ship-\d+$/);
    const connections = inbox(parent, "connection");
    const first = context.connect("/ship-1");
    const refused = context.connect("/ship-x");
    const refusals = inbox(refused, "connect_error");
    const [socket] = await connections.next();
    expect(socket.nsp.name).toBe("/ship-1");
    expect((await refusals.next())[0].message).toBe("Invalid namespace");
    const heard = inbox(first, "all hands");
    await inPlace(first);
    parent.emit("all hands", 1);
    expect(await heard.next()).toEqual([1]);
  }),

  scenario("a function makes namespaces by name and auth", async (context) => {
    const { io } = await context.createServer();
    const connections = inbox(
      io.of((name, auth, next) => next(null, name === "/cabin" && auth["key"] === "right")),
      "connection",
    );
    const wrong = context.connect("/cabin", { auth: { key: "wrong" } });
    expect((await inbox(wrong, "connect_error").next())[0].message).toBe("Invalid namespace");
    context.connect("/cabin", { auth: { key: "right" } });
    const [socket] = await connections.next();
    expect(socket.nsp.name).toBe("/cabin");
  }),

  scenario("a broadcast stays in its namespace", async (context) => {
    const { io, client, server, socket } = await pair(context);
    io.of("/other");
    const other = await join(context, server, "/other");
    const [inMain, inOther] = [inbox(client, "news"), inbox(other.client, "news")];
    await inPlace(client, other.client);
    io.emit("news", "main");
    io.of("/other").emit("news", "other");
    await flushed({ client, socket });
    await flushed(other);
    expect(inMain.drain()).toEqual([["main"]]);
    expect(inOther.drain()).toEqual([["other"]]);
  }),
];
