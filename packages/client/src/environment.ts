import {
  CLIENT_ROLE,
  DeadlineTimers,
  REVISION_4,
  Turn,
  codecOf,
  type Clock,
  type Deadlines,
  type MuxSettings,
  type Parser,
  type SessionSettings,
} from "@hawser/core";
import { DEFAULT_CODEC } from "./default-codec.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** Milliseconds within which an upgrade must be over. The server has its own idea, and says so by closing. */
const UPGRADE_TIMEOUT = 20_000;

/** Milliseconds within which a connection that is being closed must have sent what it holds. */
const CLOSE_TIMEOUT = 30_000;

/** What all connections of a Manager share. */
export class Environment {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly turn: Turn;
  readonly session: SessionSettings;
  readonly mux: MuxSettings;

  constructor(runtime: Runtime, clock: Clock, parser: Parser | undefined) {
    const deadlines = new DeadlineTimers(clock);
    const turn = new Turn(clock);
    this.runtime = runtime;
    this.clock = clock;
    this.deadlines = deadlines;
    this.turn = turn;
    this.session = {
      role: CLIENT_ROLE,
      deadlines,
      turn,
      revision: REVISION_4,
      upgradeTimeout: UPGRADE_TIMEOUT,
      closeTimeout: CLOSE_TIMEOUT,
    };
    this.mux = { codec: parser ? codecOf(parser) : DEFAULT_CODEC, turn };
  }
}
