import type { Offset } from "./cluster-message.ts";
import type { BroadcastOptions, RecoveryGap, RestoredSession, SocketId } from "./contract.ts";
import { after } from "./time-limit.ts";

/** For how long an event that a client has been handed may still be under way to this node, in milliseconds. */
const LAG = 10_000;

/** For how long a client may take to be let in, in milliseconds; what comes later is not kept for it. */
const OPEN_LIMIT = 60_000;

/** An event with its offset at its end, and whom it is for. */
interface Passing {
  readonly data: unknown[];
  readonly options: BroadcastOptions;
}

/** The gaps of one node. */
export class RecoveryGaps {
  readonly #open = new Set<Passing[]>();
  /** Who has been handed the event of an offset: those of the last moments, and those of the moments before. */
  #recent = new Map<Offset, SocketId[]>();
  #former = new Map<Offset, SocketId[]>();
  #timer: NodeJS.Timeout | undefined;

  /** Opens a gap. */
  open(): RecoveryGap {
    const passed: Passing[] = [];
    this.#open.add(passed);
    const abandon = (): void => {
      clearTimeout(limit);
      this.#open.delete(passed);
    };
    const limit = after(OPEN_LIMIT, abandon).unref();
    return {
      abandon,
      close: (session) => {
        abandon();
        this.#close(passed, session);
      },
    };
  }

  /**
   * An event is about to be delivered.
   *
   * @param data - the event, with its offset at its end
   * @returns whom it is for, without those who have it
   */
  pass(data: unknown[], offset: Offset, options: BroadcastOptions): BroadcastOptions {
    for (const passed of this.#open) {
      passed.push({ data, options });
    }
    const holders = this.#recent.get(offset) ?? this.#former.get(offset);
    // Each socket is alone in the room of its id.
    return holders ? { ...options, except: new Set([...(options.except ?? []), ...holders]) } : options;
  }

  /** Forgets everything. */
  clear(): void {
    this.#open.clear();
    this.#recent.clear();
    this.#former.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #close(passed: readonly Passing[], { sid, rooms, missedPackets }: RestoredSession): void {
    const offsets = new Set(missedPackets.map((data) => data.at(-1)));
    for (const { data, options } of passed) {
      if (!offsets.has(data.at(-1)) && isFor(rooms, options)) {
        missedPackets.push(data);
      }
    }
    for (const data of missedPackets) {
      this.#remember(data.at(-1) as Offset, sid);
    }
  }

  #remember(offset: Offset, id: SocketId): void {
    const holders = this.#recent.get(offset);
    if (holders) {
      holders.push(id);
    } else {
      this.#recent.set(offset, [...(this.#former.get(offset) ?? []), id]);
    }
    this.#timer ??= after(LAG, () => this.#forget()).unref();
  }

  #forget(): void {
    this.#former = this.#recent;
    this.#recent = new Map();
    this.#timer = this.#former.size > 0 ? after(LAG, () => this.#forget()).unref() : undefined;
  }
}

function isFor(rooms: RestoredSession["rooms"], { rooms: wanted, except }: BroadcastOptions): boolean {
  return (
    (wanted.size === 0 || rooms.some((room) => wanted.has(room))) && !rooms.some((room) => except?.has(room) === true)
  );
}
