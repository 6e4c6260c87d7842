import type { Codec, FrameDecoder } from "@hawser/core";
import { ProtocolError, type DecodeResult, type Frame, type Packet } from "@hawser/parser";
import { debugFor } from "./debug.ts";

const debug = debugFor("parser", "socket.io-parser");

/** A decoder that says what it makes of each frame. */
class TellingDecoder implements FrameDecoder {
  readonly #decoder: FrameDecoder;

  constructor(decoder: FrameDecoder) {
    this.#decoder = decoder;
  }

  get pending(): boolean {
    return this.#decoder.pending;
  }

  add(frame: Frame): DecodeResult {
    const result = this.#decoder.add(frame);
    if (result instanceof ProtocolError) {
      debug("can't decode %o: %s", frame, result.code);
    } else if (result) {
      debug("decoded %o as %o", frame, result);
    } else {
      debug("%o is a part of a packet", frame);
    }
    return result;
  }

  reset(): void {
    this.#decoder.reset();
  }
}

/**
 * Makes a codec say what it does, if anybody wants to read that. It is decided here once: every packet of every connection
 * passes a codec, and a silent one is the codec itself.
 */
export function telling(codec: Codec): Codec {
  if (!debug.enabled) {
    return codec;
  }
  return {
    encode(packet: Packet): Frame[] {
      const frames = codec.encode(packet);
      debug("encoded %o as %o", packet, frames);
      return frames;
    },
    createDecoder: () => new TellingDecoder(codec.createDecoder()),
  };
}
