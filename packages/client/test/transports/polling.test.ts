import { beforeEach, describe, expect, it } from "vitest";
import { PollingTransport } from "../../src/transports/polling.ts";
import { FakeContext, Recorder } from "./fake-network.ts";

const SEPARATOR = "\x1e";

let context: FakeContext;
let transport: PollingTransport;
let reported: Recorder;

beforeEach(() => {
  context = new FakeContext();
  transport = new PollingTransport(context);
  reported = new Recorder(transport);
});

/** Completes the handshake; the next GET is waiting then. */
function open(): void {
  context.get.answer("0{}");
  reported.take();
}

const message = (data: string): { type: "message"; data: string } => ({ type: "message", data });

describe("a polling transport", () => {
  it("begins with a GET, and is open with the first answer", () => {
    expect(context.requests).toMatchObject([{ url: "http:polling", body: undefined }]);
    expect(transport.writable).toBe(false);
    context.get.answer("0{}");
    expect(reported.take()).toEqual(["open", { type: "open", data: "{}" }]);
    expect(transport.writable).toBe(true);
  });

  it("asks for more after each answer", () => {
    open();
    context.get.answer(["4a", "4b", "2"].join(SEPARATOR));
    expect(reported.take()).toEqual([message("a"), message("b"), { type: "ping" }]);
    expect(context.requests).toHaveLength(3);
  });

  it("sends by one POST at a time, and says when it can take more", () => {
    open();
    transport.send([message("a"), message("b")]);
    expect(context.post.body).toBe(`4a${SEPARATOR}4b`);
    expect(transport.writable).toBe(false);
    context.post.answer();
    expect([transport.writable, reported.take()]).toEqual([true, ["writable"]]);
  });

  it("sends and receives binary data as base64", () => {
    open();
    transport.send([{ type: "message", data: new Uint8Array([1, 2]) }]);
    expect(context.post.body).toBe("bAQI=");
    context.get.answer("bAwQ=");
    const [packet] = reported.take() as { data: ArrayBuffer }[];
    expect(new Uint8Array(packet?.data as ArrayBuffer)).toEqual(new Uint8Array([3, 4]));
  });

  it("ends when the server says so", () => {
    open();
    context.get.answer(["4a", "1", "4b"].join(SEPARATOR));
    expect(reported.take()).toEqual([message("a"), ["transport close", "transport closed by the server"]]);
    expect(reported.cause).toMatchObject({ description: "transport closed by the server" });
    expect(context.requests).toHaveLength(2);
  });

  it.each([
    ["GET", "xhr poll error", () => context.get],
    ["POST", "xhr post error", () => context.post],
  ])("ends when a %s fails, and says how", (_, error, request) => {
    open();
    transport.send([message("a")]);
    request().answer("too much", 413);
    expect(reported.take()).toEqual([["transport error", error]]);
    expect(reported.cause).toMatchObject({
      type: "TransportError",
      description: 413,
      context: { status: 413, responseText: "too much" },
    });
    expect(transport.writable).toBe(false);
  });

  it("takes a request that lasts longer than allowed for one that failed", () => {
    context.wanted = { requestTimeout: 1000 };
    transport = new PollingTransport(context);
    reported = new Recorder(transport);
    context.clock.advance(999);
    open();
    context.clock.advance(999);
    transport.send([message("a")]);
    context.clock.advance(1);
    expect(reported.take()).toEqual([["transport error", "xhr poll error"]]);
    expect(reported.cause).toMatchObject({ description: 0 });
    expect([context.get.aborted, context.post.aborted, context.clock.armedTimers]).toEqual([true, true, 0]);
  });

  it("leaves the time for its requests to the network unless told otherwise", () => {
    open();
    expect(context.clock.armedTimers).toBe(0);
  });

  it("aborts what is in flight when one request fails", () => {
    open();
    transport.send([message("a")]);
    context.post.answer("", 0);
    expect(context.get.aborted).toBe(true);
  });

  it("ends at what it can't read", () => {
    open();
    context.get.answer(["4a", "what?", "4b"].join(SEPARATOR));
    expect(reported.take()).toEqual([message("a"), ["transport error", "undecodable engine packet"]]);
  });

  it("stops in the middle of an answer if it is aborted there", () => {
    open();
    reported.onTransportPacket = () => transport.abort();
    context.get.answer(["4a", "4b"].join(SEPARATOR));
    expect([reported.take(), context.requests.length]).toEqual([[], 2]);
  });

  it("reports nothing once it is aborted", () => {
    open();
    transport.send([message("a")]);
    transport.abort();
    expect([context.get.aborted, context.post.aborted]).toEqual([true, true]);
    expect(reported.take()).toEqual([]);
  });
});

describe("closing a polling transport", () => {
  it("tells the server by a POST, and is done when that is answered", () => {
    open();
    transport.close();
    transport.close();
    expect(context.requests.map(({ body }) => body)).toEqual([undefined, undefined, "1"]);
    expect(reported.take()).toEqual([]);
    context.post.answer();
    expect(reported.take()).toEqual([["transport close", undefined]]);
    expect(context.get.aborted).toBe(true);
  });

  it("waits for the POST that is in flight", () => {
    open();
    transport.send([message("a")]);
    transport.close();
    expect(context.post.body).toBe("4a");
    context.post.answer();
    expect(context.post.body).toBe("1");
  });

  it("still delivers what the server had sent before it knew, and asks for no more", () => {
    open();
    transport.close();
    context.get.answer("4a");
    expect([reported.take(), context.requests.length]).toEqual([[message("a")], 3]);
  });
});

describe("pausing a polling transport", () => {
  let paused: number;
  const pause = (): void => transport.pause(() => paused++);

  beforeEach(() => {
    paused = 0;
    open();
  });

  it("waits for the GET, whose packets are delivered, and starts no other", () => {
    pause();
    expect([paused, transport.writable]).toEqual([0, false]);
    context.get.answer("4a");
    expect([paused, reported.take(), context.requests.length]).toEqual([1, [message("a")], 2]);
  });

  it("waits for the POST as well, whichever ends last", () => {
    transport.send([message("a")]);
    pause();
    context.get.answer("6");
    expect(paused).toBe(0);
    context.post.answer();
    expect(paused).toBe(1);
  });

  it("may be taken back, before and after it is done", () => {
    pause();
    transport.resume();
    expect([transport.writable, context.requests.length]).toEqual([true, 2]);
    pause();
    context.get.answer("6");
    expect(paused).toBe(1);
    transport.resume();
    expect([transport.writable, context.requests.length]).toEqual([true, 3]);
  });

  it("that never was changes nothing when it is taken back", () => {
    transport.resume();
    expect(context.requests).toHaveLength(2);
  });
});
