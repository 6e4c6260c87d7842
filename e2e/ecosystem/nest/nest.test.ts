/** Gateways of Nest, as its documentation writes them, on hawser. */

import type { Socket as ClientSocket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { expectCleanClose, expectConversations } from "../../harness/conversation.ts";
import type { ClientModule } from "../../harness/context.ts";
import { probablyFreePort } from "../../harness/daemon.ts";
import { get } from "../../harness/get.ts";
import { inbox } from "../../harness/waiting.ts";
import { Application } from "../application.ts";
import { Redis } from "../services/redis.ts";
import { compile, urlOf, type Compiled, type Running } from "./compiled.ts";

describe.each([
  { name: "nest", manager: "npm", type: "module" },
  { name: "nest-11-pnpm", manager: "pnpm", type: "commonjs" },
] as const)("$name, by overrides of $manager, compiled to $type", ({ name, type }) => {
  const application = new Application(name);
  const { io: connectTo } = application.require("socket.io-client") as ClientModule;
  const sockets: ClientSocket[] = [];
  let compiled: Compiled;
  let running: Running;
  let url: string;
  let gatewayPort: number;

  beforeAll(async () => {
    gatewayPort = await probablyFreePort();
    process.env.GATEWAY_PORT = String(gatewayPort);
    compiled = await compile(application, type);
  }, 180_000);

  beforeEach(async () => {
    running = await compiled.createApplication();
    url = urlOf(running.app);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await running.app.close();
  });

  /** A client; see {@link connected}. */
  function client(namespace = "", auth: object = {}, at = url): ClientSocket {
    const socket = connectTo(`${at}${namespace}`, { auth, forceNew: true });
    sockets.push(socket);
    return socket;
  }

  async function connected(...args: Parameters<typeof client>): Promise<ClientSocket> {
    const socket = client(...args);
    await inbox(socket, "connect").next();
    return socket;
  }

  test("the Server is hawser's, for Nest and for the gateways", () => {
    expect(application.nameOf("socket.io", "@nestjs/platform-socket.io")).toBe("hawser");
    expect(application.nameOf("socket.io")).toBe("hawser");
    expect(application.nameOf("socket.io-client")).toBe("hawser-client");
    expect(running.chat.server.constructor).toBe(compiled.Server);
  });

  test("a gateway talks over each transport, and hears of those who come and go", async () => {
    await expectConversations(running.chat.server, url);
    const came = ["polling", "websocket", "polling"].flatMap((transport) => [`connected ${transport}`, "disconnected"]);
    expect(running.chat.log).toEqual(["initialised true", ...came]);
  });

  test("what a handler returns is the acknowledgement", async () => {
    const socket = await connected();
    const value = { text: "ahoy", bytes: Buffer.from([1, 2]), nested: [null] };
    expect(await socket.emitWithAck("echo", value)).toEqual(value);
    expect(await socket.emitWithAck("echo", [1, 2])).toEqual([1, 2]);
    expect(await socket.emitWithAck("text", { text: "a part of it" })).toBe("a part of it");
    expect(await socket.emitWithAck("whisper", "intercepted")).toBe("INTERCEPTED");
  });

  test("what a handler returns is an event if it says so, and many of an observable", async () => {
    const socket = await connected();
    const [answered, counted] = [inbox(socket, "answered"), inbox(socket, "counted")];
    socket.emit("answer", 7);
    expect(await answered.next()).toEqual([7]);
    socket.emit("count", 3);
    expect(await counted.take(3)).toEqual([[1], [2], [3]]);
  });

  test("handlers use rooms", async () => {
    const [ada, bob] = [await connected(), await connected()];
    const joined = [ada, bob].map((socket) => inbox(socket, "joined"));
    ada.emit("join", "news");
    expect(await joined[0]!.next()).toEqual([ada.id]);
    bob.emit("join", "news");
    for (const box of joined) expect(await box.next()).toEqual([bob.id]);
  });

  test("exceptions reach the client, who goes on being served", async () => {
    const socket = await connected();
    const exceptions = inbox(socket, "exception");
    socket.emit("refuse", "something");
    expect(await exceptions.next()).toMatchObject([{ status: "error", message: "not you" }]);
    socket.emit("fail");
    expect(await exceptions.next()).toMatchObject([{ status: "error", message: "Internal server error" }]);
    expect(await socket.emitWithAck("echo", "still here")).toBe("still here");
  });

  test("guards see the handshake", async () => {
    const [stranger, friend] = [await connected(), await connected("", { token: "valid" })];
    const exceptions = inbox(stranger, "exception");
    stranger.emit("guarded");
    expect(await exceptions.next()).toMatchObject([{ message: "Forbidden resource" }]);
    expect(await friend.emitWithAck("guarded")).toBe("let in");
  });

  test("a gateway has a namespace of its own, whose middleware decides who joins", async () => {
    const refused = inbox(client("/orders"), "connect_error");
    expect(await refused.next()).toMatchObject([{ message: "who are you?" }]);
    const socket = await connected("/orders", { customer: "ada" });
    expect(await socket.emitWithAck("customers")).toEqual(["ada"]);
  });

  test("pipes transform and validate, and a filter has its own words for what is wrong", async () => {
    const socket = await connected("/orders", { customer: "ada" });
    expect(await socket.emitWithAck("order", { article: "rope", pieces: "3" })).toEqual({ isOrder: true, total: 12 });
    expect(await socket.emitWithAck("search", "  hawser ")).toBe("hawser");
    const problems = inbox(socket, "problem");
    socket.emit("order", { article: 5, pieces: -1 });
    expect(await problems.next()).toEqual([["article", "pieces"]]);
  });

  test("a handler may acknowledge itself, with several values", async () => {
    const socket = await connected("/orders", { customer: "ada" });
    const acknowledged = await new Promise((resolve) => {
      socket.emit("reserve", "rope", (...args: unknown[]) => resolve(args));
    });
    expect(acknowledged).toEqual(["reserved", "rope"]);
  });

  test("a gateway may be of many namespaces", async () => {
    expect(await (await connected("/table-7")).emitWithAck("which")).toBe("/table-7");
    expect(await inbox(client("/table-x"), "connect_error").next()).toMatchObject([{ message: "Invalid namespace" }]);
  });

  test("a gateway may have a port of its own", async () => {
    const app = await compiled.createWithPort();
    try {
      expect(await get(`${urlOf(app)}/socket.io/?EIO=4&transport=polling`)).toMatchObject({ status: 404 });
      const at = `http://127.0.0.1:${gatewayPort}`;
      const socket = connectTo(at, { transports: ["websocket"], forceNew: true });
      sockets.push(socket);
      expect(await socket.emitWithAck("where")).toBe("at a port of its own");
    } finally {
      await app.close();
    }
  });

  test("controllers go on working, and the gateway's options are the server's", async () => {
    expect(await get(`${url}/hello`)).toMatchObject({ status: 200, body: "hello from a controller" });
    const headers = { origin: "http://page.example" };
    const handshake = await get(`${url}/socket.io/?EIO=4&transport=polling`, { headers });
    expect(handshake.headers["access-control-allow-origin"]).toBe("http://page.example");
  });

  test("the application closes with its clients", async () => {
    const { app, chat } = running;
    expect(await expectCleanClose(chat.server, url, () => app.close())).toEqual(["transport close", "transport close"]);
  });

  describe.skipIf(findProgram(programs.redis) === undefined)("behind Redis, by an adapter of Nest's", () => {
    let redis: Redis;
    let nodes: Running[] = [];

    beforeAll(async () => {
      redis = await Redis.start();
    });
    afterAll(() => redis[Symbol.asyncDispose]());
    afterEach(async () => {
      for (const { app } of nodes.splice(0)) await app.close();
    });

    test("clients of two applications are in one room", async () => {
      nodes = [await compiled.createNode(redis.url), await compiled.createNode(redis.url)];
      const [ada, bob] = await Promise.all(nodes.map(({ app }) => connected("", {}, urlOf(app))));
      const joined = inbox(ada!, "joined");
      ada!.emit("join", "news");
      await joined.next();
      bob!.emit("join", "news");
      expect(await joined.next()).toEqual([bob!.id]);
      expect((await nodes[0]!.chat.server.in("news").fetchSockets()).map(({ id }) => id).toSorted()).toEqual(
        [ada!.id, bob!.id].toSorted(),
      );
      for (const socket of [ada!, bob!]) socket.disconnect();
    });
  });
});
