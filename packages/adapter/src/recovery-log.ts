import type { BroadcastOptions, Room } from "./contract.ts";

/** How much a {@link RecoveryLog} remembers; whichever limit is met first counts. */
export interface RecoveryLogLimits {
  /** Milliseconds. */
  readonly maxAge: number;
  /** Packets. */
  readonly maxPackets: number;
  /** Bytes of encoded packets. */
  readonly maxBytes: number;
}

interface Entry {
  readonly at: number;
  readonly bytes: number;
  readonly options: BroadcastOptions;
  readonly data: unknown[];
}

/**
 * The latest events of a namespace, in order, each with an offset by which a client says what it received last. Offsets
 * count up behind a prefix that no other log has, so one is found without a search, and one of an earlier run is unknown.
 */
export class RecoveryLog {
  readonly #prefix: string;
  readonly #limits: RecoveryLogLimits;
  readonly #now: () => number;
  #entries: Entry[] = [];
  /** The position of the first element of the list. */
  #start = 0;
  /** How many elements at the front of the list have been dropped already. */
  #dropped = 0;
  #bytes = 0;

  /**
   * @param prefix - unlike that of any other log
   * @param now - the present, in milliseconds
   */
  constructor(prefix: string, limits: RecoveryLogLimits, now: () => number) {
    this.#prefix = prefix;
    this.#limits = limits;
    this.#now = now;
  }

  /** The position behind the last entry: what comes from now on. */
  get position(): number {
    return this.#start + this.#entries.length;
  }

  /** How many events the log holds. */
  get size(): number {
    return this.#entries.length - this.#dropped;
  }

  /** What the log holds, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The offset that says that everything up to `position` was received. */
  offsetOf(position: number): string {
    return this.#prefix + position.toString(36);
  }

  /** The position that an offset stands for, if it is one of this log. */
  positionOf(offset: string): number | undefined {
    if (!offset.startsWith(this.#prefix)) {
      return undefined;
    }
    const position = Number.parseInt(offset.slice(this.#prefix.length), 36);
    return position >= 0 && position <= this.position && this.offsetOf(position) === offset ? position : undefined;
  }

  /** Remembers an event. */
  append(options: BroadcastOptions, data: unknown[], bytes: number): void {
    this.#entries.push({ at: this.#now(), bytes, options, data });
    this.#bytes += bytes;
    this.#trim();
  }

  /**
   * The events from `position` on that were for a socket in `rooms`.
   *
   * @returns undefined if the log does not reach back that far
   */
  since(position: number, rooms: ReadonlySet<Room>): unknown[][] | undefined {
    this.#trim();
    if (position < this.#start + this.#dropped) {
      return undefined;
    }
    const missed: unknown[][] = [];
    for (let index = position - this.#start; index < this.#entries.length; index++) {
      const { options, data } = this.#entries[index] as Entry;
      if (concerns(options, rooms)) {
        missed.push(data);
      }
    }
    return missed;
  }

  /** Drops from the front what is too old or too much. */
  #trim(): void {
    const { maxAge, maxPackets, maxBytes } = this.#limits;
    const oldest = this.#now() - maxAge;
    for (let entry = this.#entries[this.#dropped]; entry; entry = this.#entries[this.#dropped]) {
      if (this.size <= maxPackets && this.#bytes <= maxBytes && entry.at >= oldest) {
        break;
      }
      this.#dropped++;
      this.#bytes -= entry.bytes;
    }
    // Moving the rest to the front costs as much as it is long: it is done when half of the list is gone.
    if (this.#dropped * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#dropped);
      this.#start += this.#dropped;
      this.#dropped = 0;
    }
  }
}

function concerns(options: BroadcastOptions, rooms: ReadonlySet<Room>): boolean {
  const isMember = (room: Room): boolean => rooms.has(room);
  const addressed = options.rooms.size === 0 || [...options.rooms].some(isMember);
  return addressed && ![...(options.except ?? [])].some(isMember);
}
