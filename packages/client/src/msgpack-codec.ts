/** Takes the place of `default-codec.ts` in `socket.io.msgpack.min.js`. */

import type { Codec, FrameDecoder } from "@hawser/core";
import { decodePacket, encodePacket } from "hawser-msgpack-parser";

/** No packet is ever half received, so that one decoder serves all connections. */
const DECODER: FrameDecoder = { pending: false, add: decodePacket, reset: () => {} };

export const DEFAULT_CODEC: Codec = {
  encode: (packet) => [encodePacket(packet)],
  createDecoder: () => DECODER,
};
