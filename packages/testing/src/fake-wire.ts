import type { CloseReason, Transport } from "@hawser/core";
import { Direction } from "./direction.ts";
import type { FakeClock } from "./fake-clock.ts";
import { makePollingEnds } from "./fake-polling.ts";
import type { FakeTransport } from "./fake-transport.ts";
import { makeWebSocketEnds } from "./fake-websocket.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Transcript, type Side } from "./transcript.ts";

export interface FakeWireOptions {
  /** How the transports behave. Default: `"websocket"`. */
  flavour?: "websocket" | "polling";
  /** The wire's name in the transcript. Default: its flavour. */
  name?: string;
  /** Milliseconds from one end to the other. Default: 0. */
  latency?: number;
  /** Milliseconds of which a random part is added to the latency. Default: 0. */
  jitter?: number;
  /** Where the jitter is drawn from. Default: one with seed 1, so that every run is the same. */
  random?: SeededRandom;
  /**
   * Called when the connection reaches the server, with the server's end. Whoever sets no handler here must have set
   * it before. It may refuse the connection by calling `abort()`. Default: does nothing.
   */
  accept?: (server: Transport) => void;
  /** What to write into, if several wires are to share a transcript. Default: one of its own. */
  transcript?: Transcript;
}

/** How a wire is cut. */
export interface CutOptions {
  /** What the transports report. Default: `"transport error"`. */
  reason?: CloseReason;
  /** Which ends notice; the other one hears nothing any more, and is not told. Default: `"both"`. */
  noticedBy?: Side | "both";
}

/**
 * A wire between two transports, at virtual time. Packets are written into frames and read again on the other side,
 * so that the two ends share no object. Nothing ever happens on the stack of a call: all of it waits for
 * `clock.advance()`.
 *
 * - `"websocket"`: opens after a round trip, and is always writable then.
 * - `"polling"`: the client keeps one GET waiting and sends by POST, one at a time; the server is writable while a GET
 *   waits and answers it with the whole batch. GETs and POSTs may overtake each other.
 */
export class FakeWire {
  /** The client's end. */
  readonly client: Transport;
  /** The server's end. */
  readonly server: Transport;
  /** What goes from the server to the client: latency, jitter, `hold`, `release`, `drop`. */
  readonly toClient: Direction;
  /** What goes from the client to the server: latency, jitter, `hold`, `release`, `drop`. */
  readonly toServer: Direction;
  /** What was sent, what arrived and what was lost. */
  readonly transcript: Transcript;
  readonly #clock: FakeClock;
  readonly #ends: { client: FakeTransport; server: FakeTransport };

  constructor(clock: FakeClock, options: FakeWireOptions = {}) {
    const { flavour = "websocket", name = flavour, latency = 0, jitter = 0, accept = () => {} } = options;
    const random = options.random ?? new SeededRandom(1);
    this.#clock = clock;
    this.transcript = options.transcript ?? new Transcript();
    this.toClient = new Direction(clock, random, latency, jitter);
    this.toServer = new Direction(clock, random, latency, jitter);
    const makeEnds = flavour === "polling" ? makePollingEnds : makeWebSocketEnds;
    this.#ends = makeEnds(clock, name, this.transcript, this.toServer, this.toClient, accept);
    this.client = this.#ends.client;
    this.server = this.#ends.server;
  }

  /** Cuts the wire: what is on its way is lost, and the ends report that they closed, the client's first. */
  cut({ reason = "transport error", noticedBy = "both" }: CutOptions = {}): void {
    this.toClient.drop();
    this.toServer.drop();
    for (const side of ["client", "server"] as const) {
      if (noticedBy === "both" || noticedBy === side) {
        this.#clock.deliver(() => this.#ends[side].cut(reason), 0);
      }
    }
  }

  /** Back-pressure: the end on `side` is not writable until {@link relieve}. */
  stall(side: Side): void {
    this.#ends[side].stall();
  }

  /** Ends the back-pressure; the end on `side` reports that it is writable, unless something else hinders it. */
  relieve(side: Side): void {
    this.#ends[side].relieve();
  }
}
