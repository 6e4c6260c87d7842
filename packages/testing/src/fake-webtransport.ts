import {
  ReadableStream,
  TransformStream,
  type ReadableStreamDefaultController,
  type WritableStream,
} from "node:stream/web";

/** How a session ended. */
export interface FakeCloseInfo {
  readonly closeCode: number;
  readonly reason: string;
}

/** A stream as one end of a session sees it. */
export interface FakeBidirectionalStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** A promise, and who settles it. */
class Settling<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  }
}

/** One direction of a stream, which ends in error when its session ends. */
class FakeLane {
  readonly stream: TransformStream<Uint8Array, Uint8Array>;
  #break!: (error: unknown) => void;

  constructor() {
    this.stream = new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => {
        this.#break = (error) => controller.error(error);
      },
    });
  }

  /** What was written and not read yet is lost. */
  break(error: unknown): void {
    this.#break(error);
  }
}

/** How two ends are joined. */
export interface FakeWebTransportOptions {
  /** Whether the session is ready. Default: true; otherwise {@link FakeWebTransport.open} makes it so. */
  ready?: boolean;
  /**
   * Whether the streams break when the session ends, as in browsers. Default: true; false spares code that does not handle it
   * when they do.
   */
  breaking?: boolean;
}

/** What the two ends share. */
class FakeConnection {
  readonly lanes: FakeLane[] = [];
  readonly breaking: boolean;
  ended = false;

  constructor(breaking: boolean) {
    this.breaking = breaking;
  }
}

/**
 * One end of a WebTransport session without a network, as `WebTransport` has it in browsers: as a client's it opens
 * streams, as a server's it is what an HTTP/3 server hands over. What is written is taken only as fast as the other end
 * reads. When either end closes the session, what has not been read is lost at both.
 *
 * Nobody is spared: a rejection of `ready` or `closed` that the code under test does not handle is unhandled.
 */
export class FakeWebTransport {
  readonly #ready = new Settling<void>();
  readonly #closed = new Settling<FakeCloseInfo>();
  readonly #connection: FakeConnection;
  readonly incomingBidirectionalStreams: ReadableStream<FakeBidirectionalStream>;
  #incoming!: ReadableStreamDefaultController<FakeBidirectionalStream>;
  #peer!: FakeWebTransport;
  /** How often the end was told to close. */
  closeCalls = 0;

  private constructor(connection: FakeConnection) {
    this.#connection = connection;
    this.incomingBidirectionalStreams = new ReadableStream({
      start: (controller) => {
        this.#incoming = controller;
      },
    });
  }

  /** Joins two ends. */
  static join({ ready = true, breaking = true }: FakeWebTransportOptions = {}): {
    client: FakeWebTransport;
    server: FakeWebTransport;
  } {
    const connection = new FakeConnection(breaking);
    const client = new FakeWebTransport(connection);
    const server = new FakeWebTransport(connection);
    client.#peer = server;
    server.#peer = client;
    if (ready) {
      client.open();
    }
    return { client, server };
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get closed(): Promise<FakeCloseInfo> {
    return this.#closed.promise;
  }

  /** Both ends are ready. */
  open(): void {
    this.#ready.resolve();
    this.#peer.#ready.resolve();
  }

  async createBidirectionalStream(): Promise<FakeBidirectionalStream> {
    await this.ready;
    const [there, back] = [new FakeLane(), new FakeLane()];
    this.#connection.lanes.push(there, back);
    this.#peer.#incoming.enqueue({ readable: there.stream.readable, writable: back.stream.writable });
    return { readable: back.stream.readable, writable: there.stream.writable };
  }

  /** Ends the session in an orderly way, at both ends. */
  close({ closeCode = 0, reason = "" }: Partial<FakeCloseInfo> = {}): void {
    this.closeCalls++;
    if (this.#end(new Error("The session is closed."))) {
      this.#closed.resolve({ closeCode, reason });
      this.#peer.#closed.resolve({ closeCode, reason });
    }
  }

  /** The connection is lost: both ends fail. */
  fail(error: Error = new Error("Connection lost.")): void {
    if (this.#end(error)) {
      for (const end of [this, this.#peer]) {
        end.#ready.reject(error);
        end.#closed.reject(error);
      }
    }
  }

  /** Breaks the streams, and leaves the session. */
  reset(error: Error = new Error("The stream was reset.")): void {
    for (const lane of this.#connection.lanes) {
      lane.break(error);
    }
  }

  #end(error: Error): boolean {
    if (this.#connection.ended) {
      return false;
    }
    this.#connection.ended = true;
    if (this.#connection.breaking) {
      this.reset(error);
    }
    for (const end of [this, this.#peer]) {
      end.#incoming.close();
    }
    return true;
  }
}
