import { sizeOf, type EnginePacket } from "@hawser/core";
import type { EventPacket, Frame } from "@hawser/parser";

/** What a broadcast's recipients share: the packet, encoded and framed once. */
export interface PreparedBroadcast {
  readonly packet: EventPacket;
  readonly enginePackets: readonly EnginePacket[];
  readonly volatile: boolean;
}

/** Makes engine packets of frames; `prepared: null` invites the first transport to leave its own form for the next. */
export function shareFrames(frames: readonly Frame[], compress: boolean | undefined): EnginePacket[] {
  const options = compress === undefined ? undefined : { compress };
  return frames.map((data) => ({ type: "message", data, options, prepared: null }));
}

/** How many bytes packets take on the wire, about. */
export function sizeOfPackets(packets: readonly EnginePacket[]): number {
  let size = 0;
  for (const { data } of packets) {
    size += sizeOf(data);
  }
  return size;
}
