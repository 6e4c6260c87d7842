import type { Codec, FrameDecoder, PacketReceiver } from "@hawser/core";
import { ProtocolError, type DecodeResult, type Frame, type Packet } from "@hawser/parser";
import { debugFor } from "./debug.ts";

const debug = debugFor("parser", "socket.io-parser");

/** A decoder that says what it makes of each frame. */
class TellingDecoder implements FrameDecoder {
  readonly #decoder: FrameDecoder;
  /** The last frame, which may be told of later; undefined once it has been. */
  #frame: Frame | undefined;

  constructor(codec: Codec, receiver: PacketReceiver) {
    this.#decoder = codec.createDecoder({
      onDecoded: (result) => {
        this.#tell(result);
        receiver.onDecoded(result);
      },
    });
  }

  get pending(): boolean {
    return this.#decoder.pending;
  }

  add(frame: Frame): DecodeResult {
    this.#frame = frame;
    const result = this.#decoder.add(frame);
    if (result) {
      this.#tell(result);
    } else if (this.#frame !== undefined) {
      debug("%o is a part of a packet", frame);
    }
    return result;
  }

  reset(): void {
    this.#decoder.reset();
  }

  #tell(result: Packet | ProtocolError): void {
    const frame = this.#frame ?? "an earlier frame";
    this.#frame = undefined;
    if (result instanceof ProtocolError) {
      debug("can't decode %o: %s", frame, result.code);
    } else {
      debug("decoded %o as %o", frame, result);
    }
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
    createDecoder: (receiver) => new TellingDecoder(codec, receiver),
  };
}
