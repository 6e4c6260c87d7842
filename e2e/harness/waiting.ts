/** Waiting for events instead of sleeping: listen first, act second, wait third. */

/** How long any single wait may take before the test fails, in milliseconds. */
const PATIENCE = 16_000;

/** Anything with `on`: a server, a namespace, either end's socket, an engine. */
export interface Listenable {
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/**
 * Bounds a wait.
 *
 * @param promise - what is waited for
 * @param what - names it in the error
 * @param limit - in milliseconds
 * @throws Error `waited … ms for …` once `limit` has passed
 */
export async function withTimeout<T>(promise: Promise<T>, what: string, limit: number = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    const error = new Error(`waited ${limit} ms for ${what}`);
    timer = setTimeout(() => reject(error), limit);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `condition` holds, looking once in each turn of the event loop: for what no event tells. */
export async function until(condition: () => boolean, what: string, limit: number = PATIENCE): Promise<void> {
  const deadline = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Everything one event brought, in order, kept until somebody asks: no occurrence is missed between two waits. */
export class Inbox {
  readonly #what: string;
  #arrived: unknown[][] = [];
  #wake: (() => void) | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  /** How many occurrences have arrived and not been taken. */
  get size(): number {
    return this.#arrived.length;
  }

  /** Files one occurrence. */
  readonly put = (...args: unknown[]): void => {
    this.#arrived.push(args);
    this.#wake?.();
  };

  /** Takes the arguments of the next occurrence, waiting for it if need be. */
  async next(): Promise<any[]> {
    return (await this.take(1))[0]!;
  }

  /** Takes the arguments of the next `count` occurrences. */
  async take(count: number): Promise<any[][]> {
    if (this.#arrived.length < count) {
      const enough = new Promise<void>((resolve) => {
        this.#wake = () => {
          if (this.#arrived.length >= count) resolve();
        };
      });
      try {
        await withTimeout(enough, `${count} × ${this.#what}`);
      } catch (error) {
        throw new Error(`${(error as Error).message}; ${this.#arrived.length} arrived`, { cause: error });
      } finally {
        this.#wake = undefined;
      }
    }
    return this.#arrived.splice(0, count);
  }

  /** Takes what is there now. */
  drain(): any[][] {
    return this.#arrived.splice(0);
  }
}

/** Collects the occurrences of `event` from now on. */
export function inbox(source: Listenable, event: string): Inbox {
  const box = new Inbox(`"${event}"`);
  source.on(event, box.put);
  return box;
}
