/**
 * What stands in for `engine.io-parser` in the bundles: as much of it as a client needs, for pages, where nothing has to be looked
 * for. Binary data that arrives is an `ArrayBuffer`.
 */

import type { EngineData, EnginePacket, EnginePacketType } from "@hawser/core";

/** The packet types, each at the place that is its digit on the wire. */
const TYPES = "open close ping pong message upgrade noop".split(" ") as EnginePacketType[];

const ZERO = 48;

/** What the door to `engine.io-parser` expects of a packet that can't be decoded. */
const ERROR: { readonly type: "error"; readonly data?: undefined } = { type: "error" };

/**
 * Encodes one packet.
 *
 * @param supportsBinary - whether the transport carries binary frames; if not, binary data becomes base64 text
 * @param done - receives the encoded packet; later than the call where binary data becomes text
 */
export function encodePacket(
  { type, data }: EnginePacket,
  supportsBinary: boolean,
  done: (encoded: EngineData) => void,
): void {
  if (typeof data !== "object") {
    done(TYPES.indexOf(type) + (data ?? ""));
  } else if (supportsBinary) {
    done(data);
  } else {
    const reader = new FileReader();
    reader.onload = () => {
      // Where there is no data, there need not be a comma.
      const [, base64 = ""] = (reader.result as string).split(",");
      done(`b${base64}`);
    };
    reader.readAsDataURL(new Blob([data as BlobPart]));
  }
}

/** Decodes one packet from a frame, or from one record of a payload. */
export function decodePacket(encoded: EngineData): EnginePacket | typeof ERROR {
  if (typeof encoded !== "string") {
    return { type: "message", data: encoded };
  }
  const data = encoded.slice(1);
  if (encoded.startsWith("b")) {
    try {
      return { type: "message", data: Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)).buffer };
    } catch {
      return ERROR;
    }
  }
  const type = TYPES[encoded.charCodeAt(0) - ZERO];
  if (!type) {
    return ERROR;
  }
  return data ? { type, data } : { type };
}
