import type { Socket } from "node:net";
import { resetSocket } from "./reset-socket.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What holds for one direction of a connection. */
export interface LaneFaults {
  /** Milliseconds that everything takes. */
  readonly latency: number;
  /** Milliseconds that are drawn from at random, and added. */
  readonly jitter: number;
  /** The largest piece, in bytes; sizes are drawn at random. */
  readonly slice: number;
  /** Bytes per second, more than 0. */
  readonly bandwidth: number;
  /** Whether nothing is forwarded, not even the end. */
  readonly silent: boolean;
}

/** Bytes in one lane above which it stops reading, as a link with a full buffer does. */
const HIGH_WATER_MARK = 1024 * 1024;

/** For how long a link of limited bandwidth is busy with one piece. */
const PORTION_SECONDS = 0.01;

/** Bytes on their way, or how the connection ended. */
interface Piece {
  readonly due: number;
  readonly content: Buffer | "end" | "reset";
  /** Whether it must arrive by itself. */
  readonly alone: boolean;
}

/** One direction of a connection: reads from one socket and writes to another, late, in pieces, or not at all. */
export class ChaosLane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #random: SeededRandom;
  #faults: LaneFaults;
  #pieces: Piece[] = [];
  #bytes = 0;
  /** When the link has carried everything it was given so far. */
  #linkFreeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #backedUp = false;

  constructor(source: Socket, sink: Socket, faults: LaneFaults, random: SeededRandom) {
    this.#source = source;
    this.#sink = sink;
    this.#faults = faults;
    this.#random = random;
    source.on("data", (chunk: Buffer) => this.#accept(chunk));
    source.on("end", () => this.#push("end", 0));
    source.on("error", () => this.#push("reset", 0));
    sink.on("drain", () => {
      this.#backedUp = false;
      this.pump();
    });
  }

  /** Applies to what is read from now on; silence applies to what is on its way as well. */
  set faults(faults: LaneFaults) {
    this.#faults = faults;
    this.pump();
  }

  /** Writes what is due, in the order in which it was read, and looks after the rest when its time has come. */
  pump(): void {
    this.#stopTimers();
    for (let first = this.#pieces[0]; first && !this.#faults.silent && !this.#backedUp; first = this.#pieces[0]) {
      const wait = first.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      if (first.alone) {
        // What is written in one turn of the event loop may be read as one: each such piece has a turn of its own.
        this.#immediate = setImmediate(() => {
          this.#writeFirst();
          this.pump();
        });
        return;
      }
      this.#writeFirst();
    }
  }

  /** Forgets what is on its way. */
  destroy(): void {
    this.#stopTimers();
    this.#pieces = [];
  }

  #accept(chunk: Buffer): void {
    const { slice, bandwidth } = this.#faults;
    // A slow link brings a little at a time, not much after a long time.
    const portion = Math.ceil(bandwidth * PORTION_SECONDS);
    for (let start = 0; start < chunk.length;) {
      const sliced = slice < Infinity;
      const size = sliced ? Math.min(portion, this.#random.integer(1, slice)) : portion;
      const piece = chunk.subarray(start, start + size);
      this.#push(piece, piece.length, sliced);
      start += piece.length;
    }
  }

  #push(content: Piece["content"], length: number, alone = false): void {
    const { latency, jitter, bandwidth } = this.#faults;
    this.#linkFreeAt = Math.max(performance.now(), this.#linkFreeAt) + (length / bandwidth) * 1000;
    const delay = latency + (jitter > 0 ? this.#random.next() * jitter : 0);
    this.#pieces.push({ due: this.#linkFreeAt + delay, content, alone });
    this.#bytes += length;
    if (this.#bytes > HIGH_WATER_MARK) {
      this.#source.pause();
    }
    if (this.#pieces.length === 1) {
      this.pump();
    }
  }

  #writeFirst(): void {
    const content = this.#pieces.shift()?.content;
    if (content === "end") {
      this.#sink.end();
    } else if (content === "reset") {
      resetSocket(this.#sink);
    } else if (content) {
      this.#bytes -= content.length;
      if (this.#sink.writable) {
        this.#backedUp = !this.#sink.write(content);
      }
      if (this.#bytes <= HIGH_WATER_MARK && this.#source.isPaused()) {
        this.#source.resume();
      }
    }
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }
}
