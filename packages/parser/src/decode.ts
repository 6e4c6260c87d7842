import { assemblePacket } from "./assemble.ts";
import { PacketType, type Packet } from "./packet.ts";
import { packetError, type ProtocolError } from "./protocol-error.ts";
import type { PacketViolation } from "./violations.ts";

/** What `JSON.parse` takes as its second argument. */
export type Reviver = NonNullable<Parameters<typeof JSON.parse>[1]>;

/** A packet whose text frame has been read; `attachments` binary frames must follow before it is whole. */
export interface DecodedHeader {
  packet: Packet;
  attachments: number;
}

const ZERO = 48;
const NINE = 57;
const SLASH = 47;
const DASH = 45;

/** The index of the first character at or after `from` that is not a digit. */
function skipDigits(text: string, from: number): number {
  let index = from;
  while (index < text.length && text.charCodeAt(index) >= ZERO && text.charCodeAt(index) <= NINE) {
    index++;
  }
  return index;
}

/**
 * Reads one text frame: `type [attachments "-"] [nsp ","] [id] [json]`. One pass, no regular expression: the work is
 * linear in the frame's length whatever it holds.
 *
 * @param text - the frame
 * @param maxAttachments - how many attachments a packet may announce
 * @param reviver - applied to the data as by `JSON.parse`
 * @returns the packet with the number of attachments to wait for, or the violation
 */
export function decodeHeader(
  text: string,
  maxAttachments: number,
  reviver?: Reviver,
): DecodedHeader | ProtocolError<PacketViolation> {
  const wireType = text.charCodeAt(0) - ZERO;
  if (!(wireType >= PacketType.CONNECT && wireType <= PacketType.BINARY_ACK)) {
    return packetError("ERR_PACKET_TYPE");
  }
  let index = 1;
  let attachments = 0;
  const binary = wireType >= PacketType.BINARY_EVENT;
  if (binary) {
    const end = skipDigits(text, index);
    attachments = Number(text.slice(index, end));
    if (attachments < 1 || text.charCodeAt(end) !== DASH) {
      return packetError("ERR_ATTACHMENT_COUNT");
    }
    if (attachments > maxAttachments) {
      return packetError("ERR_TOO_MANY_ATTACHMENTS");
    }
    index = end + 1;
  }

  let nsp = "/";
  if (text.charCodeAt(index) === SLASH) {
    const comma = text.indexOf(",", index);
    nsp = comma === -1 ? text.slice(index) : text.slice(index, comma);
    index = comma === -1 ? text.length : comma + 1;
  }

  let id: number | undefined;
  const idEnd = skipDigits(text, index);
  if (idEnd > index) {
    id = Number(text.slice(index, idEnd));
    if (!Number.isSafeInteger(id)) {
      return packetError("ERR_ACK_ID");
    }
    index = idEnd;
  }

  let data: unknown;
  if (index < text.length) {
    try {
      data = JSON.parse(text.slice(index), reviver) as unknown;
    } catch (error) {
      return packetError("ERR_PACKET_PAYLOAD", error);
    }
    // `null` is a value that fits no packet type; nothing at all is the mark of an absent payload.
    data ??= null;
  }

  const type = binary ? wireType - 3 : wireType;
  const packet = assemblePacket(type, nsp, id, data);
  return "code" in packet ? packet : { packet, attachments };
}
