import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, FakeWire } from "../src/index.ts";
import { Recorder, message } from "./recorder.ts";

let clock: FakeClock;
let wire: FakeWire;
let client: Recorder;
let server: Recorder;

function openWire(latency = 10): void {
  clock = new FakeClock();
  wire = new FakeWire(clock, { latency });
  client = new Recorder(wire.client);
  server = new Recorder(wire.server);
}

beforeEach(() => {
  openWire();
  clock.advance(20);
  client.take();
  server.take();
});

describe("a fake WebSocket opens", () => {
  beforeEach(() => openWire());

  it("at the server after one way, at the client after both", () => {
    clock.advance(9);
    expect([wire.client.writable, wire.server.writable]).toEqual([false, false]);
    clock.advance(1);
    expect([wire.client.writable, wire.server.writable]).toEqual([false, true]);
    expect(server.take()).toEqual(["writable"]);
    clock.advance(10);
    expect([wire.client.writable, wire.server.writable]).toEqual([true, true]);
    expect(client.take()).toEqual(["open"]);
  });

  it("before the client sees what the server sent at once", () => {
    wire = new FakeWire(clock, { accept: (transport) => transport.send([message("welcome")]) });
    client = new Recorder(wire.client);
    clock.advance(0);
    expect(client.take()).toEqual(["open", "4welcome"]);
  });

  it("not at all if the server refuses", () => {
    wire = new FakeWire(clock, { latency: 10, accept: (transport) => transport.abort() });
    client = new Recorder(wire.client);
    clock.advance(20);
    expect(client.take()).toEqual(["closed: transport error"]);
  });

  it("at the server, and closes there, if the client aborts meanwhile", () => {
    wire.client.abort();
    clock.advance(100);
    expect(server.take()).toEqual(["writable", "closed: transport close"]);
    expect(client.take()).toEqual([]);
  });

  it("not at the client if that closes meanwhile", () => {
    wire.client.close();
    clock.advance(100);
    expect(client.take()).toEqual(["closed: transport close"]);
    expect(server.take()).toEqual(["writable", "closed: transport close"]);
  });
});

describe("an open fake WebSocket", () => {
  it("carries packets both ways, in order, and stays writable", () => {
    wire.client.send([message("a"), { type: "ping", data: "probe" }]);
    wire.client.send([message("b")]);
    wire.server.send([{ type: "noop" }]);
    expect(wire.client.writable).toBe(true);
    expect(server.events).toEqual([]);
    clock.advance(10);
    expect(server.events).toEqual(["4a", "2probe", "4b"]);
    expect(client.events).toEqual(["6"]);
  });

  it("hands over packets that share nothing with those that were sent", () => {
    const data = new Uint8Array([1, 2, 3]);
    const sent = { type: "message", data } as const;
    let received: unknown;
    server.onPacket = (packet) => (received = packet);
    wire.client.send([sent]);
    data.fill(0);
    clock.advance(10);
    expect(received).toEqual({ type: "message", data: Buffer.from([1, 2, 3]) });
  });

  it("owns the array that it was given", () => {
    const packets = [message("a")];
    wire.client.send(packets);
    expect(() => packets.push(message("b"))).toThrow(TypeError);
  });

  it("refuses a send that its state or its arguments forbid", () => {
    expect(() => wire.client.send([])).toThrow("no packets");
    wire.client.close();
    expect(() => wire.client.send([message("a")])).toThrow("not writable");
  });

  it("has nothing to pause", () => {
    expect(wire.client.pause).toBeUndefined();
  });
});

describe("a fake WebSocket closes", () => {
  it("in order: what was sent before still arrives, both ways, and both ends report it", () => {
    wire.server.send([message("from the server")]);
    wire.client.send([message("bye")]);
    wire.client.close();
    clock.advance(10);
    expect(server.take()).toEqual(["4bye", "closed: transport close"]);
    expect(client.take()).toEqual(["4from the server"]);
    clock.advance(10);
    expect(client.take()).toEqual(["closed: transport close"]);
  });

  it("once, however often it is told to, from both ends", () => {
    wire.client.close();
    wire.server.close();
    wire.client.close();
    clock.advance(60_000);
    expect(client.events).toEqual(["closed: transport close"]);
    expect(server.events).toEqual(["closed: transport close"]);
  });

  it("after 30 seconds if the other end does not answer", () => {
    wire.toServer.drop();
    wire.client.close();
    clock.advance(29_999);
    expect(client.events).toEqual([]);
    clock.advance(1);
    expect(client.events).toEqual(["closed: transport close"]);
  });

  it("without a word of its own when aborted, also when closing already", () => {
    wire.client.close();
    wire.client.abort();
    wire.client.abort();
    clock.advance(60_000);
    expect(client.events).toEqual([]);
    expect(server.events).toEqual(["closed: transport close"]);
  });

  it("in the middle of a batch: the rest does not reach a handler that aborted", () => {
    server.onPacket = (_packet, transport) => transport.abort();
    wire.client.send([message("a"), message("b")]);
    clock.advance(10);
    expect(server.events).toEqual(["4a"]);
    expect(wire.transcript.lostFrom("client")).toEqual(["4b"]);
  });
});
