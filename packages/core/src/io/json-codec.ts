import { PacketDecoder, encodePacket } from "@hawser/parser";
import type { Codec } from "./mux.ts";

/** Packets as JSON text with binary values as attachments: what both ends use unless they are told otherwise. */
export const JSON_CODEC: Codec = {
  encode: (packet) => encodePacket(packet),
  createDecoder: () => new PacketDecoder(),
};
