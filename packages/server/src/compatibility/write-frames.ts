import type { EnginePacket, SessionPort } from "@hawser/core";
import type { Frame } from "@hawser/parser";
import { shareFrames } from "../broadcast.ts";
import type { WriteOptions } from "./names.ts";

/** A broadcast's packets, which hold what the first recipient's transport made of them, by the array that its recipients share. */
const shared = new WeakMap<readonly Frame[], EnginePacket[]>();

/** Sends what an adapter has encoded to one of the recipients, in this turn like all else. */
export function writeFrames(session: SessionPort, frames: readonly Frame[] | Frame, options: WriteOptions): void {
  if (options.volatile && !session.writable) {
    return;
  }
  for (const packet of isList(frames) ? packetsOf(frames, options) : shareFrames([frames], options.compress)) {
    session.sendPacket(packet);
  }
}

function isList(frames: readonly Frame[] | Frame): frames is readonly Frame[] {
  return Array.isArray(frames);
}

function packetsOf(frames: readonly Frame[], { compress }: WriteOptions): EnginePacket[] {
  let packets = shared.get(frames);
  if (!packets) {
    packets = shareFrames(frames, compress);
    shared.set(frames, packets);
  }
  return packets;
}
