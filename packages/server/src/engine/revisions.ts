/** The revisions of the Engine.IO protocol that a server speaks. */

import {
  REVISION_4 as CORE_REVISION_4,
  decodeEnginePacket,
  decodeEnginePayload,
  encodeEnginePacket,
  encodeEnginePayload,
  type EngineData,
  type EnginePacket,
  type Revision,
  type ViolationCode,
} from "@hawser/core";
import type { ProtocolError } from "@hawser/parser";
import { decodePacket3, decodePayload3, encodePacket3, encodePayload3 } from "./wire-3.ts";

/** What differs between the revisions, for a server. One object is chosen at the handshake and asked from then on. */
export interface EngineRevision extends Revision {
  /** Whether the bodies of polling may be binary. */
  readonly binaryPayloads: boolean;
  /** Whether a binary message is a frame of just its bytes, which recipients of one broadcast can share. */
  readonly bareBinaryFrames: boolean;
  encodePacket(packet: EnginePacket, supportsBinary: boolean): EngineData;
  decodePacket(encoded: string | Buffer): EnginePacket | ProtocolError<ViolationCode>;
  encodePayload(packets: readonly EnginePacket[], supportsBinary: boolean): string | Buffer;
  decodePayload(
    payload: string | Buffer,
    accept: (packet: EnginePacket) => boolean,
  ): ProtocolError<ViolationCode> | undefined;
}

// The encoders call back within the call: only a browser must wait for what is in a Blob.
let encoded: EngineData = "";
const keepEncoded = (result: EngineData): void => {
  encoded = result;
};

/** Revision 4, of Socket.IO 3 and 4. */
export const REVISION_4: EngineRevision = {
  ...CORE_REVISION_4,
  binaryPayloads: false,
  bareBinaryFrames: true,
  encodePacket(packet, supportsBinary) {
    encodeEnginePacket(packet, supportsBinary, keepEncoded);
    return encoded;
  },
  decodePacket: (frame) => decodeEnginePacket(frame),
  encodePayload(packets) {
    encodeEnginePayload(packets, keepEncoded);
    return encoded as string;
  },
  decodePayload: (payload, accept) => decodeEnginePayload(payload as string, "nodebuffer", accept),
};

/** Revision 3, of Socket.IO 1 and 2: the client sends the pings. */
export const REVISION_3: EngineRevision = {
  protocol: 3,
  pinger: "client",
  binaryPayloads: true,
  bareBinaryFrames: false,
  encodePacket: encodePacket3,
  decodePacket: decodePacket3,
  encodePayload: encodePayload3,
  decodePayload: decodePayload3,
};
