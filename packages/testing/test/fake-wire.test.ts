import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, FakeWire, SeededRandom, Transcript, type FakeWireOptions } from "../src/index.ts";
import { Recorder, message } from "./recorder.ts";

let clock: FakeClock;
let wire: FakeWire;
let client: Recorder;
let server: Recorder;

function openWire(options: FakeWireOptions = {}): void {
  wire = new FakeWire(clock, options);
  client = new Recorder(wire.client);
  server = new Recorder(wire.server);
  clock.advance(1000);
  if (options.flavour === "polling") {
    wire.server.send([{ type: "open", data: "{}" }]);
    clock.advance(1000);
  }
  client.take();
  server.take();
}

beforeEach(() => {
  clock = new FakeClock();
});

describe("a wire", () => {
  it("never calls back on the stack of a call", () => {
    openWire();
    wire.client.send([message("a")]);
    wire.cut();
    expect(server.events).toEqual([]);
    expect(client.events).toEqual([]);
  });

  it("says so if it brings something to an end that nobody listens at", () => {
    wire = new FakeWire(clock);
    expect(() => clock.advance(0)).toThrow("a websocket transport opened before it was given a handler");
  });

  it("is not counted among the timers of the code under test", () => {
    openWire({ latency: 10 });
    wire.client.send([message("a")]);
    expect(wire.toServer.inFlight).toBe(1);
    expect(clock.armedTimers).toBe(0);
  });

  it("does not bring anything forward when its latency shrinks", () => {
    openWire({ latency: 100 });
    wire.client.send([message("slow")]);
    wire.toServer.latency = 0;
    wire.client.send([message("quick")]);
    clock.advance(99);
    expect(server.events).toEqual([]);
    clock.advance(1);
    expect(server.events).toEqual(["4slow", "4quick"]);
  });

  it("keeps the order in spite of jitter, and repeats it for the same seed", () => {
    const run = (seed: number): string => {
      clock = new FakeClock();
      openWire({ latency: 10, jitter: 50, random: new SeededRandom(seed) });
      for (let index = 0; index < 20; index++) {
        wire.client.send([message(String(index))]);
        clock.advance(1);
      }
      clock.advance(100);
      expect(server.events).toEqual(Array.from({ length: 20 }, (_, index) => `4${index}`));
      return wire.transcript.toString();
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });

  it("brings what is due at one moment in one read, or each send by itself", () => {
    openWire();
    const deferredAfterEach = (): number[] => {
      const deferred: number[] = [];
      server.onPacket = () => clock.defer(() => deferred.push(server.events.length));
      server.take();
      wire.client.send([message("a")]);
      wire.client.send([message("b")]);
      clock.advance(0);
      return deferred;
    };
    expect(deferredAfterEach()).toEqual([2, 2]);
    wire.toServer.coalesce = false;
    expect(deferredAfterEach()).toEqual([1, 2]);
  });
});

describe("a held packet", () => {
  beforeEach(() => openWire({ latency: 10 }));

  it("waits with all that is behind it until it is released", () => {
    wire.toServer.hold("2probe");
    wire.client.send([message("before")]);
    wire.client.send([{ type: "ping", data: "probe" }]);
    wire.client.send([message("behind")]);
    wire.server.send([message("other way")]);
    clock.advance(500);
    expect(server.take()).toEqual(["4before"]);
    expect(client.take()).toEqual(["4other way"]);
    wire.toServer.release();
    expect(server.take()).toEqual([]);
    clock.advance(0);
    expect(server.take()).toEqual(["2probe", "4behind"]);
  });

  it("is not delivered before its time by an early release", () => {
    wire.toServer.hold();
    wire.client.send([message("a")]);
    wire.toServer.release();
    clock.advance(9);
    expect(server.events).toEqual([]);
    clock.advance(1);
    expect(server.events).toEqual(["4a"]);
  });

  it("can be one of those already under way", () => {
    wire.client.send([message("a")]);
    wire.toServer.hold(/^4a/);
    clock.advance(500);
    expect(server.events).toEqual([]);
  });
});

describe("a half-open wire", () => {
  it("loses what goes one way, also what is under way, and carries what goes the other way", () => {
    openWire({ latency: 10 });
    wire.client.send([message("under way")]);
    wire.toServer.drop();
    wire.client.send([message("later")]);
    wire.server.send([message("other way")]);
    clock.advance(100_000);
    expect(server.events).toEqual([]);
    expect(client.events).toEqual(["4other way"]);
    expect(wire.transcript.lostFrom("client")).toEqual(["4under way", "4later"]);
    expect([wire.client.writable, wire.server.writable]).toEqual([true, true]);
  });

  it("leaves a polling client waiting for the answer to its POST", () => {
    openWire({ flavour: "polling" });
    wire.toServer.drop();
    wire.client.send([message("a")]);
    clock.advance(100_000);
    expect(client.events).toEqual([]);
    expect(wire.client.writable).toBe(false);
  });
});

describe.each(["websocket", "polling"] as const)("a cut %s wire", (flavour) => {
  beforeEach(() => openWire({ flavour, latency: 10 }));

  it("loses what is under way, and both ends report it once", () => {
    wire.client.send([message("a")]);
    wire.server.send([message("b")]);
    wire.cut();
    clock.advance(0);
    expect(client.take()).toEqual(["closed: transport error"]);
    expect(server.take()).toEqual(["closed: transport error"]);
    wire.cut();
    clock.advance(100_000);
    expect([...client.events, ...server.events]).toEqual([]);
    expect([wire.client.writable, wire.server.writable]).toEqual([false, false]);
  });

  it("can be noticed by one end alone, for a reason of its own", () => {
    wire.cut({ reason: "transport close", noticedBy: "server" });
    clock.advance(100_000);
    expect(server.events).toEqual(["closed: transport close"]);
    expect(client.events).toEqual([]);
  });
});

describe("back-pressure", () => {
  it("makes an end unwritable until it is relieved, which it reports", () => {
    openWire();
    wire.stall("server");
    expect(wire.server.writable).toBe(false);
    expect(() => wire.server.send([message("a")])).toThrow("not writable");
    wire.relieve("server");
    clock.advance(0);
    expect(server.events).toEqual(["writable"]);
    expect(wire.server.writable).toBe(true);
  });

  it("is not reported as over while a polling server has no GET to answer", () => {
    openWire({ flavour: "polling", latency: 10 });
    wire.server.send([message("a")]);
    wire.stall("server");
    wire.relieve("server");
    clock.advance(19);
    expect(server.events).toEqual([]);
    clock.advance(1);
    expect(server.events).toEqual(["writable"]);
  });
});

describe("the transcript", () => {
  it("tells what was sent, what arrived and what was lost, over several wires in the order of events", () => {
    const transcript = new Transcript();
    openWire({ transcript, latency: 10 });
    const other = new FakeWire(clock, { transcript, name: "other" });
    const end = new Recorder(other.client);
    new Recorder(other.server);
    clock.advance(0);
    wire.client.send([message("slow")]);
    other.client.send([message("quick")]);
    clock.advance(10);
    wire.cut();
    wire.server.send([message("late")]);
    expect(transcript.toString().split("\n")).toEqual([
      "1000 ms, websocket: 4slow from the client sent",
      "1000 ms, other: 4quick from the client sent",
      "1000 ms, other: 4quick from the client arrived",
      "1010 ms, websocket: 4slow from the client arrived",
      "1010 ms, websocket: 4late from the server sent",
      "1010 ms, websocket: 4late from the server lost",
    ]);
    expect(transcript.arrivedAt("server")).toEqual(["4quick", "4slow"]);
    expect(transcript.arrivedAt("server", "other")).toEqual(["4quick"]);
    expect(transcript.sentBy("server")).toEqual(["4late"]);
    expect(transcript.lostFrom("server")).toEqual(["4late"]);
    expect(end.events).toEqual(["open"]);
  });
});
