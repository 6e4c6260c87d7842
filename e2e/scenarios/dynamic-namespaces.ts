/** Namespaces that come into being when they are asked for, and go when nobody is left. */

import { expect } from "vitest";
import type { Namespace, Server } from "socket.io";
import { flushed, join, localScenario, type LocalScenario } from "../harness/scenario.ts";
import { inbox, Inbox, until } from "../harness/waiting.ts";

type Decide = (error: Error | null, success: boolean) => void;

/** The namespaces that the server has at present. */
const namesOf = (io: Server): string[] =>
  [...(io._nsps as Map<string, Namespace>).keys()].filter((name) => name !== "/");

export const dynamicNamespaceScenarios: readonly LocalScenario[] = [
  localScenario("children of a pattern are apart from each other, and new_namespace tells of each", async (context) => {
    const server = await context.createServer();
    const { io } = server;
    const created = inbox(io, "new_namespace");
    const ships = io.of(/^\/ship-\d+$/);
    const connections = inbox(ships, "connection");
    const clients = ["/ship-1", "/ship-2", "/ship-1"].map((name) => context.connect(name, { forceNew: false }));
    const sockets = (await connections.take(3)).map(([socket]) => socket);
    expect(sockets.map(({ nsp }) => nsp.name).toSorted()).toEqual(["/ship-1", "/ship-1", "/ship-2"]);
    expect((await created.take(2)).map(([{ name }]) => name).toSorted()).toEqual(["/ship-1", "/ship-2"]);
    const boxes = clients.map((client) => inbox(client, "news"));
    await until(() => clients.every(({ connected }) => connected), "the clients");
    io.of("/ship-1").emit("news", 1);
    await Promise.all([boxes[0]!.next(), boxes[2]!.next()]);
    ships.emit("news", 2);
    for (const box of boxes) expect(await box.next()).toEqual([2]);
  }),

  localScenario("a parent's middlewares and connection listeners are its children's", async (context) => {
    const { io } = await context.createServer();
    const names = new Inbox("names");
    const ships = io.of(/^\/ship-\d+$/);
    ships.use((socket, next) => {
      names.put(`checked in ${socket.nsp.name}`);
      if (socket.handshake.auth["ticket"]) return next();
      next(Object.assign(new Error("no ticket"), { data: { harbour: "closed" } }));
    });
    ships.on("connection", (socket) => names.put(`connected to ${socket.nsp.name}`));
    const refused = context.connect("/ship-1");
    const [error] = await inbox(refused, "connect_error").next();
    expect([error.message, error.data]).toEqual(["no ticket", { harbour: "closed" }]);
    expect(await names.next()).toEqual(["checked in /ship-1"]);
    context.connect("/ship-2", { auth: { ticket: 1 } });
    expect(await names.take(2)).toEqual([["checked in /ship-2"], ["connected to /ship-2"]]);
  }),

  localScenario("what is sent by way of the parent reaches rooms of all children", async (context) => {
    const server = await context.createServer();
    const ships = server.io.of(/^\/ship-\d+$/);
    const connections = inbox(ships, "connection");
    const clients = ["/ship-1", "/ship-1", "/ship-2"].map((name) => context.connect(name));
    const boxes = clients.map((client) => inbox(client, "news"));
    for (let count = 0; count < 3; count++) {
      const [socket] = await connections.next();
      await socket.join(socket.nsp.sockets.size === 1 ? "first aboard" : "others");
    }
    await until(() => clients.every(({ connected }) => connected), "the clients");
    ships.to("first aboard").emit("news", 1);
    ships.except("first aboard").emit("news", 2);
    const heard = (await Promise.all(boxes.map((box) => box.next()))).map(([number]) => number as number);
    expect(heard.toSorted()).toEqual([1, 1, 2]);
    expect(heard[2]).toBe(1);
  }),

  localScenario("functions are asked in turn, may take their time, and the first yes counts", async (context) => {
    const { io } = await context.createServer();
    const asked = new Inbox("who was asked");
    const slow = io.of((name: string, _auth: unknown, decide: Decide) => {
      asked.put("slow", name);
      setImmediate(decide, null, false);
    });
    const second = io.of((name: string, auth: { [key: string]: unknown }, decide: Decide) => {
      asked.put("second", name);
      decide(null, auth["side"] === "starboard");
    });
    const failing = io.of((name: string, _auth: unknown, decide: Decide) => {
      asked.put("failing", name);
      decide(new Error("no idea"), true);
    });
    const boxes = [slow, second, failing].map((parent) => inbox(parent, "connection"));
    context.connect("/cabin", { auth: { side: "starboard" } });
    const [socket] = await boxes[1]!.next();
    expect(socket.nsp.name).toBe("/cabin");
    expect(asked.drain()).toEqual([
      ["slow", "/cabin"],
      ["second", "/cabin"],
    ]);
    const refused = context.connect("/bridge");
    const [error] = await inbox(refused, "connect_error").next();
    expect(error.message).toBe("Invalid namespace");
    expect(asked.drain().map(([name]) => name)).toEqual(["slow", "second", "failing"]);
    expect([boxes[0]!.size, boxes[2]!.size]).toEqual([0, 0]);
  }),

  localScenario("a namespace that is asked for by name is a child of the pattern that matches", async (context) => {
    const server = await context.createServer();
    const ships = server.io.of(/^\/ship-\d+$/);
    const connections = inbox(ships, "connection");
    const seventh = server.io.of("/ship-7");
    const { client, socket } = await join(context, server, "/ship-7");
    expect((await connections.next())[0]).toBe(socket);
    expect(socket.nsp).toBe(seventh);
    const heard = inbox(client, "news");
    ships.emit("news", 1);
    expect(await heard.next()).toEqual([1]);
  }),

  localScenario("children go with their last client if that is wished, and may come again", async (context) => {
    const server = await context.createServer({ cleanupEmptyChildNamespaces: true });
    const { io } = server;
    const created = inbox(io, "new_namespace");
    const connections = inbox(io.of(/^\/ship-\d+$/), "connection");
    const clients = [context.connect("/ship-1"), context.connect("/ship-1")];
    await connections.take(2);
    const [[former]] = (await created.take(1)) as [[Namespace]];
    await until(() => clients.every(({ connected }) => connected), "the clients");
    clients[0]!.disconnect();
    await until(() => former.sockets.size === 1, "one to leave");
    expect(namesOf(io)).toEqual(["/ship-1"]);
    clients[1]!.disconnect();
    await until(() => namesOf(io).length === 0, "the namespace to go");

    clients[0]!.connect();
    const [socket] = await connections.next();
    const [present] = await created.next();
    expect(present).not.toBe(former);
    expect(socket.nsp).toBe(present);
    await until(() => clients[0]!.connected, "the client");
    await flushed({ client: clients[0]!, socket });
  }),

  localScenario("a child goes, too, if all who came were refused", async (context) => {
    const { io } = await context.createServer({ cleanupEmptyChildNamespaces: true });
    io.of(/^\/ship-\d+$/).use((_socket, next) => next(new Error("full")));
    const refused = context.connect("/ship-1");
    expect((await inbox(refused, "connect_error").next())[0].message).toBe("full");
    await until(() => namesOf(io).length === 0, "the namespace to go");
  }),

  localScenario("without that wish children stay", async (context) => {
    const { io } = await context.createServer();
    const connections = inbox(io.of(/^\/ship-\d+$/), "connection");
    const client = context.connect("/ship-1");
    const [socket] = await connections.next();
    const left = inbox(socket, "disconnect");
    await until(() => client.connected, "the client");
    client.disconnect();
    await left.next();
    expect(namesOf(io)).toEqual(["/ship-1"]);
  }),
];
