import { FakeWebTransport, RawWebTransport, decodeFrame, encodeFrame, showFrame } from "@hawser/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { StreamTransport, type ByteStream } from "../../src/engine/stream-transport.ts";
import type { EnginePacket } from "../../src/engine/wire.ts";
import type { CloseReason, Transport, TransportHandler } from "../../src/index.ts";

/** An end of a session, which is open as soon as it has its stream, or when that wants more. */
class TestTransport extends StreamTransport {
  /** What the end of a session was asked for. */
  readonly asked: string[] = [];

  constructor(closed: Promise<unknown>, defer: (callback: () => void) => void) {
    super({
      maxPayload: 100,
      binaryType: "nodebuffer",
      garbageReason: "parse error",
      wrap: (error) => new Error(`wrapped: ${(error as Error).message}`),
      defer,
    });
    this.$watch(closed);
  }

  carry(stream: ByteStream, state: "opening" | "open"): void {
    this.$state = state;
    this.$carry(stream);
  }

  protected override $closeSession(): void {
    this.asked.push("close session");
  }

  protected override $onFinished(): void {
    this.asked.push("finished");
  }
}

/** Writes down what a transport tells. */
class Recorder implements TransportHandler {
  readonly events: string[] = [];
  /** What is done about a packet, after it has been written down. */
  onPacket: (frame: string) => void = () => {};

  onTransportOpen(): void {
    this.events.push("open");
  }

  onTransportPacket(_transport: Transport, packet: EnginePacket): void {
    const frame = showFrame(encodeFrame(packet));
    this.events.push(frame);
    this.onPacket(frame);
  }

  onTransportWritable(): void {
    this.events.push("writable");
  }

  onTransportClose(_transport: Transport, reason: CloseReason, cause?: Error & { code?: string }): void {
    this.events.push([reason, cause && (cause.code ?? cause.message)].filter(Boolean).join(": "));
  }

  take(): string[] {
    return this.events.splice(0);
  }
}

let client: FakeWebTransport;
let server: FakeWebTransport;
let peer: RawWebTransport;
let reported: Recorder;
let transport: TestTransport;
let deferred: (() => void)[];

const packets = (...frames: string[]): EnginePacket[] => frames.map(decodeFrame);

/** Lets everything happen that needs no time. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  deferred.splice(0).forEach((callback) => callback());
}

/** A transport at the client's end of a session; the server's is played by hand. */
async function create(state: "opening" | "open" = "open", reading = true): Promise<void> {
  ({ client, server } = FakeWebTransport.join());
  deferred = [];
  const [stream, accepted] = await Promise.all([
    client.createBidirectionalStream(),
    RawWebTransport.accept(server, { reading }),
  ]);
  peer = accepted;
  transport = new TestTransport(client.closed, (callback) => deferred.push(callback));
  reported = new Recorder();
  transport.handler = reported;
  transport.carry(stream, state);
  expect(reported.events).toEqual([]);
}

beforeEach(() => create());

describe("a transport on a stream", () => {
  it("tells of each packet that arrives, in order", async () => {
    void peer.send("4a", Buffer.from([1, 2]), "2");
    void peer.send("4b");
    await settled();
    expect(reported.take()).toEqual(["4a", "<2 bytes> 0102", "2", "4b"]);
  });

  it("writes the packets of one call in one piece", async () => {
    const prototype = Object.getPrototypeOf(new WritableStream().getWriter()) as WritableStreamDefaultWriter;
    const write = vi.spyOn(prototype, "write");
    transport.send(packets("4a", "4b", "5"));
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
    await settled();
    expect(peer.all).toEqual(["4a", "4b", "5"]);
  });

  it("is writable from the start, and again when what was sent has left, but not within the call", async () => {
    expect(transport.writable).toBe(true);
    transport.send(packets("4a"));
    expect([transport.writable, reported.take()]).toEqual([false, []]);
    await settled();
    expect([transport.writable, reported.take()]).toEqual([true, ["writable"]]);
  });

  it("is not writable as long as the peer does not read", async () => {
    await create("open", false);
    transport.send(packets("4a"));
    await settled();
    expect([transport.writable, reported.take()]).toEqual([false, []]);
    peer.read();
    await settled();
    expect([transport.writable, reported.take(), peer.all]).toEqual([true, ["writable"], ["4a"]]);
  });

  it("that is opening is open when its first packet has left", async () => {
    await create("opening", false);
    transport.send(packets("0"));
    await settled();
    expect([transport.writable, reported.take()]).toEqual([false, []]);
    peer.read();
    await settled();
    expect([transport.writable, reported.take()]).toEqual([true, ["open", "writable"]]);
  });

  it("sends a Blob, and is not writable before that has been read", async () => {
    const blob = new Blob([new Uint8Array([1, 2])]);
    transport.send([...packets("4a"), { type: "message", data: blob }]);
    expect(transport.writable).toBe(false);
    await peer.next((frame) => typeof frame !== "string");
    await settled();
    expect([peer.all, transport.writable]).toEqual([["4a", Buffer.from([1, 2])], true]);
  });
});

