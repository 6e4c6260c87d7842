/** Parsers of the application's own, at both ends: subclasses of the one that there is, and others that know nothing of it. */

import { EventEmitter } from "node:events";
import { deserialize, serialize } from "node:v8";
import { Decoder, Encoder, isPacketValid, type Frame, type Packet } from "@hawser/parser";
import { RawClient } from "@hawser/testing";
import { describe, expect, test } from "vitest";
import { createContext } from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { describeScenarios } from "../harness/run-scenarios.ts";
import { inbox } from "../harness/waiting.ts";
import { scenarios } from "../scenarios.ts";

/** JSON with BigInts, by way of a replacer and a reviver. */
const withBigInts = {
  Encoder: class extends Encoder {
    constructor() {
      super((_key, value) => (typeof value === "bigint" ? { $bigint: String(value) } : value));
    }
  },
  Decoder: class extends Decoder {
    constructor() {
      super((_key, value) => {
        const digits = (value as { $bigint?: string } | null)?.$bigint;
        return digits === undefined ? value : BigInt(digits);
      });
    }
  },
};

/** One binary message for each packet, written as parsers were when there were no classes. */
function SerializingEncoder(): void {}

SerializingEncoder.prototype.encode = (packet: Packet): Frame[] => [serialize(packet)];

function SerializingDecoder(this: object): void {
  EventEmitter.call(this as never);
}

Object.setPrototypeOf(SerializingDecoder.prototype, EventEmitter.prototype);

SerializingDecoder.prototype.add = function (this: EventEmitter, frame: Uint8Array): void {
  const packet = deserialize(frame) as Packet;
  if (!isPacketValid(packet)) {
    throw new Error("invalid format");
  }
  this.emit("decoded", packet);
};

SerializingDecoder.prototype.destroy = (): void => {};

const serializing = { Encoder: SerializingEncoder, Decoder: SerializingDecoder };

/** JSON, whose packets are decoded in a later turn. */
const patient = {
  Encoder,
  Decoder: class extends Decoder {
    override add(frame: unknown): void {
      setImmediate(() => super.add(frame));
    }
  },
};

const parsers = { withBigInts, serializing, patient };

/** JSON has no word for it; other parsers may. */
const OF_JSON_ALONE = "an event needs no arguments, and undefined arrives as null";

for (const [name, parser] of Object.entries(parsers)) {
  describeScenarios(
    `a parser of one's own, ${name},`,
    scenarios.filter((scenario) => parser !== serializing || scenario.name !== OF_JSON_ALONE),
    (transportMode) => ({
      Server: servers.hawser.use,
      io: clients.hawser.use.io,
      transportMode,
      serverOptions: { parser },
      clientOptions: { parser },
    }),
    ["upgrade"],
  );
}

describe.each([
  ["hawser", servers.hawser, clients.hawser],
  ["Socket.IO's server", servers.official, clients.hawser],
  ["Socket.IO's client", servers.hawser, clients.official],
] as const)("values that JSON does not have, with %s", (_name, server, client) => {
  test("go both ways", async () => {
    const context = createContext({
      Server: server.use,
      io: client.use.io,
      transportMode: "websocket",
      serverOptions: { parser: withBigInts },
      clientOptions: { parser: withBigInts },
    });
    try {
      const { io } = await context.createServer();
      io.on("connection", (socket) => {
        socket.on("double", (value: bigint, rope: Buffer, answer: (value: bigint, rope: Buffer) => void) =>
          answer(value * 2n, rope),
        );
      });
      const socket = context.connect();
      const answer = new Promise((resolve) => {
        socket.emit("double", 2n ** 70n, Buffer.from("rope"), (...args: unknown[]) => resolve(args));
      });
      expect(await answer).toEqual([2n ** 71n, Buffer.from("rope")]);
    } finally {
      await context.dispose();
    }
  });
});

describe("what a parser lets through, or can't read", () => {
  /** A parser that is sure of everything. */
  const credulous = {
    Encoder: class {
      encode(packet: unknown): string[] {
        return [JSON.stringify(packet)];
      }
    },
    Decoder: class extends EventEmitter {
      add(frame: string): void {
        this.emit("decoded", JSON.parse(frame));
      }

      destroy(): void {}
    },
  };

  test.each(['{"type":2,"nsp":"/","data":"text"}', '{"type":2,"nsp":"/"}', '{"type":7}', "null", "{"])(
    "ends the connection that it came by, and no other: %s",
    async (frame) => {
      const context = createContext({
        Server: servers.hawser.use,
        io: clients.hawser.use.io,
        transportMode: "websocket",
        serverOptions: { parser: credulous },
        clientOptions: { parser: credulous },
      });
      try {
        const { io, port } = await context.createServer();
        const connections = inbox(io, "connection");
        await using raw = new RawClient(`http://127.0.0.1:${port}`);
        await raw.connect("websocket");
        await raw.send('4{"type":0,"nsp":"/"}');
        const [bad] = await connections.next();
        const other = context.connect();
        const [good] = await connections.next();
        const gone = inbox(bad, "disconnect");
        await raw.send(`4${frame}`);
        expect((await gone.next())[0]).toBe("forced close");
        const heard = inbox(good, "hello");
        other.emit("hello");
        await heard.next();
      } finally {
        await context.dispose();
      }
    },
  );
});
