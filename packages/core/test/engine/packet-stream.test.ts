import { FakeWebTransport, RawWebTransport, decodeFrame, encodeFrame, showFrame } from "@hawser/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { PacketStream, type PacketStreamOwner } from "../../src/engine/packet-stream.ts";
import type { EnginePacket } from "../../src/engine/wire.ts";

/** Lets everything happen that needs no time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Writes down what a stream tells. */
class Recorder implements PacketStreamOwner {
  readonly events: string[] = [];
  /** Which packet is the last one wanted. */
  last: string | undefined;

  onStreamPacket(packet: EnginePacket): boolean {
    const frame = showFrame(encodeFrame(packet));
    this.events.push(frame);
    return frame !== this.last;
  }

  onStreamWritable(): void {
    this.events.push("writable");
  }

  onStreamEnd(error?: unknown): void {
    const { code, message } = (error ?? {}) as { code?: string; message?: string };
    this.events.push(`end: ${code ?? message ?? "finished"}`);
  }

  take(): string[] {
    return this.events.splice(0);
  }
}

let client: FakeWebTransport;
let server: FakeWebTransport;
let peer: RawWebTransport;
let owner: Recorder;
let stream: PacketStream;

const packets = (...frames: string[]): EnginePacket[] => frames.map(decodeFrame);

/** Opens a stream of packets at the client's end; the server's is played by hand. */
async function open(reading = true): Promise<void> {
  ({ client, server } = FakeWebTransport.join());
  owner = new Recorder();
  const [bytes, accepted] = await Promise.all([
    client.createBidirectionalStream(),
    RawWebTransport.accept(server, { reading }),
  ]);
  peer = accepted;
  client.closed.catch(() => {});
  stream = new PacketStream(owner, bytes, 100, "nodebuffer");
  expect(owner.events).toEqual([]);
}

beforeEach(() => open());

describe("a stream of packets", () => {
  it("tells of each packet that arrives, in order", async () => {
    void peer.send("4a", Buffer.from([1, 2]), "2");
    void peer.send("4b");
    await settled();
    expect(owner.take()).toEqual(["4a", "<2 bytes> 0102", "2", "4b"]);
  });

  it("writes the packets of one call in one piece", async () => {
    const write = vi.spyOn(
      Object.getPrototypeOf(new WritableStream().getWriter()) as WritableStreamDefaultWriter,
      "write",
    );
    stream.send(packets("4a", "4b", "5"));
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
    await settled();
    expect(peer.all).toEqual(["4a", "4b", "5"]);
  });

  it("is writable from the start, and again when what was sent has left, but not within the call", async () => {
    expect(stream.writable).toBe(true);
    stream.send(packets("4a"));
    expect([stream.writable, owner.take()]).toEqual([false, []]);
    await settled();
    expect([stream.writable, owner.take()]).toEqual([true, ["writable"]]);
  });

  it("is not writable as long as the peer does not read", async () => {
    await open(false);
    stream.send(packets("4a"));
    await settled();
    expect([stream.writable, owner.take()]).toEqual([false, []]);
    peer.read();
    await settled();
    expect([stream.writable, owner.take(), peer.all]).toEqual([true, ["writable"], ["4a"]]);
  });

  it("finishes when all that was sent has left", async () => {
    await open(false);
    const finished = vi.fn<() => void>();
    stream.send(packets("4a"));
    stream.finish(finished);
    await settled();
    expect(finished).not.toHaveBeenCalled();
    peer.read();
    await settled();
    expect(finished).toHaveBeenCalledTimes(1);
    expect(await peer.finished).toBe("finished");
    expect(peer.all).toEqual(["4a"]);
  });

  it("sends a Blob, and finishes no sooner than that is read", async () => {
    const blob = new Blob([new Uint8Array([1, 2])]);
    stream.send([...packets("4a"), { type: "message", data: blob }]);
    stream.finish(() => {});
    expect(await peer.finished).toBe("finished");
    expect(peer.all).toEqual(["4a", Buffer.from([1, 2])]);
  });

  it("still tells of packets when it has finished, until the peer does", async () => {
    stream.finish(() => {});
    void peer.send("4late");
    void peer.finish();
    await settled();
    expect(owner.take()).toEqual(["4late", "end: finished"]);
  });
});

describe("a stream of packets ends", () => {
  it("when the peer finishes", async () => {
    void peer.send("4last");
    void peer.finish();
    await settled();
    expect(owner.take()).toEqual(["4last", "end: finished"]);
  });

  it("at what can't be read, and what comes after is not looked at", async () => {
    void peer.write(Buffer.from("0234610039", "hex"));
    void peer.send("4b");
    await settled();
    expect(owner.take()).toEqual(["4a", "end: ERR_ENGINE_PACKET"]);
  });

  it("at a packet that is too long, before that has arrived", async () => {
    void peer.write(Buffer.from("65", "hex"));
    await settled();
    expect(owner.take()).toEqual(["end: ERR_ENGINE_PACKET"]);
  });

  it("in error when reading fails", async () => {
    await peer.abort(new Error("reset"));
    await settled();
    expect(owner.take()).toEqual(["end: reset"]);
  });

  it("in error when writing fails", async () => {
    await open(false);
    server.reset(new Error("reset"));
    await settled();
    owner.take();
    stream.send(packets("4a"));
    await settled();
    expect(owner.take()).toContain("end: reset");
    expect(stream.writable).toBe(false);
  });

  it("in error when it can't be finished", async () => {
    server.reset(new Error("reset"));
    await settled();
    owner.take();
    stream.finish(() => expect.fail("it can't be finished"));
    await settled();
    expect(owner.take()).toEqual([expect.stringMatching(/^end: /)]);
  });

  it("in error when a Blob can't be read", async () => {
    const blob = Object.assign(new Blob([]), { arrayBuffer: () => Promise.reject(new Error("the file is gone")) });
    stream.send([{ type: "message", data: blob }]);
    await settled();
    expect(owner.take()).toEqual(["end: the file is gone"]);
  });

  it("with its session, and leaves no rejection behind", async () => {
    stream.send(packets("4a"));
    client.fail(new Error("lost"));
    await settled();
    expect(owner.take()).toContain("end: lost");
  });

  it("when its owner wants nothing more, which is not read then", async () => {
    owner.last = "4a";
    void peer.send("4a", "4b");
    void peer.send("4c");
    await settled();
    expect(owner.take()).toEqual(["4a"]);
  });
});