describe("a transport on a stream that is closed", () => {
  it("finishes when all that was sent has left, and leaves the session to its owner", async () => {
    await create("open", false);
    transport.send(packets("4a"));
    transport.close();
    transport.close();
    await settled();
    expect([transport.writable, transport.asked]).toEqual([false, []]);
    peer.read();
    await settled();
    expect([await peer.finished, peer.all, transport.asked]).toEqual(["finished", ["4a"], ["finished"]]);
    expect(reported.take()).toEqual([]);
  });

  it("finishes no sooner than a Blob has been read", async () => {
    const blob = new Blob([new Uint8Array([1, 2])]);
    transport.send([{ type: "message", data: blob }]);
    transport.close();
    expect(await peer.finished).toBe("finished");
    expect(peer.all).toEqual([Buffer.from([1, 2])]);
  });

  it("still tells of packets, until the peer finishes or the session is over", async () => {
    transport.close();
    void peer.send("4late");
    await settled();
    void peer.finish();
    await settled();
    expect(reported.take()).toEqual(["4late", "transport close"]);
  });

  it("closes the session at once while it is opening", async () => {
    await create("opening");
    transport.close();
    expect(transport.asked).toEqual(["close session"]);
  });
});

describe("a transport on a stream ends once, and its session with it,", () => {
  const ended = (...events: string[]): void => {
    expect(reported.take()).toEqual(events);
    expect(transport.writable).toBe(false);
    expect(transport.asked).toContain("close session");
  };

  it("when the peer finishes", async () => {
    void peer.send("4last");
    void peer.finish();
    await settled();
    ended("4last", "transport close");
  });

  it("when the session is closed, although the stream breaks first", async () => {
    server.close();
    await settled();
    ended("transport close");
  });

  it("when the session fails", async () => {
    client.fail(new Error("lost"));
    await settled();
    ended("transport error: wrapped: lost");
  });

  it("at what can't be read, and what comes after is not looked at", async () => {
    void peer.write(Buffer.from("0234610039", "hex"));
    void peer.send("4b");
    await settled();
    ended("4a", "parse error: ERR_ENGINE_PACKET");
  });

  it("at a packet that is too long, before that has arrived", async () => {
    void peer.write(Buffer.from("65", "hex"));
    await settled();
    ended("parse error: ERR_ENGINE_PACKET");
  });

  it("when reading fails", async () => {
    await peer.abort(new Error("reset"));
    await settled();
    ended("transport error: wrapped: reset");
  });

  it("when writing fails", async () => {
    await create("open", false);
    transport.send(packets("4a"));
    server.reset(new Error("reset"));
    await settled();
    ended("transport error: wrapped: reset");
  });

  it("when it can't be finished", async () => {
    server.reset(new Error("reset"));
    transport.close();
    await settled();
    expect(reported.take()).toEqual([expect.stringMatching(/^transport error/)]);
  });

  it("when a Blob can't be read", async () => {
    const blob = Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(new Error("the file is gone")) });
    transport.send([{ type: "message", data: blob }]);
    await settled();
    ended("transport error: wrapped: the file is gone");
  });
});

describe("a transport on a stream that is aborted", () => {
  it("closes the session at once and reports nothing, whatever happens then", async () => {
    transport.send(packets("4a"));
    transport.abort();
    expect([transport.writable, transport.asked]).toEqual([false, ["close session"]]);
    void peer.send("4b");
    await settled();
    client.fail(new Error("lost"));
    await settled();
    expect(reported.take()).toEqual([]);
  });

  it("tells of no further packet, not even of the same piece", async () => {
    reported.onPacket = () => transport.abort();
    void peer.send("4a", "4b");
    await settled();
    expect(reported.take()).toEqual(["4a"]);
  });
});
