import type { EnginePacket } from "@hawser/core";
import type { Direction, Lane } from "./direction.ts";
import type { Frame } from "./engine-frames.ts";
import type { FakeClock } from "./fake-clock.ts";
import { CLOSE_TIMEOUT, FakeTransport } from "./fake-transport.ts";
import type { Side, Transcript } from "./transcript.ts";

const CLOSE = "1";
const NOOP = "6";

/** One kind of request: its way there and its way back. Two kinds may overtake each other, as two connections do. */
class Exchange {
  readonly #requests: Lane;
  readonly #answers: Lane;

  constructor(toServer: Direction, toClient: Direction) {
    this.#requests = toServer.lane();
    this.#answers = toClient.lane();
  }

  request(arrive: () => void, frames: readonly Frame[] = [], lose: () => void = () => {}): void {
    this.#requests.push({ frames, arrive, lose });
  }

  answer(arrive: () => void, frames: readonly Frame[] = [], lose: () => void = () => {}): void {
    this.#answers.push({ frames, arrive, lose });
  }
}

/** What both ends share: the requests, and each other. */
abstract class FakePollingEnd extends FakeTransport {
  protected readonly gets: Exchange;
  protected readonly posts: Exchange;

  constructor(side: Side, clock: FakeClock, wire: string, transcript: Transcript, gets: Exchange, posts: Exchange) {
    super("polling", side, clock, wire, transcript);
    this.gets = gets;
    this.posts = posts;
  }
}

/** Keeps one GET waiting, and sends by POST, one at a time. */
class FakePollingClient extends FakePollingEnd {
  server!: FakePollingServer;
  #state: "opening" | "open" | "pausing" | "paused" | "closing" = "opening";
  #getInFlight = false;
  #postInFlight = false;
  #onPaused: () => void = () => {};

  protected override get ready(): boolean {
    return this.#state === "open" && !this.#postInFlight;
  }

  /** Sends a GET. */
  poll(): void {
    this.#getInFlight = true;
    this.gets.request(() => this.server.onGet());
  }

  onGetAnswered(frames: readonly Frame[]): void {
    this.deliver(frames, (packet) => this.#accepts(packet));
    this.#getInFlight = false;
    if (!this.closed && this.#state === "open") {
      this.poll();
    } else {
      this.#checkPaused();
    }
  }

  onPostAnswered(): void {
    this.#postInFlight = false;
    if (this.closed) {
      return;
    }
    if (this.#state === "closing") {
      this.#postClose();
    } else {
      this.#checkPaused();
      this.reportWritable();
    }
  }

  /** A request was refused, or its connection broke. */
  onRequestFailed(): void {
    this.reportClose("transport error");
  }

  pause(paused: () => void): void {
    this.#state = "pausing";
    this.#onPaused = paused;
    this.clock.deliver(() => this.#checkPaused(), 0);
  }

  resume(): void {
    if (this.#state === "pausing" || this.#state === "paused") {
      this.#state = "open";
      if (!this.#getInFlight && !this.closed) {
        this.poll();
      }
      this.clock.deliver(() => this.reportWritable(), 0);
    }
  }

  override close(): void {
    if (this.closed || this.#state === "closing") {
      return;
    }
    if (this.#state === "opening") {
      this.#breakOff();
      this.clock.deliver(() => this.reportClose("transport close"), 0);
    } else if (!this.#postInFlight) {
      this.#postClose();
    }
    this.#state = "closing";
    this.clock.deliver(() => this.reportClose("transport close"), CLOSE_TIMEOUT);
  }

  override abort(): void {
    if (!this.closed) {
      this.vanish();
      this.#breakOff();
    }
  }

  protected override write(frames: Frame[]): void {
    this.#postInFlight = true;
    this.posts.request(
      () => this.server.onPost(frames),
      frames,
      () => this.record("lost", "client", frames),
    );
  }

  /** What a packet means to the transport itself; returns whether the handler is to have it. */
  #accepts(packet: EnginePacket): boolean {
    if (packet.type === "close") {
      this.reportClose("transport close");
      return false;
    }
    if (this.#state === "opening" && packet.type === "open") {
      this.#state = "open";
      this.handler.onTransportOpen(this);
    }
    return !this.closed;
  }

  #checkPaused(): void {
    if (this.#state === "pausing" && !this.closed && !this.#getInFlight && !this.#postInFlight) {
      this.#state = "paused";
      this.#onPaused();
    }
  }

