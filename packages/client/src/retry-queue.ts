import type { AckCallback, ClientLink, SendFlags } from "@hawser/core";
import type { EventData } from "@hawser/parser";
import { debugFor } from "./debug.ts";

const debug = debugFor("socket", "socket.io-client:socket");

/** An event that is to be sent until the server has acknowledged it. */
interface QueuedEvent {
  readonly data: EventData;
  readonly flags: SendFlags;
  readonly timeout: number | undefined;
  readonly callback: AckCallback | undefined;
  tries: number;
}

/**
 * The events of a socket with the option `retries`. They are sent one after the other, each until the server has
 * acknowledged it or has failed to do so too often, so that none overtakes another. The server may get one of them twice.
 */
export class RetryQueue {
  private readonly $link: ClientLink;
  private readonly $retries: number;
  private readonly $events: QueuedEvent[] = [];
  /** Whether the first event was sent and may still be acknowledged. */
  private $inFlight = false;

  /**
   * @param retries - how often to send an event again
   */
  constructor(link: ClientLink, retries: number) {
    this.$link = link;
    this.$retries = retries;
  }

  /**
   * Takes an event.
   *
   * @param timeout - milliseconds to wait for each acknowledgement; `undefined` for as long as the connection lasts
   * @param callback - told of the outcome, the error first
   */
  push(data: EventData, flags: SendFlags, timeout: number | undefined, callback: AckCallback | undefined): void {
    this.$events.push({ data, flags, timeout, callback, tries: 0 });
    this.sendNext();
  }

  /** Sends the first event if it is its time, as it is when the socket has been connected. */
  sendNext(): void {
    const [event] = this.$events;
    if (!event || this.$inFlight || this.$link.state !== "connected") {
      return;
    }
    this.$inFlight = true;
    event.tries++;
    debug("try %d of %o", event.tries, event.data);
    const options = { errorFirst: true, timeout: event.timeout };
    try {
      this.$link.emit(event.data, event.flags, (...outcome) => this.$settle(event, outcome), options);
    } catch (error) {
      // It can't be encoded, however often one tries.
      this.$inFlight = false;
      this.$events.shift();
      throw error;
    }
  }

  private $settle(event: QueuedEvent, outcome: unknown[]): void {
    if (event !== this.$events[0]) {
      return;
    }
    this.$inFlight = false;
    const [error] = outcome;
    try {
      if (!error || event.tries > this.$retries) {
        this.$events.shift();
        event.callback?.(...outcome);
      }
    } finally {
      this.sendNext();
    }
  }
}
