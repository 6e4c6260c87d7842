import {
  CLIENT_ROLE,
  DeadlineTimers,
  REVISION_4,
  Turn,
  type Clock,
  type Deadlines,
  type SessionSettings,
} from "@hawser/core";
import type { Runtime } from "./runtime/runtime.ts";

/** Milliseconds within which an upgrade must be over. The server has its own idea, and says so by closing. */
const UPGRADE_TIMEOUT = 20_000;

/** Milliseconds within which a connection that is being closed must have sent what it holds. */
const CLOSE_TIMEOUT = 30_000;

/** What the connections of one Manager share. */
export class Environment {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly turn: Turn;
  readonly session: SessionSettings;

  constructor(runtime: Runtime, clock: Clock) {
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
  }
}
