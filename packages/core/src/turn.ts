import type { Clock } from "./ports.ts";

/** A connection whose inbox holds packets that were read but not yet handled. */
export interface Inbox {
  /** Hands what waits to the rooms above. */
  drain(): void;
}

/** A session whose outbox holds packets that were sent but not yet written. */
export interface Outlet {
  /** Writes what waits, if the transport can take it. */
  flush(): void;
}

/**
 * The deferred turn that follows a read or an emit: first all inboxes are drained, in the order in which they were
 * filled, then all outboxes are flushed. Hence user code never runs on the stack of a transport's read, and what a
 * connection is sent within one tick leaves in one write.
 *
 * ```
 *  read ──► decode ──► inbox ┐                     ┌► flush ──► one write per connection
 *  read ──► decode ──► inbox ┴─► (turn) drain ─ emit
 * ```
 */
export class Turn {
  private readonly $clock: Clock;
  private $inboxes: Inbox[] = [];
  private $outlets: Outlet[] = [];
  private $scheduled = false;
  private readonly $onTurn = (): void => this.$run();

  constructor(clock: Clock) {
    this.$clock = clock;
  }

  /** Asks for `inbox.drain()` in the coming turn. To be called once until the drain happened. */
  awaitDrain(inbox: Inbox): void {
    this.$inboxes.push(inbox);
    this.$schedule();
  }

  /** Asks for `outlet.flush()` at the end of the coming turn. To be called once until the flush happened. */
  awaitFlush(outlet: Outlet): void {
    this.$outlets.push(outlet);
    this.$schedule();
  }

  private $schedule(): void {
    if (!this.$scheduled) {
      this.$scheduled = true;
      this.$clock.defer(this.$onTurn);
    }
  }

  private $run(): void {
    // Still marked as scheduled: what the drained handlers ask for joins this turn.
    while (this.$inboxes.length > 0) {
      const inboxes = this.$inboxes;
      this.$inboxes = [];
      for (const inbox of inboxes) {
        this.$guard(inbox, "drain");
      }
    }
    const outlets = this.$outlets;
    this.$outlets = [];
    this.$scheduled = false;
    for (const outlet of outlets) {
      this.$guard(outlet, "flush");
    }
  }

  /** An exception that got this far surfaces as uncaught in a turn of its own, and no other connection feels it. */
  private $guard<Step extends "drain" | "flush">(target: Record<Step, () => void>, step: Step): void {
    try {
      target[step]();
    } catch (error) {
      this.$clock.defer(() => {
        throw error;
      });
    }
  }
}
