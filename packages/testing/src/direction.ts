import type { TimerHandle } from "@hawser/core";
import { frameMatches, type Frame, type FrameMatcher } from "./engine-frames.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Something on its way. */
export interface Parcel {
  /** The packets in it; none in a request or a bare answer. */
  readonly frames: readonly Frame[];
  arrive(): void;
  /** It will never arrive. */
  lose(): void;
}

/** What holds for everything that goes one way over a wire. Changes apply to what is sent from then on. */
export class Direction {
  /** Milliseconds that everything takes. */
  latency: number;
  /** Milliseconds that are drawn from at random, and added. It never changes the order. */
  jitter: number;
  /**
   * Whether what arrives at one moment comes in one read, with no deferred work done in between. Otherwise each `send`
   * comes by itself.
   */
  coalesce = true;
  readonly #clock: FakeClock;
  readonly #random: SeededRandom;
  readonly #lanes: Lane[] = [];
  #holds: FrameMatcher[] = [];
  #holdsAll = false;
  #dead = false;

  constructor(clock: FakeClock, random: SeededRandom, latency: number, jitter: number) {
    this.#clock = clock;
    this.#random = random;
    this.latency = latency;
    this.jitter = jitter;
  }

  /**
   * Stops the first parcel with a frame that `matcher` means; what was sent behind it on the same connection waits too.
   *
   * @param matcher - default: everything is held, requests and bare answers included
   */
  hold(matcher?: FrameMatcher): void {
    if (matcher === undefined) {
      this.#holdsAll = true;
    } else {
      this.#holds.push(matcher);
    }
  }

  /** Ends every hold. What was due meanwhile arrives at the present moment, in order, once the clock is advanced. */
  release(): void {
    this.#holds = [];
    this.#holdsAll = false;
    for (const lane of this.#lanes) {
      lane.pump();
    }
  }

  /** How many parcels are on their way or held. */
  get inFlight(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.length, 0);
  }

  /** From now on nothing arrives, nor does what is on its way, and nobody is told: one half of a half-open link. */
  drop(): void {
    this.#dead = true;
    for (const lane of this.#lanes) {
      lane.clear();
    }
  }

  /** @internal A connection of its own: in order within, in no order with others. */
  lane(): Lane {
    const lane = new Lane(this.#clock, this);
    this.#lanes.push(lane);
    return lane;
  }

  /** @internal */
  get dead(): boolean {
    return this.#dead;
  }

  /** @internal */
  holds(parcel: Parcel): boolean {
    return this.#holdsAll || this.#holds.some((matcher) => parcel.frames.some((frame) => frameMatches(frame, matcher)));
  }

  /** @internal When what is sent now arrives. */
  arrival(): number {
    const jitter = this.jitter > 0 ? this.#random.next() * this.jitter : 0;
    return this.#clock.now() + this.latency + jitter;
  }
}

/** One connection in one direction: first in, first out. */
export class Lane {
  readonly #clock: FakeClock;
  readonly #direction: Direction;
  #parcels: { parcel: Parcel; due: number }[] = [];
  #timer: TimerHandle = undefined;

  constructor(clock: FakeClock, direction: Direction) {
    this.#clock = clock;
    this.#direction = direction;
  }

  get length(): number {
    return this.#parcels.length;
  }

  push(parcel: Parcel): void {
    if (this.#direction.dead) {
      parcel.lose();
      return;
    }
    this.#parcels.push({ parcel, due: this.#direction.arrival() });
    if (this.#parcels.length === 1) {
      this.pump();
    }
  }

  /** Looks anew at when the first parcel may arrive. One that is due before those ahead of it arrives right after them. */
  pump(): void {
    this.#clock.clearTimer(this.#timer);
    const first = this.#parcels[0];
    if (first && !this.#direction.holds(first.parcel)) {
      this.#timer = this.#clock.deliver(() => this.#read(), first.due - this.#clock.now());
    }
  }

  clear(): void {
    this.#clock.clearTimer(this.#timer);
    const lost = this.#parcels;
    this.#parcels = [];
    for (const { parcel } of lost) {
      parcel.lose();
    }
  }

  #read(): void {
    const now = this.#clock.now();
    try {
      for (
        let first = this.#parcels[0];
        first && first.due <= now && !this.#direction.holds(first.parcel);
        first = this.#parcels[0]
      ) {
        this.#parcels.shift();
        first.parcel.arrive();
        if (!this.#direction.coalesce) {
          break;
        }
      }
    } finally {
      this.pump();
    }
  }
}
