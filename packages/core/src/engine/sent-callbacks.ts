/**
 * Who asked to be told of messages that a session was given, until these have been handed to the transport. Made when the first one asks.
 */
export class SentCallbacks<Callback> {
  private readonly $waiting: { readonly callback: Callback; readonly number: number }[] = [];
  /** How many packets have been in the outbox. */
  private $count: number;

  /** @param queued - how many packets are in the outbox */
  constructor(queued: number) {
    this.$count = queued;
  }

  /** Somebody asks, of the next packet. */
  add(callback: Callback): void {
    this.$waiting.push({ callback, number: this.$count + 1 });
  }

  /** A packet is put into the outbox. */
  countPacket(): void {
    this.$count++;
  }

  /**
   * Takes those whose messages have left, in the order in which they asked.
   *
   * @param queued - how many packets are in the outbox
   */
  take(queued: number): Callback[] {
    const left = this.$count - queued;
    const first = this.$waiting.findIndex(({ number }) => number > left);
    return this.$waiting.splice(0, first === -1 ? Infinity : first).map(({ callback }) => callback);
  }
}
