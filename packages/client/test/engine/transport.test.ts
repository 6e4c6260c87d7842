import { beforeEach, describe, expect, it } from "vitest";
import { transports } from "../../src/engine/index.ts";
import { Transport } from "../../src/engine/transport.ts";
import type { TransportContext } from "../../src/transports/transport-context.ts";
import { FakeContext, Recorder } from "../transports/fake-network.ts";

/** A transport as an application may make one: what it does is written down. */
class OwnTransport extends Transport {
  readonly did: unknown[] = [];

  get name(): string {
    return "own";
  }

  protected doOpen(): void {
    this.did.push("open");
  }

  protected doClose(): void {
    this.did.push("close");
  }

  protected write(packets: unknown[]): void {
    this.writable = false;
    this.did.push(...packets);
  }

  opened(): void {
    this.onOpen();
  }

  written(): void {
    this.writable = true;
    this.emitReserved("drain");
  }

  arrived(data: string): void {
    this.onData(data);
  }

  ended(): void {
    this.onClose({ description: "gone", context: 1 });
  }

  failed(): void {
    this.onError("broken", 404);
  }

  uri(): string {
    return this.createUri("own", { ...this.query, "a b": "&" });
  }
}

let context: FakeContext;
let transport: OwnTransport;
let recorder: Recorder;

beforeEach(() => {
  context = new FakeContext();
  context.url = (scheme) => `${scheme}://server.test/path/?EIO=4&sid=${context.sid}`;
  context.address = () => "https://server.test/path/";
  transport = new OwnTransport(context as TransportContext);
  recorder = new Recorder(transport);
});

it("opens once it is made", () => {
  expect(transport.did).toEqual([]);
  context.clock.advance(0);
  expect(transport.did).toEqual(["open"]);
  transport.opened();
  expect([transport.writable, recorder.take()]).toEqual([true, ["open"]]);
});

it("does not open any more if it was aborted before", () => {
  transport.abort();
  context.clock.advance(0);
  transport.opened();
  expect([transport.did, transport.writable, recorder.take()]).toEqual([["close"], false, []]);
});

it("carries packets, and can be told when it may carry more", () => {
  transport.send([{ type: "message", data: "too early" }]);
  transport.opened();
  transport.send([{ type: "message", data: "a" }]);
  expect(transport.did).toEqual([{ type: "message", data: "a" }]);
  transport.written();
  transport.arrived("4b");
  expect(recorder.take()).toEqual(["open", "writable", { type: "message", data: "b" }]);
});

describe("its end", () => {
  beforeEach(() => {
    context.clock.advance(0);
    transport.opened();
    recorder.take();
    transport.did.length = 0;
  });

  it.each<[string, (own: OwnTransport) => void, unknown[]]>([
    ["by the connection", (own) => own.close(), [["transport close", undefined]]],
    ["by the connection, at once", (own) => own.abort(), []],
    ["by itself", (own) => own.failed(), [["transport error", "broken"]]],
    ["by a packet that is none", (own) => own.arrived("?"), [["transport error", "parse error"]]],
  ])("%s closes what carried the packets, once", (_, end, told) => {
    end(transport);
    transport.close();
    transport.abort();
    transport.failed();
    transport.ended();
    transport.arrived("4too late");
    expect([transport.did, recorder.take()]).toEqual([["close"], told]);
  });

  it("by the server is told with its details", () => {
    transport.ended();
    expect([transport.did, recorder.take()]).toEqual([[], [["transport close", "gone"]]]);
    expect(recorder.cause).toMatchObject({ type: "TransportError", description: "gone", context: 1 });
  });
});

it("knows its options and its server, and the session as soon as there is one", () => {
  expect(transport.uri()).toBe("own://server.test/path/?EIO=4&sid=&a+b=%26");
  context.sid = "1";
  expect(transport.query).toEqual({ EIO: "4", sid: "1" });
});

it("has listeners, too", () => {
  const told: string[] = [];
  for (const event of ["open", "packet", "drain", "close"] as const) {
    transport.on(event, () => told.push(event));
  }
  transport.opened();
  transport.arrived("6");
  transport.written();
  transport.ended();
  expect(told).toEqual(["open", "packet", "drain", "close"]);
});

it("lets the connection move on at once, unless it says otherwise", () => {
  let paused = false;
  transport.pause(() => {
    paused = true;
  });
  expect(paused).toBe(true);
});

describe("the transports that are built in", () => {
  it.each(Object.entries(transports))("tell nothing themselves: %s", (_name, { prototype }) => {
    for (const method of ["on", "once", "off", "emit"]) {
      expect(prototype).not.toHaveProperty(method);
      expect(Transport.prototype).toHaveProperty(method);
    }
  });

  it.each(Object.entries(transports))("have no steps that another class could replace: %s", (_name, { prototype }) => {
    expect(prototype).not.toBeInstanceOf(Transport);
    for (const method of ["doOpen", "doClose", "doPoll", "doWrite", "createSocket", "request", "onData", "uri"]) {
      expect(prototype).not.toHaveProperty(method);
    }
  });
});
