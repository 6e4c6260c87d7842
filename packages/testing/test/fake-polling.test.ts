import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, FakeWire } from "../src/index.ts";
import { Recorder, message } from "./recorder.ts";

const OPEN = { type: "open", data: "{}" } as const;

let clock: FakeClock;
let wire: FakeWire;
let client: Recorder;
let server: Recorder;

beforeEach(() => {
  clock = new FakeClock();
  wire = new FakeWire(clock, {
    flavour: "polling",
    latency: 10,
    accept: (transport) => {
      server = new Recorder(transport);
      transport.send([OPEN]);
    },
  });
  client = new Recorder(wire.client);
});

/** Opens the connection; from then on a GET waits at the server. */
function open(): void {
  clock.advance(30);
  client.take();
  server.take();
}

describe("a fake polling transport opens", () => {
  it("by a GET that the server answers with OPEN, and polls again", () => {
    clock.advance(19);
    expect(client.take()).toEqual([]);
    expect(wire.server.writable).toBe(false);
    clock.advance(1);
    expect(client.take()).toEqual(["open", "0{}"]);
    expect(wire.client.writable).toBe(true);
    clock.advance(10);
    expect(server.take()).toEqual(["writable"]);
    expect(wire.server.writable).toBe(true);
  });

  it("and tells a handler that waited for it that it is writable", () => {
    wire = new FakeWire(clock, { flavour: "polling" });
    server = new Recorder(wire.server);
    clock.advance(0);
    expect(server.take()).toEqual(["writable"]);
  });

  it("not at all if the server refuses", () => {
    wire = new FakeWire(clock, { flavour: "polling", latency: 10, accept: (transport) => transport.abort() });
    client = new Recorder(wire.client);
    clock.advance(20);
    expect(client.take()).toEqual(["closed: transport error"]);
  });
});

describe("an open fake polling transport", () => {
  beforeEach(open);

  it("answers the waiting GET with the whole batch, and is writable again when the next one has come", () => {
    wire.server.send([message("a"), message("b")]);
    expect(wire.server.writable).toBe(false);
    expect(() => wire.server.send([message("c")])).toThrow("not writable");
    clock.advance(10);
    expect(client.take()).toEqual(["4a", "4b"]);
    clock.advance(9);
    expect(server.take()).toEqual([]);
    clock.advance(1);
    expect(server.take()).toEqual(["writable"]);
  });

  it("posts one batch at a time, and is writable again when it is answered", () => {
    wire.client.send([message("a"), message("b")]);
    expect(wire.client.writable).toBe(false);
    clock.advance(10);
    expect(server.take()).toEqual(["4a", "4b"]);
    clock.advance(9);
    expect(client.take()).toEqual([]);
    clock.advance(1);
    expect(client.take()).toEqual(["writable"]);
  });

  it("lets a POST and an answer to a GET overtake each other", () => {
    wire.toClient.hold("4held");
    wire.server.send([message("held")]);
    wire.client.send([message("a")]);
    clock.advance(20);
    expect(server.take()).toEqual(["4a"]);
    expect(client.take()).toEqual(["writable"]);
    wire.toClient.release();
    clock.advance(0);
    expect(client.take()).toEqual(["4held"]);
  });
});

describe("a fake polling client pauses", () => {
  let paused: number | undefined;
  const pause = (): void => wire.client.pause?.(() => (paused = clock.now()));

  beforeEach(() => {
    open();
    paused = undefined;
  });

  it("when its GET is answered, delivers what that brought, and polls no more", () => {
    pause();
    clock.advance(50);
    expect(paused).toBeUndefined();
    wire.server.send([message("last")]);
    clock.advance(100);
    expect(paused).toBe(90);
    expect(client.take()).toEqual(["4last"]);
    expect(wire.server.writable).toBe(false);
    expect(wire.toServer.inFlight).toBe(0);
  });

  it("when its POST is answered too, and is not writable meanwhile nor then", () => {
    wire.toClient.latency = 40;
    wire.client.send([message("a")]);
    pause();
    wire.toClient.latency = 10;
    wire.server.send([{ type: "noop" }]);
    wire.toClient.hold();
    clock.advance(30);
    expect(paused).toBeUndefined();
    wire.toClient.release();
    clock.advance(0);
    expect(paused).toBe(60);
    expect(client.take()).toEqual(["6"]);
    expect(wire.client.writable).toBe(false);
  });

  it("when it was told to by the handler of a packet, with the rest of the batch delivered before", () => {
    client.onPacket = ({ data }) => {
      if (data === "a") {
        pause();
      }
    };
    wire.server.send([message("a"), message("b")]);
    clock.advance(100);
    expect(client.take()).toEqual(["4a", "4b"]);
    expect(paused).toBe(40);
  });

  it("and polls again when it is resumed", () => {
    pause();
    wire.server.send([{ type: "noop" }]);
    clock.advance(50);
    client.take();
    wire.client.resume?.();
    clock.advance(10);
    expect(client.take()).toEqual(["writable"]);
    expect(wire.server.writable).toBe(true);
  });

  it("and keeps its GET when it is resumed before that was answered", () => {
    pause();
    wire.client.resume?.();
    clock.advance(50);
    expect(paused).toBeUndefined();
    wire.server.send([message("a")]);
    clock.advance(20);
    expect(client.take()).toEqual(["writable", "4a"]);
    expect(server.take()).toEqual(["writable"]);
    expect(wire.server.writable).toBe(true);
  });

  it("but never says so once it is aborted", () => {
    pause();
    wire.client.abort();
    clock.advance(100);
    expect(paused).toBeUndefined();
  });
});

