import {
  Deadlines,
  REVISION_4,
  Turn,
  type Clock,
  type Codec,
  type MuxSettings,
  type SessionSettings,
} from "@hawser/core";
import { PacketDecoder, encodePacket } from "@hawser/parser";
import type { Runtime } from "./runtime/runtime.ts";

/** Milliseconds within which an upgrade must be over. The server has its own idea, and says so by closing. */
const UPGRADE_TIMEOUT = 20_000;

/** Milliseconds within which a connection that is being closed must have sent what it holds. */
const CLOSE_TIMEOUT = 30_000;

const codec: Codec = {
  encode: encodePacket,
  createDecoder: () => new PacketDecoder(),
};

/** What all connections of a Manager share. */
export class Environment {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly turn: Turn;
  readonly session: SessionSettings;
  readonly mux: MuxSettings;

  constructor(runtime: Runtime, clock: Clock) {
    const deadlines = new Deadlines(clock);
    const turn = new Turn(clock);
    this.runtime = runtime;
    this.clock = clock;
    this.deadlines = deadlines;
    this.turn = turn;
    this.session = {
      role: "client",
      deadlines,
      turn,
      revision: REVISION_4,
      upgradeTimeout: UPGRADE_TIMEOUT,
      closeTimeout: CLOSE_TIMEOUT,
    };
    this.mux = { codec, deadlines, turn, attachmentTimeout: Infinity };
  }
}
