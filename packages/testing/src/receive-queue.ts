import { frameMatches, showFrame, type Frame, type FrameMatcher } from "./engine-frames.ts";

interface Waiter {
  readonly matcher: FrameMatcher | undefined;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** One line of what was received. */
interface Received {
  readonly frame: Frame;
  /** Whether somebody got it. */
  taken: boolean;
}

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds. Default: what the queue was made with. */
  timeout?: number;
}

/**
 * Keeps everything that arrives, from the start, until somebody asks for it: a test sends first and looks afterwards,
 * and no event is missed in between.
 */
export class ReceiveQueue {
  readonly #source: string;
  readonly #timeout: number;
  readonly #history: Received[] = [];
  readonly #waiters: Waiter[] = [];
  #ended: string | undefined;

  /**
   * @param source - where the frames come from, for messages
   * @param timeout - milliseconds that `next` waits unless told otherwise
   */
  constructor(source: string, timeout: number) {
    this.#source = source;
    this.#timeout = timeout;
  }

  /** Everything that ever arrived, taken or not. */
  get all(): Frame[] {
    return this.#history.map(({ frame }) => frame);
  }

  /** What arrived and nobody has taken. */
  get waiting(): Frame[] {
    return this.#history.filter(({ taken }) => !taken).map(({ frame }) => frame);
  }

  /**
   * Adds a frame.
   *
   * @param taken - true for one that has been dealt with, and is only to be shown in messages
   */
  push(frame: Frame, taken = false): void {
    const received = { frame, taken };
    this.#history.push(received);
    const index = taken ? -1 : this.#waiters.findIndex(({ matcher }) => frameMatches(frame, matcher));
    if (index !== -1) {
      received.taken = true;
      this.#waiters.splice(index, 1)[0]?.resolve(frame);
    }
  }

  /**
   * Nothing more will arrive: whoever waits in vain is told at once.
   *
   * @param reason - why
   */
  end(reason: string): void {
    this.#ended ??= reason;
    for (const waiter of this.#waiters.splice(0)) {
      waiter.reject(this.#failure(waiter.matcher, this.#ended));
    }
  }

  /**
   * Takes the first frame that `matcher` means, now or when it arrives. Those before it stay in the queue.
   *
   * @param matcher - default: any frame
   * @throws Error that shows what did arrive, if it does not come in time or can no longer come
   */
  next(matcher?: FrameMatcher, { timeout = this.#timeout }: WaitOptions = {}): Promise<Frame> {
    const received = this.#history.find(({ frame, taken }) => !taken && frameMatches(frame, matcher));
    if (received) {
      received.taken = true;
      return Promise.resolve(received.frame);
    }
    if (this.#ended !== undefined) {
      return Promise.reject(this.#failure(matcher, this.#ended));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(this.#failure(matcher, `not within ${timeout} ms`));
      }, timeout);
      const waiter: Waiter = {
        matcher,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  #failure(matcher: FrameMatcher | undefined, why: string): Error {
    const wanted = matcher === undefined ? "a frame" : typeof matcher === "string" ? `"${matcher}"` : String(matcher);
    const lines = this.#history.map(({ frame, taken }) => `  ${taken ? "taken  " : "waiting"} ${showFrame(frame)}`);
    const arrived = lines.length > 0 ? `arrived so far:\n${lines.join("\n")}` : "nothing arrived at all";
    return new Error(`waited for ${wanted} from ${this.#source}: ${why}; ${arrived}`);
  }
}