describe("a fake polling client closes", () => {
  it("by posting a close packet, which releases the waiting GET", () => {
    open();
    wire.client.close();
    clock.advance(10);
    expect(server.take()).toEqual(["closed: transport close"]);
    expect(wire.transcript.sentBy("server")).toEqual(["0{}", "6"]);
    clock.advance(10);
    expect(client.take()).toEqual(["6", "closed: transport close"]);
  });

  it("after the POST that is under way", () => {
    open();
    wire.client.send([message("a")]);
    wire.client.close();
    clock.advance(10);
    expect(wire.transcript.sentBy("client")).toEqual(["4a"]);
    clock.advance(100);
    expect(wire.transcript.sentBy("client")).toEqual(["4a", "1"]);
    expect(server.take()).toEqual(["4a", "closed: transport close"]);
    expect(client.take().at(-1)).toBe("closed: transport close");
  });

  it("while it opens, and the server finds its GET broken off", () => {
    server = new Recorder();
    wire = new FakeWire(clock, { flavour: "polling", latency: 10, accept: (end) => (end.handler = server) });
    client = new Recorder(wire.client);
    clock.advance(5);
    wire.client.close();
    clock.advance(20);
    expect(client.take()).toEqual(["closed: transport close"]);
    expect(server.take()).toEqual(["closed: transport error"]);
  });

  it("without a word when aborted; the server finds the waiting GET broken off", () => {
    open();
    wire.client.abort();
    clock.advance(10);
    expect(server.take()).toEqual(["closed: transport error"]);
    expect(client.take()).toEqual([]);
  });

  it("unnoticed when aborted while the answer to its GET is under way", () => {
    open();
    wire.server.send([message("a")]);
    wire.client.abort();
    clock.advance(60_000);
    expect(server.take()).toEqual([]);
    expect(wire.transcript.lostFrom("server")).toEqual(["4a"]);
  });

  it("unnoticed when aborted with no request under way", () => {
    open();
    wire.client.pause?.(() => wire.client.abort());
    wire.server.send([{ type: "noop" }]);
    clock.advance(60_000);
    expect(server.take()).toEqual([]);
  });
});

describe("a fake polling server closes", () => {
  beforeEach(open);

  it("by answering the waiting GET with a close packet", () => {
    wire.server.close();
    clock.advance(10);
    expect(server.take()).toEqual(["closed: transport close"]);
    expect(client.take()).toEqual(["closed: transport close"]);
    expect(wire.transcript.arrivedAt("client")).toEqual(["0{}", "1"]);
  });

  it("by answering the next GET if none waits, and takes what is posted until then", () => {
    wire.server.send([message("a")]);
    wire.client.send([message("b")]);
    wire.server.close();
    expect(wire.server.writable).toBe(false);
    clock.advance(20);
    expect(server.take()).toEqual(["4b", "closed: transport close"]);
    clock.advance(10);
    expect(client.take().filter((event) => event !== "writable")).toEqual(["4a", "6", "closed: transport close"]);
  });

  it("after 30 seconds if no GET comes", () => {
    wire.toClient.drop();
    wire.server.send([message("a")]);
    wire.server.close();
    clock.advance(29_999);
    expect(server.take()).toEqual([]);
    clock.advance(1);
    expect(server.take()).toEqual(["closed: transport close"]);
  });

  it("at once when aborted, and refuses what comes later", () => {
    wire.server.send([message("a")]);
    wire.server.abort();
    clock.advance(100);
    expect(server.take()).toEqual([]);
    expect(client.take()).toEqual(["4a", "closed: transport error"]);
  });
});