  #postClose(): void {
    this.record("sent", "client", [CLOSE]);
    this.posts.request(
      () => this.server.onPost([CLOSE], () => this.reportClose("transport close")),
      [CLOSE],
      () => this.record("lost", "client", [CLOSE]),
    );
  }

  #breakOff(): void {
    if (this.#getInFlight) {
      this.gets.request(() => this.server.onGetBrokenOff());
    }
  }
}

/** Answers a waiting GET with a batch, and is writable only while there is one. */
class FakePollingServer extends FakePollingEnd {
  client!: FakePollingClient;
  /** Whom to introduce this end to when the first GET comes; nobody once that is done. */
  accept: ((server: FakeTransport) => void) | undefined;
  #state: "open" | "closing" = "open";
  #getWaits = false;

  protected override get ready(): boolean {
    return this.#state === "open" && this.#getWaits;
  }

  onGet(): void {
    if (this.closed) {
      this.gets.answer(() => this.client.onRequestFailed());
      return;
    }
    this.#getWaits = true;
    if (this.#state === "closing") {
      this.#answer([NOOP, CLOSE]);
      this.reportClose("transport close");
    } else if (this.accept) {
      this.introduce(this.accept);
      this.accept = undefined;
    } else {
      this.reportWritable();
    }
  }

  /** The client aborted its GET, which may have been answered by then. */
  onGetBrokenOff(): void {
    if (this.#getWaits) {
      this.#getWaits = false;
      this.reportClose("transport error");
    }
  }

  onPost(frames: readonly Frame[], answered: () => void = () => this.client.onPostAnswered()): void {
    if (this.closed) {
      this.record("lost", "client", frames);
      this.posts.answer(() => this.client.onRequestFailed());
      return;
    }
    this.deliver(frames, (packet) => {
      if (packet.type === "close") {
        this.#release(NOOP);
        this.reportClose("transport close");
      }
      return packet.type !== "close";
    });
    this.posts.answer(answered);
  }

  override close(): void {
    if (this.closed || this.#state === "closing") {
      return;
    }
    this.#state = "closing";
    const answered = this.#getWaits;
    this.#release(CLOSE);
    this.clock.deliver(() => this.reportClose("transport close"), answered ? 0 : CLOSE_TIMEOUT);
  }

  override abort(): void {
    if (!this.closed) {
      this.vanish();
      if (this.accept && this.#getWaits) {
        // Nothing was opened yet: the first GET is refused.
        this.gets.answer(() => this.client.onRequestFailed());
      } else {
        this.#release(CLOSE);
      }
    }
  }

  protected override write(frames: Frame[]): void {
    this.#getWaits = false;
    this.gets.answer(
      () => this.client.onGetAnswered(frames),
      frames,
      () => this.record("lost", "server", frames),
    );
  }

  /** Sends what the transport itself has to say. */
  #answer(frames: Frame[]): void {
    this.record("sent", "server", frames);
    this.write(frames);
  }

  #release(frame: Frame): void {
    if (this.#getWaits) {
      this.#answer([frame]);
    }
  }
}

/** Makes both ends. The client's begins to open when the clock is next advanced. */
export function makePollingEnds(
  clock: FakeClock,
  wire: string,
  transcript: Transcript,
  toServer: Direction,
  toClient: Direction,
  accept: (server: FakeTransport) => void,
): { client: FakeTransport; server: FakeTransport } {
  const gets = new Exchange(toServer, toClient);
  const posts = new Exchange(toServer, toClient);
  const client = new FakePollingClient("client", clock, wire, transcript, gets, posts);
  const server = new FakePollingServer("server", clock, wire, transcript, gets, posts);
  client.server = server;
  server.client = client;
  server.accept = accept;
  client.poll();
  return { client, server };
}
