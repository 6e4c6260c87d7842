/** The engine by itself: WebSockets that are not as `ws` makes them. */

import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { RawWebSocket } from "@hawser/testing";
import { WebSocket, WebSocketServer } from "ws";
import { Inbox, inbox, until } from "../../harness/waiting.ts";
import {
  handshakeAt,
  noteEvents,
  pollingSession,
  serveEngine,
  webSocketSession,
  type EngineSocket,
  type ServedEngine,
} from "../raw-engine.ts";
import { upgradeRequest } from "../requests.ts";
import { inEngine, type Topic } from "../row.ts";
import type { World } from "../world.ts";

/** A WebSocket that is none: what it is asked to do is noted, and what it gets is what a row says. */
class Double extends EventEmitter {
  readonly frames = new Inbox("a frame");
  /** What sending fails with. */
  failure: Error | undefined;

  send(data: unknown, sent: (error?: Error) => void): void {
    this.frames.put(data);
    setImmediate(sent, this.failure);
  }

  close(): void {
    this.frames.put("closed");
    setImmediate(() => this.emit("close"));
  }
}

/** A class that makes such WebSockets, as the option `wsEngine` has it, and the WebSockets. */
function doubles(world: World): { Engine: new (options: Record<string, unknown>) => object; made: Inbox } {
  const made = new Inbox("a WebSocket");
  let engines = 0;
  class Engine {
    constructor({ noServer, clientTracking, maxPayload }: Record<string, unknown>) {
      // Another one may be made when the HTTP server listens.
      if (engines++ === 0) world.note("engine", "made", { noServer, clientTracking, maxPayload });
    }

    handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer, accept: (double: Double) => void): void {
      world.note("engine", "handleUpgrade", request.method, head);
      connection.resume().on("end", () => connection.end());
      const double = new Double();
      made.put(double);
      accept(double);
    }

    close(): void {}
  }
  return { Engine, made };
}

/** Asks for a WebSocket, and gives the one that is made. */
async function open(world: World, { port }: ServedEngine, made: Inbox, address: string): Promise<Double> {
  const tcp = await world.tcp(port);
  tcp.write(upgradeRequest(address));
  return (await made.next())[0] as Double;
}

/** A session on such a WebSocket, whose OPEN is taken. */
async function doubledSession(world: World, served: ServedEngine, made: Inbox, revision = 4) {
  const connections = inbox(served.engine, "connection");
  const double = await open(world, served, made, handshakeAt("websocket", revision));
  const [socket] = (await connections.next()) as [EngineSocket];
  await double.frames.next();
  await until(() => socket.transport.writable, "a writable transport");
  return { double, socket };
}

