/** MessagePack on the wire, with hawser at either end or both: Socket.IO's parser understands it, and is understood. */

import { RawClient } from "@hawser/testing";
import * as hawserParser from "hawser-msgpack-parser";
import { describe, expect, test } from "vitest";
import officialParser from "socket.io-msgpack-parser";
import { createContext, type ClientModule, type ServerClass } from "../harness/context.ts";
import { clients, servers, type Implementation } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { flushed, join, pair } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";
import { scenarios } from "../scenarios.ts";

/** What is at one end of the connection. */
interface End<T> extends Implementation<T> {
  readonly parser: object;
}

const end = <T>({ name, use }: Implementation<T>, parser: object): End<T> => ({
  name: `${name} with ${parser === officialParser ? "Socket.IO's" : "hawser's"} parser`,
  use,
  parser,
});

const ends = {
  hawserServer: end(servers.hawser, hawserParser),
  hawserClient: end(clients.hawser, hawserParser),
  officialServer: end(servers.official, officialParser),
  officialClient: end(clients.official, officialParser),
};

const settings = (server: End<ServerClass>, client: End<ClientModule>) => ({
  Server: server.use,
  io: client.use.io,
  serverOptions: { parser: server.parser },
  clientOptions: { parser: client.parser },
});

/** All scenarios but these, whose names tell why. */
function without(...names: string[]): typeof scenarios {
  const rest = scenarios.filter(({ name }) => !names.includes(name));
  expect(rest).toHaveLength(scenarios.length - names.length);
  return rest;
}

const UNDEFINED_IS_NULL = "an event needs no arguments, and undefined arrives as null";
// Socket.IO's parser sends the memory around a typed array along.
const WINDOWS_FROM = {
  client: "binary nested in objects and arrays travels from client to server",
  server: "binary nested in objects and arrays travels from server to client",
};

for (const [server, client, all] of [
  [ends.hawserServer, ends.officialClient, without(UNDEFINED_IS_NULL, WINDOWS_FROM.client)],
  [ends.officialServer, ends.hawserClient, without(UNDEFINED_IS_NULL, WINDOWS_FROM.server)],
] as const) {
  const title = `${server.name}, and ${client.name},`;
  describeScenarios(title, all, (transportMode) => ({ ...settings(server, client), transportMode }), [
    "polling",
    "websocket",
  ]);
}

for (const [server, client] of [
  [ends.hawserServer, ends.hawserClient],
  [end(servers.official, hawserParser), end(clients.official, hawserParser)],
] as const) {
  const title = `${server.name}, and ${client.name},`;
  describeScenarios(
    title,
    without(UNDEFINED_IS_NULL),
    (transportMode) => ({ ...settings(server, client), transportMode }),
    ["websocket"],
  );
}

/** Values that JSON can't carry, or not as they are; and what they are at the other end. */
const VALUES: readonly (readonly [sent: unknown, received: unknown])[] = [
  [undefined, undefined],
  [{ member: undefined }, { member: undefined }],
  [new Date(1.7e12), new Date(1.7e12)],
  [
    [NaN, -Infinity],
    [NaN, -Infinity],
  ],
  [2 ** 53 - 1, 2 ** 53 - 1],
  [-(2 ** 40), -(2 ** 40)],
  ["ünïcödé 🚢".repeat(1000), "ünïcödé 🚢".repeat(1000)],
  [
    { name: "file", parts: [Buffer.from([0, 255]), { deep: Buffer.alloc(70_000, 7) }] },
    { name: "file", parts: [Buffer.from([0, 255]), { deep: Buffer.alloc(70_000, 7) }] },
  ],
  [{ toJSON: () => ({ said: "so" }), hidden: 1 }, { said: "so" }],
  [{ run: () => {}, stays: 1 }, { stays: 1 }],
  // More than the default parser's receivers take.
  [
    Array.from({ length: 20 }, (_, index) => Buffer.from([index])),
    Array.from({ length: 20 }, (_, index) => Buffer.from([index])),
  ],
];
const sent = VALUES.map(([value]) => value);
const received = VALUES.map(([, value]) => value);

