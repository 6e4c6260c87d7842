/**
 * Nest's gateways on its own Socket.IO package, for which `socket.io` means hawser here (`pnpm-workspace.yaml`). Decorators are
 * called by hand: nothing compiles them.
 */

import "reflect-metadata";
import { createRequire } from "node:module";
import { Controller, Get, Module, type INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { IoAdapter } from "@nestjs/platform-socket.io";
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from "@nestjs/websockets";
import type { Namespace, Server, Socket } from "socket.io";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectCleanClose, expectConversations } from "../harness/conversation.ts";
import { get } from "../harness/get.ts";
import { clients } from "../harness/implementations.ts";
import { inbox } from "../harness/waiting.ts";

const require = createRequire(import.meta.url);
const log: string[] = [];

class Gateway {
  server!: Server;

  afterInit(server: Server): void {
    log.push(`initialised ${server === this.server}`);
  }

  handleConnection(socket: Socket): void {
    log.push(`connected ${socket.conn.transport.name}`);
  }

  handleDisconnect(): void {
    log.push("disconnected");
  }

  /** What is returned is the acknowledgement. */
  echo(value: unknown): unknown {
    return value;
  }

  join(socket: Socket, room: string): void {
    void socket.join(room);
    this.server.to(room).emit("joined", socket.id);
  }

  refuse(): never {
    throw new WsException("not you");
  }
}

class AdminGateway {
  server!: Namespace;

  /** What is returned is an event for the client. */
  count(): { event: string; data: number } {
    return { event: "count", data: this.server.sockets.size };
  }
}

class Pages {
  hello(): string {
    return "hello from a controller";
  }
}

class Application {}

/** Decorates a method. */
function method(owner: abstract new () => object, name: string, decorator: MethodDecorator): void {
  decorator(owner.prototype as object, name, Object.getOwnPropertyDescriptor(owner.prototype, name)!);
}

WebSocketServer()(Gateway.prototype, "server");
method(Gateway, "echo", SubscribeMessage("echo"));
MessageBody()(Gateway.prototype, "echo", 0);
method(Gateway, "join", SubscribeMessage("join"));
ConnectedSocket()(Gateway.prototype, "join", 0);
MessageBody()(Gateway.prototype, "join", 1);
method(Gateway, "refuse", SubscribeMessage("refuse"));
WebSocketGateway({ cors: { origin: "http://page.example" } })(Gateway);

WebSocketServer()(AdminGateway.prototype, "server");
method(AdminGateway, "count", SubscribeMessage("count"));
WebSocketGateway({ namespace: "admin" })(AdminGateway);

method(Pages, "hello", Get("hello"));
Controller()(Pages);
Module({ controllers: [Pages], providers: [Gateway, AdminGateway] })(Application);

let app: INestApplication;
let url: string;

beforeEach(async () => {
  log.length = 0;
  app = await NestFactory.create(Application, { logger: false });
  app.useWebSocketAdapter(new IoAdapter(app));
  await app.listen(0, "127.0.0.1");
  url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
});

afterEach(() => app.close());

test("the server is hawser's", () => {
  const hawser = require("hawser") as { Server: typeof Server };
  const requireAsNest = createRequire(require.resolve("@nestjs/platform-socket.io"));
  expect((requireAsNest("socket.io") as typeof hawser).Server).toBe(hawser.Server);
  expect(app.get(Gateway).server.constructor).toBe(hawser.Server);
});

test("a gateway talks over each transport, and hears of those who come and go", async () => {
  await expectConversations(app.get(Gateway).server, url);
  const came = ["polling", "websocket", "polling"].flatMap((transport) => [`connected ${transport}`, "disconnected"]);
  expect(log).toEqual(["initialised true", ...came]);
});

test("a gateway uses rooms, and its exceptions reach the client", async () => {
  const client = clients.hawser.use.io(url, { forceNew: true });
  try {
    const joined = inbox(client, "joined");
    const exceptions = inbox(client, "exception");
    client.emit("join", "news");
    expect(await joined.next()).toEqual([client.id]);
    client.emit("refuse");
    expect(await exceptions.next()).toMatchObject([{ status: "error", message: "not you" }]);
  } finally {
    client.disconnect();
  }
});

test("a gateway may have a namespace of its own", async () => {
  const client = clients.hawser.use.io(`${url}/admin`, { forceNew: true });
  try {
    const counts = inbox(client, "count");
    client.emit("count");
    expect(await counts.next()).toEqual([1]);
  } finally {
    client.disconnect();
  }
});

test("controllers go on working, and the gateway's options are the server's", async () => {
  expect(await get(`${url}/hello`)).toMatchObject({ status: 200, body: "hello from a controller" });
  const headers = { origin: "http://page.example" };
  const handshake = await get(`${url}/socket.io/?EIO=4&transport=polling`, { headers });
  expect(handshake.headers["access-control-allow-origin"]).toBe("http://page.example");
});

test("the application closes with its clients", async () => {
  const { server } = app.get(Gateway);
  expect(await expectCleanClose(server, url, () => app.close())).toEqual(["transport close", "transport close"]);
});
