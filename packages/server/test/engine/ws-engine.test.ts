/** The option `wsEngine`: classes that serve WebSockets in the place of `ws`'s. */

import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer, type ServerOptions } from "ws";
import type { Socket } from "../../src/index.ts";
import { nextEvent, TestServer, until } from "../fixture.ts";
import { upgradeRequest } from "../websocket-bytes.ts";

type Sent = (error?: Error) => void;

/** A WebSocket of an engine that is not `ws`: what it is asked to send goes to `wire`. */
class Double extends EventEmitter {
  readonly wire: [data: unknown, sent: unknown][] = [];
  closes = 0;

  /** As `ws` has it but for the options in the middle, which not every engine knows. */
  send(data: unknown, sent?: Sent): void {
    this.wire.push([data, sent]);
    setImmediate(() => sent?.());
  }

  close(): void {
    this.closes++;
    setImmediate(() => this.emit("close"));
  }
}

/** An engine that is not `ws`. It has no event `headers`, and so no `on`. */
class DoubleEngine {
  static latest: Double;

  handleUpgrade(_request: IncomingMessage, connection: Duplex, _head: Buffer, done: (webSocket: Double) => void): void {
    // Nothing is made of what the client says, but its end is to be noticed.
    connection.resume().on("end", () => connection.end());
    DoubleEngine.latest = new Double();
    done(DoubleEngine.latest);
  }

  close(): void {}
}

/** A server on an engine that is not `ws`, and the WebSocket that it has for one client, whose session is open. */
async function doubled(perMessageDeflate = false) {
  const server = await TestServer.start({ wsEngine: DoubleEngine as never, perMessageDeflate });
  const tcp = await server.tcp();
  const connection = nextEvent(server.io.engine, "connection");
  tcp.write(upgradeRequest());
  const [conn] = (await connection) as [Socket["conn"]];
  const double = DoubleEngine.latest;
  await until(() => conn.transport.writable && double.wire.length > 0);
  double.wire.length = 0;
  return { server, conn, double };
}

describe("an engine that is not ws", () => {
  it("is asked to send with a callback and without options, and then sends what has waited", async () => {
    const { conn, double } = await doubled();
    conn.send("a");
    await until(() => double.wire.length === 1);
    conn.send(Buffer.from([1])).send("b", { compress: false });
    await until(() => double.wire.length === 3);
    expect(double.wire.map(([data, sent]) => [data, typeof sent])).toEqual([
      ["4a", "function"],
      [Buffer.from([1]), "function"],
      ["4b", "function"],
    ]);
  });

  it("hands over what arrives, text as text or as bytes", async () => {
    const { conn, double } = await doubled();
    const messages: unknown[] = [];
    conn.on("message", (data) => messages.push(data));
    double.emit("message", Buffer.from("4a"), false);
    double.emit("message", "4b", false);
    double.emit("message", Buffer.from([1]), true);
    expect(messages).toEqual(["a", "b", Buffer.from([1])]);
  });

  it("ends the session when it can't send", async () => {
    const { conn, double } = await doubled();
    double.send = (_data, sent) => sent?.(new Error("broken"));
    const closed = nextEvent(conn, "close");
    conn.send("a");
    const [reason, error] = (await closed) as [string, Error];
    expect([reason, error.message, (error.cause as Error).message]).toEqual([
      "transport error",
      "write error",
      "broken",
    ]);
    expect(conn.readyState).toBe("closed");
  });

  it("closes when the session does", async () => {
    const { server, conn, double } = await doubled();
    const closed = nextEvent(conn, "close");
    conn.close();
    expect(await closed).toEqual(["forced close", undefined]);
    expect([double.closes, server.io.engine.clientsCount]).toEqual([1, 0]);
  });
});

it("a class of WebSockets that sends in its own way sends every frame in its own way", async () => {
  const sent: unknown[] = [];
  class Counting extends WebSocket {
    override send = (...args: unknown[]): void => {
      sent.push(args[0]);
      super.send(...(args as Parameters<WebSocket["send"]>));
    };
  }
  class Fork extends WebSocketServer {
    constructor(options: ServerOptions) {
      super({ ...options, WebSocket: Counting as typeof WebSocket });
    }
  }
  const server = await TestServer.start({ wsEngine: Fork as never });
  const { client, socket } = await server.join();
  socket.emit("a");
  expect(await client.next()).toBe('42["a"]');
  expect(sent).toHaveLength(3);
});
