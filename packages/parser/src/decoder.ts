import { Reconstruction, type BinaryData, type Frame } from "./binary.ts";
import { decodeHeader, type DecodedHeader, type Reviver } from "./decode.ts";
import type { Packet } from "./packet.ts";
import { packetError, type ProtocolError } from "./protocol-error.ts";
import type { PacketViolation } from "./violations.ts";

/** How many attachments one packet may have unless the application says otherwise. */
export const DEFAULT_MAX_ATTACHMENTS = 10;

/** What a decoder may be told. */
export interface PacketDecoderOptions {
  /** How many attachments a packet may announce. Default: 10. */
  maxAttachments?: number | undefined;
  /** Applied to the data as by `JSON.parse`; what it throws makes the packet a violation. */
  reviver?: Reviver | undefined;
}

/** The outcome of one frame: a whole packet, a violation, or `undefined` while attachments are still to come. */
export type DecodeResult = Packet | ProtocolError<PacketViolation> | undefined;

/**
 * Turns the frames of one connection into packets. Two states: idle, and waiting for the attachments of one packet.
 * After a violation the decoder is idle again, but the connection should be closed: frames that belong to the bad
 * packet may still follow.
 */
export class PacketDecoder {
  private readonly $maxAttachments: number;
  private readonly $reviver: Reviver | undefined;
  private $header: DecodedHeader | undefined;
  private $attachments: BinaryData[] = [];

  constructor(options: PacketDecoderOptions = {}) {
    this.$maxAttachments = options.maxAttachments ?? DEFAULT_MAX_ATTACHMENTS;
    this.$reviver = options.reviver;
  }

  /** Whether attachments of a packet are still to come. */
  get pending(): boolean {
    return this.$header !== undefined;
  }

  /** Takes the next frame. Never throws. */
  add(frame: Frame): DecodeResult {
    return typeof frame === "string" ? this.$addText(frame) : this.$addAttachment(frame);
  }

  /** Forgets a half-received packet. */
  reset(): void {
    this.$header = undefined;
    this.$attachments = [];
  }

  private $addText(text: string): DecodeResult {
    if (this.$header) {
      this.reset();
      return packetError("ERR_TEXT_WITHIN_BINARY");
    }
    const header = decodeHeader(text, this.$maxAttachments, this.$reviver);
    if ("code" in header) {
      return header;
    }
    if (header.attachments === 0) {
      return header.packet;
    }
    this.$header = header;
    return undefined;
  }

  private $addAttachment(attachment: BinaryData): DecodeResult {
    const header = this.$header;
    if (!header) {
      return packetError("ERR_BINARY_UNEXPECTED");
    }
    this.$attachments.push(attachment);
    if (this.$attachments.length < header.attachments) {
      return undefined;
    }
    const reconstruction = new Reconstruction(this.$attachments);
    this.reset();
    try {
      header.packet.data = reconstruction.apply(header.packet.data) as typeof header.packet.data;
    } catch (error) {
      // A reviver may have made objects that do not let themselves be changed.
      return packetError("ERR_PACKET_PAYLOAD", error);
    }
    return reconstruction.failure ? packetError(reconstruction.failure) : header.packet;
  }
}
