import type { ReadableStream, ReadableStreamDefaultReader, WritableStreamDefaultWriter } from "node:stream/web";
import type { Frame, FrameMatcher } from "./engine-frames.ts";
import type { FakeBidirectionalStream, FakeWebTransport } from "./fake-webtransport.ts";
import { PATIENCE } from "./patience.ts";
import { ReceiveQueue, type WaitOptions } from "./receive-queue.ts";
import { decodeStreamFrames, encodeStreamFrame } from "./stream-frames.ts";

/** How long to wait for frames, and whether to begin with reading. */
export interface RawWebTransportOptions {
  /** Milliseconds that `next` waits. Default: 10 000. */
  timeout?: number;
  /** Whether to read. Default: true; otherwise {@link RawWebTransport.read} begins. */
  reading?: boolean;
}

/** One stream of a WebTransport session, frame by frame: a peer that a test plays by hand. */
export class RawWebTransport {
  /** Settles when the other end will send nothing more: `finished`, or what broke the stream. */
  readonly finished: Promise<string>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #received: ReceiveQueue;
  #finish!: (how: string) => void;

  private constructor({ readable, writable }: FakeBidirectionalStream, options: RawWebTransportOptions) {
    const { timeout = PATIENCE, reading = true } = options;
    this.#received = new ReceiveQueue("the stream", timeout);
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    if (reading) {
      this.read();
    }
  }

  /** Opens a stream, as a client does; `session` is the client's end. */
  static async open(session: FakeWebTransport, options: RawWebTransportOptions = {}): Promise<RawWebTransport> {
    handle(session);
    return new RawWebTransport(await session.createBidirectionalStream(), options);
  }

  /**
   * Takes the stream that the client opens, as a server does; `session` is the server's end.
   *
   * @throws Error if the session ends before
   */
  static async accept(session: FakeWebTransport, options: RawWebTransportOptions = {}): Promise<RawWebTransport> {
    handle(session);
    const streams: ReadableStream<FakeBidirectionalStream> = session.incomingBidirectionalStreams;
    const { value } = await streams.getReader().read();
    if (!value) {
      throw new Error("the session ended before a stream was opened");
    }
    return new RawWebTransport(value, options);
  }

  /** Begins to read, if it was told not to. */
  read(): void {
    void this.#read();
  }

  /** Everything that ever arrived. */
  get all(): Frame[] {
    return this.#received.all;
  }

  /** Takes the first frame that `matcher` means, now or when it arrives; see {@link ReceiveQueue.next}. */
  next(matcher?: FrameMatcher, options?: WaitOptions): Promise<Frame> {
    return this.#received.next(matcher, options);
  }

  /** Sends frames in one piece; settles when the other end has taken it, or the stream is broken. */
  send(...frames: Frame[]): Promise<void> {
    return this.write(Buffer.concat(frames.map(encodeStreamFrame)));
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(new Uint8Array(bytes)).catch(ignore);
  }

  /** Sends nothing more. */
  finish(): Promise<void> {
    return this.#writer.close().catch(ignore);
  }

  /** Breaks off in the direction of the other end. */
  abort(error: Error = new Error("The stream was reset.")): Promise<void> {
    return this.#writer.abort(error).catch(ignore);
  }

  async #read(): Promise<void> {
    let bytes: Buffer = Buffer.alloc(0);
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) {
          this.#end("finished");
          return;
        }
        const { frames, rest } = decodeStreamFrames(Buffer.concat([bytes, value]));
        frames.forEach((frame) => this.#received.push(frame));
        bytes = rest;
      }
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #end(how: string): void {
    this.#received.end(how);
    this.#finish(how);
  }
}

function ignore(): void {
  // Whoever reads is told how the stream ended.
}

/** The test looks at how its end of the session ended, or does not care. */
function handle({ ready, closed }: FakeWebTransport): void {
  ready.catch(ignore);
  closed.catch(ignore);
}
