import { failure } from "../errors.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";

/** What the application passed to be called with the answer. */
export type AckCallback = (...args: unknown[]) => void;

/** Calls the application's callback; its exceptions end there. */
export type AckRunner = (callback: AckCallback, args: unknown[]) => void;

/** How an acknowledgement is awaited. */
export interface AckOptions {
  /** Whether the callback takes an error first, and is told when no answer will come. */
  errorFirst: boolean;
  /** Milliseconds to wait for the answer. Default: for ever. */
  timeout?: number | undefined;
}

/** A reply that is still to come: registered, then exactly once settled, expired or dropped. */
export class PendingAck extends Deadline {
  readonly id: number;
  readonly callback: AckCallback;
  readonly errorFirst: boolean;
  private readonly $acks: Acks;

  constructor(acks: Acks, id: number, callback: AckCallback, errorFirst: boolean) {
    super();
    this.$acks = acks;
    this.id = id;
    this.callback = callback;
    this.errorFirst = errorFirst;
  }

  override expire(): void {
    this.$acks.expire(this);
  }
}

/** The pending acknowledgements of one namespace on one connection. */
export class Acks {
  /** Told of an id whose time has run out, before its callback is. */
  onExpired: ((id: number) => void) | undefined;
  private readonly $deadlines: Deadlines;
  private readonly $run: AckRunner;
  private readonly $pending = new Map<number, PendingAck>();

  constructor(deadlines: Deadlines, run: AckRunner) {
    this.$deadlines = deadlines;
    this.$run = run;
  }

  /** How many answers are awaited. */
  get size(): number {
    return this.$pending.size;
  }

  /** Whether the answer to `id` is awaited. */
  has(id: number): boolean {
    return this.$pending.has(id);
  }

  /** Waits for the answer to `id`. */
  register(id: number, callback: AckCallback, options: AckOptions): void {
    const pending = new PendingAck(this, id, callback, options.errorFirst);
    this.$pending.set(id, pending);
    if (options.timeout !== undefined) {
      this.$deadlines.start(pending, options.timeout);
    }
  }

  /** The answer to `id` came. One that nobody waits for, or waits for no longer, is ignored. */
  settle(id: number, args: unknown[]): void {
    const pending = this.$take(id);
    if (pending) {
      this.$run(pending.callback, pending.errorFirst ? [null, ...args] : args);
    }
  }

  /** The event can't be sent: forgets `id`, and nobody is told. */
  forget(id: number): void {
    this.$take(id);
  }

  /** The event was not sent: forgets `id`, unless its time limit is going to tell the callback. */
  abandon(id: number): void {
    if (this.$pending.get(id)?.armed === false) {
      this.$pending.delete(id);
    }
  }

  /** @internal The time of `pending` has run out. */
  expire(pending: PendingAck): void {
    this.$pending.delete(pending.id);
    this.onExpired?.(pending.id);
    if (pending.errorFirst) {
      this.$run(pending.callback, [failure("ERR_ACK_TIMEOUT")]);
    }
  }

  /**
   * No answers will come any more: error-first callbacks are told, plain ones are freed uncalled.
   *
   * @param keep - says which ids still have a packet waiting to be sent, and so a chance
   */
  disconnect(keep?: (id: number) => boolean): void {
    for (const id of [...this.$pending.keys()]) {
      if (keep?.(id)) {
        continue;
      }
      const pending = this.$take(id);
      if (pending?.errorFirst) {
        this.$run(pending.callback, [failure("ERR_DISCONNECTED")]);
      }
    }
  }

  private $take(id: number): PendingAck | undefined {
    const pending = this.$pending.get(id);
    if (pending) {
      this.$pending.delete(id);
      this.$deadlines.stop(pending);
    }
    return pending;
  }
}
