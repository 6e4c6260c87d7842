import type { EnginePacket, SessionPort } from "@hawser/core";
import type { Frame } from "@hawser/parser";
import { shareFrames } from "../broadcast.ts";
import type { WriteOptions } from "./names.ts";

/** A broadcast's packets, which hold what the first recipient's transport made of them, by the array that its recipients share. */
const shared = new WeakMap<readonly Frame[], EnginePacket[]>();

/** Sends what an adapter has encoded to one of the recipients, in this turn like all else. */
export function writeFrames(session: SessionPort, frames: readonly Frame[], options: WriteOptions): void {
  if (options.volatile && !session.writable) {
    return;
  }
  let packets = shared.get(frames);
  if (!packets) {
    packets = shareFrames(frames, options.compress);
    shared.set(frames, packets);
  }
  for (const packet of packets) {
    session.sendPacket(packet);
  }
}