export const rawWebSockets: Topic = {
  title: "The engine by itself: WebSockets",
  rows: [
    {
      id: "raw-ws-engine-fork",
      api: "option `wsEngine`: a class that extends `ws`'s",
      how: "Made with `ws`'s options; if its WebSockets are of a class of their own, all frames pass them.",
      async run(world) {
        let frames = 0;
        class Counting extends WebSocket {
          // A member, for the method has several forms.
          override send = (...args: unknown[]): void => {
            frames++;
            super.send(...(args as Parameters<WebSocket["send"]>));
          };
        }
        let made = 0;
        class Fork extends WebSocketServer {
          constructor(options: Record<string, unknown>) {
            super({ ...options, WebSocket: Counting as typeof WebSocket });
            if (made++ === 0) world.note("engine", Object.keys(options).sort(), options["maxPayload"]);
          }
        }
        const served = await serveEngine(world, { wsEngine: Fork, maxHttpBufferSize: 5_000, allowEIO3: true });
        for (const EIO of ["4", "3"]) {
          frames = 0;
          const { raw, socket } = await webSocketSession(world, served, { query: { EIO } });
          socket.send("text");
          await until(() => socket.transport.writable, "a writable transport");
          socket.send(Buffer.from([1]));
          world.note(`revision ${EIO}`, await raw.next(), await raw.next(), frames);
        }
      },
      mutation: inEngine("webSocket.send === send && ", ""),
    },
    {
      id: "raw-ws-engine-double",
      api: "option `wsEngine`: a class that has nothing of `ws`",
      how: "It is asked for `handleUpgrade` and `close`, and its WebSockets for `send(data, callback)`, `close` and three events.",
      async run(world) {
        const { Engine, made } = doubles(world);
        const served = await serveEngine(world, { wsEngine: Engine, maxHttpBufferSize: 5_000, allowEIO3: true });
        for (const revision of [4, 3]) {
          const lane = `revision ${revision}`;
          const { double, socket } = await doubledSession(world, served, made, revision);
          const ended = noteEvents(world, lane, socket, "message", "close");
          const callbacks = new Inbox("a callback");
          for (const data of ["text", Buffer.from([1, 2])]) {
            socket.send(data, { compress: false }, callbacks.put);
            await callbacks.next();
            await until(() => socket.transport.writable, "a writable transport");
            world.note(`${lane}, frame`, ...(await double.frames.next()));
          }
          double.emit("message", Buffer.from("4as bytes"), false);
          double.emit("message", "4as text", false);
          double.emit("message", Buffer.from(revision === 4 ? [7, 8] : [4, 7, 8]), true);
          socket.send("last");
          socket.close();
          await ended.next();
          world.note(`${lane}, frame`, ...(await double.frames.next()), ...(await double.frames.next()));
          world.note(lane, socket.readyState, served.engine.clientsCount);
        }
      },
      mutation: inEngine("this.socket.send(data, sent);", "this.socket.send(data, {}, sent);"),
    },
    {
      id: "raw-ws-engine-double-ends",
      api: "option `wsEngine`: WebSockets that end or fail",
      how: "The session ends with them, for the reason that Socket.IO gives.",
      async run(world) {
        const { Engine, made } = doubles(world);
        const served = await serveEngine(world, { wsEngine: Engine });
        const ends: Record<string, (double: Double, socket: EngineSocket) => unknown> = {
          closes: (double) => double.emit("close"),
          "has an error": (double) => double.emit("error", new Error("broken")),
          "can't send": (double, socket) => {
            double.failure = new Error("broken");
            socket.send("lost");
          },
        };
        for (const [name, end] of Object.entries(ends)) {
          const { double, socket } = await doubledSession(world, served, made);
          const ended = inbox(socket, "close");
          end(double, socket);
          const [reason, error] = await ended.next();
          world.note(name, reason, error?.message, error?.type);
          world.note(name, socket.readyState, served.engine.clientsCount);
        }
      },
      mutation: inEngine('new TransportError("write error", error)', "undefined"),
    },
    {
      id: "raw-ws-engine-double-upgrade",
      api: "option `wsEngine`: a session that moves to such a WebSocket",
      how: "As to any other.",
      async run(world) {
        const { Engine, made } = doubles(world);
        const served = await serveEngine(world, { wsEngine: Engine });
        const { raw, socket } = await pollingSession(world, served);
        const upgrades = noteEvents(world, "socket", socket, "message", "upgrading", "upgrade");
        const double = await open(world, served, made, `${handshakeAt("websocket")}&sid=${raw.sid}`);
        double.emit("message", "2probe", false);
        world.note("frame", ...(await double.frames.next()));
        socket.send("meanwhile");
        world.note("get", (await raw.request()).body);
        double.emit("message", "5", false);
        await upgrades.next();
        await until(() => socket.transport.writable, "a writable transport");
        double.emit("message", "4over", false);
        socket.send("there");
        world.note("frame", ...(await double.frames.next()));
      },
      mutation: inEngine("if (!session) {\n\t\t\t\t\t\tthis.#begin", "if (true) {\n\t\t\t\t\t\tthis.#begin"),
    },
    {
      id: "raw-per-message-deflate",
      api: "option `perMessageDeflate`",
      how: "Negotiated only if it is on; `ws` then compresses.",
      async run(world) {
        for (const perMessageDeflate of [undefined, true, { threshold: 10 }]) {
          const lane = JSON.stringify(perMessageDeflate) ?? "none";
          const served = await serveEngine(world, perMessageDeflate === undefined ? {} : { perMessageDeflate });
          const connections = inbox(served.engine, "connection");
          const wires = inbox(served.http, "connection");
          const frames = new Inbox("a frame");
          const webSocket = await RawWebSocket.open(`ws://127.0.0.1:${served.port}${handshakeAt("websocket")}`, {
            perMessageDeflate: true,
            onFrame: frames.put,
          });
          world.defer(() => webSocket.terminate());
          world.note(lane, webSocket.headers["sec-websocket-extensions"]);
          const [wire] = (await wires.next()) as [NetSocket];
          const [socket] = (await connections.next()) as [EngineSocket];
          await frames.next();
          for (const size of [100, 2_000]) {
            await until(() => socket.transport.writable, "a writable transport");
            const before = wire.bytesWritten;
            socket.send("x".repeat(size));
            await frames.next();
            world.note(lane, size, wire.bytesWritten - before < size ? "is smaller" : "is as it was");
          }
        }
      },
      mutation: inEngine("maxPayload: maxHttpBufferSize,\n\t\t\tperMessageDeflate", "maxPayload: maxHttpBufferSize"),
    },
  ],
};