describe.each([
  [ends.hawserServer, ends.hawserClient],
  [ends.hawserServer, ends.officialClient],
  [ends.officialServer, ends.hawserClient],
] as const)("$0.name, and $1.name,", (server, client) => {
  test.each(["polling", "websocket", "upgrade"] as const)(
    "over %s: values arrive as what they are",
    async (transportMode) => {
      const context = createContext({ ...settings(server, client), transportMode });
      try {
        const { client: here, socket: there } = await pair(context);
        there.on("values", (...values: unknown[]) => {
          const reply = values.pop() as (...answer: unknown[]) => void;
          there.emit("back", ...sent);
          reply(values);
        });
        const back = inbox(here, "back");
        const echoed = (await here.emitWithAck("values", ...sent)) as unknown;
        expect(echoed).toStrictEqual(received);
        expect(await back.next()).toStrictEqual(received);
      } finally {
        await context.dispose();
      }
    },
  );
});

describe("a server with MessagePack", () => {
  const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
  const packet = (fields: unknown): Buffer => {
    const [message] = new hawserParser.Encoder().encode(fields as never);
    return Buffer.from(message);
  };

  test.each([
    ["ERR_PACKET_TYPE", '42["a"]'],
    ["ERR_PACKET_TYPE", packet({ type: 5, nsp: "/", data: ["a"] })],
    ["ERR_PACKET_NAMESPACE", packet({ type: 2, nsp: "admin", data: ["a"] })],
    ["ERR_RESERVED_EVENT", packet({ type: 2, nsp: "/", data: ["disconnect", "a forged reason"] })],
    ["ERR_ACK_ID", packet({ type: 3, nsp: "/", data: [] })],
    ["ERR_PACKET_PAYLOAD", hex("c9ffffffff00")],
    ["ERR_NESTING", hex("91".repeat(100_000))],
  ])("ends the session because of %s, and harms nobody else", async (code, bad) => {
    const context = createContext({ ...settings(ends.hawserServer, ends.hawserClient), transportMode: "websocket" });
    const server = await context.createServer();
    const other = await join(context, server);
    const raw = new RawClient(`http://127.0.0.1:${server.port}`, { answerPings: true });
    try {
      const connections = inbox(server.io, "connection");
      await raw.connect();
      await raw.send(packet({ type: 0, nsp: "/" }));
      const [socket] = await connections.next();
      const ended = inbox(socket, "disconnect");
      await raw.send(bad);
      expect(await ended.next()).toEqual(["forced close", expect.objectContaining({ code })]);
      await flushed(other);
    } finally {
      await raw.close();
      await context.dispose();
    }
  });
});

describe("ends with different parsers", () => {
  const { use: hawserServer } = servers.hawser;
  const { io: hawserClient } = clients.hawser.use;

  test.each([
    ["the server has MessagePack", { parser: hawserParser }, {}, "ERR_PACKET_TYPE"],
    ["the client has MessagePack", {}, { parser: hawserParser }, "ERR_BINARY_UNEXPECTED"],
  ])("do not come together, and the server can tell why: %s", async (_which, serverOptions, clientOptions, code) => {
    const context = createContext({
      Server: hawserServer,
      io: hawserClient,
      transportMode: "websocket",
      serverOptions: serverOptions as object,
      clientOptions,
    });
    try {
      const { io } = await context.createServer();
      const connections = inbox(io.engine, "connection");
      const refused = inbox(context.connect(), "connect_error");
      const [conn] = await connections.next();
      expect(await inbox(conn, "close").next()).toEqual(["forced close", expect.objectContaining({ code })]);
      await refused.next();
    } finally {
      await context.dispose();
    }
  });
});
