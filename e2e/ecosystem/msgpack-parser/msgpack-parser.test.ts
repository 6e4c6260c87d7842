/** `socket.io-msgpack-parser` as the parser of both ends. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server, Socket } from "socket.io";
import type { ManagerOptions, Socket as ClientSocket, SocketOptions } from "socket.io-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerEchoes, expectConversations } from "../../harness/conversation.ts";
import type { ClientModule, ServerClass } from "../../harness/context.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { Application } from "../application.ts";

const application = new Application("msgpack-parser");
const { Server: HawserServer } = application.require("socket.io") as { Server: ServerClass };
const { io: connectTo } = application.require("socket.io-client") as ClientModule;
const parser = application.require("socket.io-msgpack-parser") as {
  Encoder: new () => { encode(packet: { type: number }): unknown[] };
  Decoder: new () => object;
};

/** The type of a packet that joins a namespace. */
const CONNECT = 0;

let io: Server;
let url: string;
const clients: ClientSocket[] = [];

beforeEach(async () => {
  const httpServer = createServer();
  io = new HawserServer(httpServer, { parser });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await io.close();
});

/** A client and its socket at the server. */
async function connect(namespace = "", options: Partial<ManagerOptions & SocketOptions> = {}) {
  const connections = inbox(io.of(namespace || "/"), "connection");
  const client = connectTo(`${url}${namespace}`, { parser, forceNew: true, ...options });
  clients.push(client);
  const connected = inbox(client, "connect");
  const [socket] = (await connections.next()) as [Socket];
  await connected.next();
  return { client, socket };
}

test("both ends are hawser's", () => {
  expect(application.nameOf("socket.io")).toBe("hawser");
  expect(application.nameOf("socket.io-client")).toBe("hawser-client");
});

test("both ends talk over each transport", async () => {
  answerEchoes(io);
  await expectConversations(io, url, { parser });
});

test("values keep what MessagePack has and JSON has not", async () => {
  const { client, socket } = await connect();
  socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
  const value = {
    bytes: Buffer.from([1, 2, 3]),
    date: new Date(86_400_000),
    text: "żółw",
    nested: [null, -1.5, 2 ** 40],
  };
  expect(await client.emitWithAck("echo", value)).toEqual(value);
});

test("namespaces, their middlewares' refusals, and what clients say of themselves", async () => {
  io.of("/admin").use(({ handshake }, next) => {
    if (handshake.auth.token === "secret") return next();
    next(Object.assign(new Error("not you"), { data: { wanted: "secret" } }));
  });
  const { socket } = await connect("/admin", { auth: { token: "secret" } });
  expect(socket.nsp.name).toBe("/admin");
  const refused = connectTo(`${url}/admin`, { parser, forceNew: true });
  clients.push(refused);
  const [error] = await inbox(refused, "connect_error").next();
  expect(error).toMatchObject({ message: "not you", data: { wanted: "secret" } });
});

test("broadcasts reach each member of a room once, as bytes on the wire, and their answers come back", async () => {
  const [ada, bob, outsider] = [await connect(), await connect(), await connect()];
  await Promise.all([ada.socket.join("news"), bob.socket.join("news")]);
  const heard: unknown[] = [];
  const frames: unknown[] = [];
  ada.socket.conn.on("packetCreate", ({ data }: { data: unknown }) => frames.push(data));
  for (const { client } of [ada, bob]) {
    client.on("headline", (text: unknown, answer: (id: unknown) => void) => {
      heard.push(text);
      answer(client.id);
    });
  }
  outsider.client.onAny((event) => heard.push(`outsider: ${event}`));
  const answers = (await io.to("news").timeout(5_000).emitWithAck("headline", "ahoy")) as unknown[];
  expect(answers.toSorted()).toEqual([ada.client.id, bob.client.id].toSorted());
  outsider.socket.emit("last");
  await until(() => heard.length === 3, "the last event");
  expect(heard).toEqual(["ahoy", "ahoy", "outsider: last"]);
  expect(frames).toEqual([expect.any(Buffer)]);
});

test("a packet that is no MessagePack ends that connection and no other", async () => {
  const sane = await connect();
  const { Encoder, Decoder } = parser;
  /** Says what it must, and nonsense from then on. */
  class BrokenEncoder extends Encoder {
    override encode(packet: { type: number }): unknown[] {
      return packet.type === CONNECT ? super.encode(packet) : [Buffer.from([0xc1, 0, 0xc1])];
    }
  }
  const broken = await connect("", { parser: { Encoder: BrokenEncoder, Decoder } });
  const gone = inbox(broken.socket, "disconnect");
  broken.client.emit("anything");
  expect((await gone.next())[0]).toBe("forced close");
  sane.socket.on("ping?", (answer: (text: string) => void) => answer("pong"));
  expect(await sane.client.emitWithAck("ping?")).toBe("pong");
});
