import { Server } from "hawser";
import { Manager, io } from "hawser-client";
import parser, * as parserByNames from "hawser-msgpack-parser";
import * as official from "socket.io";
import officialParser from "socket.io-msgpack-parser";
import { expectTypeOf, test } from "vitest";

test("either MessagePack parser is one for hawser, and hawser's is one for Socket.IO", () => {
  new Server({ parser });
  new Server({ parser: parserByNames });
  new Server({ parser: officialParser });
  io({ parser });
  io({ parser: officialParser });
  new Manager("http://localhost", { parser: parserByNames });
  new official.Server({ parser });
});

test("what gives no messages is no parser", () => {
  class Encoder {
    encode(): number {
      return 1;
    }
  }
  // @ts-expect-error a number is no message
  new Server({ parser: { ...parser, Encoder } });
  // @ts-expect-error there is no Decoder
  io({ parser: { Encoder: parser.Encoder } });
});

test("the encoder gives one message, and the decoder packets", () => {
  expectTypeOf(new parser.Encoder().encode({ type: 1, nsp: "/" })).toEqualTypeOf<[Uint8Array]>();
  new parser.Decoder().on("decoded", (packet) => expectTypeOf(packet.nsp).toBeString());
});
