import type { Direction, Lane } from "./direction.ts";
import type { Frame } from "./engine-frames.ts";
import type { FakeClock } from "./fake-clock.ts";
import { CLOSE_TIMEOUT, FakeTransport } from "./fake-transport.ts";
import type { Side, Transcript } from "./transcript.ts";

/** One end of a fake WebSocket: opens after a round trip, and is always writable from then on. */
class FakeWebSocketEnd extends FakeTransport {
  peer!: FakeWebSocketEnd;
  readonly #outgoing: Lane;
  #state: "opening" | "open" | "closing" = "opening";

  constructor(side: Side, clock: FakeClock, wire: string, transcript: Transcript, outgoing: Lane) {
    super("websocket", side, clock, wire, transcript);
    this.#outgoing = outgoing;
  }

  protected override get ready(): boolean {
    return this.#state === "open";
  }

  /** The client's end: asks for the connection. */
  connect(accept: (server: FakeTransport) => void): void {
    this.#tell(() => this.peer.#accept(accept));
  }

  override close(): void {
    if (this.closed || this.#state === "closing") {
      return;
    }
    if (this.#state === "opening") {
      this.#state = "closing";
      this.#tell(() => this.peer.#onPeerGone());
      this.clock.deliver(() => this.reportClose("transport close"), 0);
      return;
    }
    this.#state = "closing";
    this.#tell(() => this.peer.#onPeerClosing());
    this.clock.deliver(() => this.reportClose("transport close"), CLOSE_TIMEOUT);
  }

  override abort(): void {
    if (!this.closed) {
      this.vanish();
      this.#tell(() => this.peer.#onPeerGone());
    }
  }

  protected override write(frames: Frame[]): void {
    this.#outgoing.push({
      frames,
      arrive: () => this.peer.deliver(frames),
      lose: () => this.record("lost", this.side, frames),
    });
  }

  #accept(accept: (server: FakeTransport) => void): void {
    if (this.closed) {
      return;
    }
    this.#state = "open";
    let refused = false;
    this.#tell(() => (refused ? this.peer.#onPeerGone() : this.peer.#onAccepted()));
    this.introduce(accept);
    refused = this.closed;
  }

  #onAccepted(): void {
    if (!this.closed && this.#state === "opening") {
      this.#state = "open";
      this.handler.onTransportOpen(this);
    }
  }

  #onPeerClosing(): void {
    if (this.#state === "open") {
      this.#tell(() => this.peer.#onPeerClosing());
    }
    this.reportClose("transport close");
  }

  #onPeerGone(): void {
    this.reportClose(this.#state === "opening" ? "transport error" : "transport close");
  }

  #tell(arrive: () => void): void {
    this.#outgoing.push({ frames: [], arrive, lose: () => {} });
  }
}

/** Makes both ends. The client's begins to open when the clock is next advanced. */
export function makeWebSocketEnds(
  clock: FakeClock,
  wire: string,
  transcript: Transcript,
  toServer: Direction,
  toClient: Direction,
  accept: (server: FakeTransport) => void,
): { client: FakeTransport; server: FakeTransport } {
  const client = new FakeWebSocketEnd("client", clock, wire, transcript, toServer.lane());
  const server = new FakeWebSocketEnd("server", clock, wire, transcript, toClient.lane());
  client.peer = server;
  server.peer = client;
  client.connect(accept);
  return { client, server };
}
