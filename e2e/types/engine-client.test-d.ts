/** What programs for engine.io-client say, TypeScript takes from hawser-client/engine. */

import {
  Fetch,
  NodeWebSocket,
  Socket,
  Transport,
  type CloseDetails,
  type HandshakeData,
  type Packet,
  type RawData,
  type SocketOptions,
  type TransportError,
} from "hawser-client/engine";
import { describe, expectTypeOf, test } from "vitest";

declare const socket: Socket;

describe("a socket", () => {
  test("is made with a URI, with options, with both or with neither", () => {
    const options: SocketOptions = {
      transports: ["websocket"],
      query: { a: 1 },
      agent: false,
      extraHeaders: { b: "c" },
    };
    expectTypeOf(new Socket()).toEqualTypeOf<Socket>();
    expectTypeOf(new Socket("ws://server.test")).toEqualTypeOf<Socket>();
    expectTypeOf(new Socket(options)).toEqualTypeOf<Socket>();
    expectTypeOf(
      new Socket("ws://server.test", { transportImplementations: [Fetch, NodeWebSocket] }),
    ).toEqualTypeOf<Socket>();
    // @ts-expect-error - there is no such option
    new Socket({ transport: "websocket" });
  });

  test("takes listeners of what is expected to arrive", () => {
    socket.on("message", (data) => expectTypeOf(data).toEqualTypeOf<RawData>());
    socket.on("message", (data: string) => data.length).once("data", (data: ArrayBuffer) => data.byteLength);
    socket.on("close", (reason: string, details?: CloseDetails | Error) => [reason, details]);
    socket.on("error", (error: string | Error) => error);
    socket.on("error", (error: TransportError) => error.description);
    socket.on("handshake", (handshake: HandshakeData) => handshake.sid);
    socket.on("packet", (packet: Packet) => packet.type);
    socket.on("upgrade", (transport: Transport) => transport.name);
    socket.on("upgradeError", (error) => expectTypeOf(error).toEqualTypeOf<Error>());
    // @ts-expect-error - there is no such event
    socket.on("connect", () => {});
    // @ts-expect-error - a message is never a number
    socket.on("message", (data: number) => data);
  });

  test("sends what can be sent", () => {
    expectTypeOf(socket.send("text").write(new Uint8Array(), { compress: false }, () => {})).toEqualTypeOf<Socket>();
    socket.send(new Blob([]), () => {});
    // @ts-expect-error - an object must be made text first
    socket.send({});
  });
});

test("a transport of one's own is a class like the others", () => {
  class Own extends Transport {
    get name(): string {
      return "own";
    }
    protected doOpen(): void {
      this.onOpen();
    }
    protected doClose(): void {}
    protected write(packets: Packet[]): void {
      expectTypeOf(this.createUri("own", this.query)).toBeString();
      this.onData(String(packets.length));
      this.emitReserved("drain");
    }
  }
  expectTypeOf(new Socket({ transports: [Own] })).toEqualTypeOf<Socket>();
});
