import { debugFor } from "./debug.ts";
import { Backoff, Deadline, type BackoffOptions, type Deadlines } from "@hawser/core";

const debug = debugFor("manager", "socket.io-client:manager");

/** What a reconnection asks of its Manager. */
export interface ReconnectionPort {
  /** The wait is over: the `attempt`-th attempt is to be made, counting from 1. */
  onReconnectAttempt(attempt: number): void;
  /** All attempts that were allowed have failed. */
  onReconnectGivenUp(): void;
}

/**
 * `off`: nobody wants to be connected. `watching`: a connection is open, or is being made for the first time.
 * `waiting`: the next attempt is due later. `attempting`: it is being made.
 */
export type ReconnectionState = "off" | "watching" | "waiting" | "attempting";

/**
 * Brings a lost connection back.
 *
 * ```
 *            ┌──────────── stop(), or all attempts used up ◄───────────┐
 *            ▼                                                         │
 *  off ── begin() ──► watching ── lost() ──► waiting ── in time ──► attempting
 *                        ▲                      ▲ └──── begin() ───────►│ │
 *                        │                      └──────── lost() ───────┘ │
 *                        └─────────────────────── succeed() ──────────────┘
 * ```
 */
export class Reconnection extends Deadline {
  /** Whether to try at all. */
  enabled: boolean;
  /** How often to try before giving up. */
  maxAttempts: number;
  readonly backoff: Backoff;
  private readonly $deadlines: Deadlines;
  private readonly $port: ReconnectionPort;
  private $state: ReconnectionState = "off";

  constructor(
    deadlines: Deadlines,
    port: ReconnectionPort,
    enabled: boolean,
    maxAttempts: number,
    backoff: BackoffOptions,
  ) {
    super();
    this.$deadlines = deadlines;
    this.$port = port;
    this.enabled = enabled;
    this.maxAttempts = maxAttempts;
    this.backoff = new Backoff(backoff);
  }

  get state(): ReconnectionState {
    return this.$state;
  }

  /** Someone opens the connection; while an attempt is due, this is it. */
  begin(): void {
    this.$deadlines.stop(this);
    if (this.$state === "off") {
      this.$state = "watching";
    } else if (this.$state === "waiting") {
      this.$state = "attempting";
    }
  }

  /**
   * The connection is open.
   *
   * @returns how many attempts that took; `undefined` if it is the first connection, not a reconnection
   */
  succeed(): number | undefined {
    const attempts = this.$state === "attempting" ? this.backoff.attempts : undefined;
    this.$state = "watching";
    this.backoff.reset();
    return attempts;
  }

  /** The connection was lost, or could not be made. */
  lost(): void {
    if (this.$state === "off") {
      return;
    }
    if (!this.enabled) {
      this.stop();
    } else if (this.backoff.attempts >= this.maxAttempts) {
      this.stop();
      this.$port.onReconnectGivenUp();
    } else {
      this.$state = "waiting";
      const delay = this.backoff.next();
      debug("attempt %d in %d ms", this.backoff.attempts, delay);
      this.$deadlines.start(this, delay);
    }
  }

  /** Nobody wants to be connected any more. */
  stop(): void {
    this.$state = "off";
    this.$deadlines.stop(this);
    this.backoff.reset();
  }

  override expire(): void {
    this.$state = "attempting";
    this.$port.onReconnectAttempt(this.backoff.attempts);
  }
}
