import { Deadline, failure, type Deadlines } from "@hawser/core";
import { debugFor } from "./debug.ts";

const debug = debugFor("broadcast-operator", "socket.io:broadcast-operator");

/** Told of the outcome: with an error, the answers are those that came in time. */
export type BroadcastAckCallback = (error: Error | null, responses: unknown) => void;

/**
 * The answers to one broadcast: it is complete when every node has said how many sockets it sent the event to, and as
 * many answers have come.
 */
export class BroadcastAck extends Deadline {
  readonly #deadlines: Deadlines;
  readonly #callback: BroadcastAckCallback;
  readonly #single: boolean;
  readonly #responses: unknown[] = [];
  #missingServers = 0;
  #serversKnown = false;
  #expected = 0;
  #done = false;

  /**
   * @param timeout - milliseconds to wait for the answers
   * @param single - whether one socket is meant: the outcome is its answer rather than a list
   */
  constructor(deadlines: Deadlines, callback: BroadcastAckCallback, timeout: number, single: boolean) {
    super();
    this.#deadlines = deadlines;
    this.#callback = callback;
    this.#single = single;
    deadlines.start(this, timeout);
  }

  /** How many nodes take part. */
  setServerCount(count: number): void {
    this.#serversKnown = true;
    this.#missingServers += count;
    this.#completeIfAll();
  }

  /** A node has sent the event to this many sockets. */
  addClientCount(count: number): void {
    this.#missingServers--;
    this.#expected += count;
    this.#completeIfAll();
  }

  /** An answer has come. */
  addResponse(response: unknown): void {
    if (!this.#done) {
      this.#responses.push(response);
      this.#completeIfAll();
    }
  }

  /** The event can't be sent: nobody is told. */
  abandon(): void {
    this.#done = true;
    this.#deadlines.stop(this);
  }

  override expire(): void {
    this.#finish(failure("ERR_ACK_TIMEOUT"));
  }

  #completeIfAll(): void {
    // A node that came meanwhile may say its number, too.
    if (this.#serversKnown && this.#missingServers <= 0 && this.#responses.length === this.#expected) {
      this.#finish(null);
    }
  }

  #finish(error: Error | null): void {
    if (!this.#done) {
      this.#done = true;
      this.#deadlines.stop(this);
      debug("%d of %d answers to a broadcast: %s", this.#responses.length, this.#expected, error ? "too late" : "all");
      this.#callback(error, this.#single ? this.#responses[0] : this.#responses);
    }
  }
}
