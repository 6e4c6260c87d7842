import { FakeWebTransport, RawWebTransport } from "@hawser/testing";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebTransportTransport } from "../../src/transports/webtransport.ts";
import { FakeContext, Recorder } from "./fake-network.ts";

let context: FakeContext;
let transport: WebTransportTransport;
let reported: Recorder;
let session: FakeWebTransport;
/** The server's end. */
let serverEnd: FakeWebTransport;
/** The stream that the client opened, at the server. */
let server: RawWebTransport;

/** Lets everything happen that needs no time. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  context.clock.runDeferred();
}

function create(): void {
  transport = new WebTransportTransport(context);
  reported = new Recorder(transport);
  ({ client: session, server: serverEnd } = context.webTransport as NonNullable<typeof context.webTransport>);
  serverEnd.closed.catch(() => {});
  serverEnd.ready.catch(() => {});
}

/** A transport that is open. */
async function open(options: { reading?: boolean } = {}): Promise<void> {
  create();
  session.open();
  server = await RawWebTransport.accept(serverEnd, options);
  await settled();
  reported.take();
}

const message = (data: string): { type: "message"; data: string } => ({ type: "message", data });

beforeEach(() => {
  context = new FakeContext();
});

describe("a WebTransport transport", () => {
  it("opens a session with what the application wants, and one stream, on which it asks for a new session", async () => {
    context.wanted = { transportOptions: { webtransport: { congestionControl: "throughput" } } };
    create();
    expect([context.webTransport?.url, context.told, transport.name]).toEqual([
      "https:webtransport",
      context.wanted,
      "webtransport",
    ]);
    session.open();
    server = await RawWebTransport.accept(serverEnd);
    expect(await server.next()).toBe("0");
  });

  it("asks for the session that is to be moved, if there is one", async () => {
    context.sid = 'a"b';
    await open();
    expect(server.all).toEqual(['0{"sid":"a\\"b"}']);
  });

  it("is open and writable when that has been sent", async () => {
    create();
    expect(transport.writable).toBe(false);
    session.open();
    server = await RawWebTransport.accept(serverEnd, { reading: false });
    await settled();
    expect([reported.take(), transport.writable]).toEqual([[], false]);
    server.read();
    await settled();
    expect([reported.take(), transport.writable]).toEqual([["open", "writable"], true]);
  });

  it("says so even if the server has answered by then, to a session that may have something to send", async () => {
    create();
    session.open();
    server = await RawWebTransport.accept(serverEnd, { reading: false });
    void server.send("0{}");
    await settled();
    server.read();
    await settled();
    expect(reported.take()).toEqual([{ type: "open", data: "{}" }, "open", "writable"]);
  });

  it("carries packets both ways, and binary data as it is", async () => {
    await open();
    transport.send([{ type: "ping", data: "probe" }, message("a"), { type: "message", data: new Uint8Array([1, 2]) }]);
    await server.next((frame) => typeof frame !== "string");
    expect(server.all.slice(1)).toEqual(["2probe", "4a", Buffer.from([1, 2])]);
    void server.send("3probe", Buffer.from([3, 4]));
    await settled();
    expect(reported.take().filter((event) => event !== "writable")).toEqual([
      { type: "pong", data: "probe" },
      { type: "message", data: new Uint8Array([3, 4]).buffer },
    ]);
  });

  it("takes packets of any length, for the client trusts its server", async () => {
    await open();
    void server.send(`4${"x".repeat(3_000_000)}`);
    await settled();
    const [packet] = reported.take() as [{ data: string }];
    expect(packet.data).toHaveLength(3_000_000);
  });

  it("is writable no faster than the server reads", async () => {
    create();
    session.open();
    server = await RawWebTransport.accept(serverEnd);
    await settled();
    reported.take();
    transport.send([message("a")]);
    expect(transport.writable).toBe(false);
    await settled();
    expect([transport.writable, reported.take()]).toEqual([true, ["writable"]]);
  });
});

describe("a WebTransport transport ends", () => {
  it("with its session", async () => {
    await open();
    serverEnd.close();
    await settled();
    expect(reported.take()).toEqual([["transport close", undefined]]);
    expect(transport.writable).toBe(false);
  });

  it("with its stream, and tells the server in the same way", async () => {
    await open();
    void server.send("4last");
    void server.finish();
    await settled();
    expect(reported.take()).toEqual([message("last"), ["transport close", undefined]]);
    expect(await server.finished).toBe("finished");
    await session.closed;
  });

  it.each(["while it opens", "once it is open"])("when the connection is lost %s", async (when) => {
    if (when === "while it opens") {
      create();
    } else {
      await open();
    }
    const error = new Error("lost");
    session.fail(error);
    await settled();
    expect(reported.take()).toEqual([["transport error", "webtransport error"]]);
    expect(reported.cause).toMatchObject({ type: "TransportError", description: error });
  });

  it("when no stream can be opened", async () => {
    create();
    session.createBidirectionalStream = () => Promise.reject(new Error("no stream"));
    session.open();
    await settled();
    expect(reported.take()).toEqual([["transport error", "webtransport error"]]);
    await serverEnd.closed;
  });

  it("when the stream is reset", async () => {
    await open();
    await server.abort(new Error("reset"));
    await settled();
    expect(reported.take()).toEqual([["transport error", "webtransport error"]]);
    expect(reported.cause).toMatchObject({ description: { message: "reset" } });
    await serverEnd.closed;
  });

  it("at what it can't read, and what comes after is not looked at", async () => {
    await open();
    void server.write(Buffer.from("02346101390234", "hex"));
    void server.send("4b");
    await settled();
    expect(reported.take()).toEqual([message("a"), ["transport error", "undecodable engine packet"]]);
    await serverEnd.closed;
  });

  it("before it begins, but not before anybody listens, where the platform has no WebTransport", async () => {
    context.refusal = new ReferenceError("WebTransport is not defined");
    transport = new WebTransportTransport(context);
    reported = new Recorder(transport);
    context.clock.runDeferred();
    expect(reported.take()).toEqual([["transport error", "WebTransport is not defined"]]);
    transport.close();
    transport.abort();
  });
});

it.each([
  ["before it is ready", async () => create()],
  [
    "before its stream is open",
    async () => {
      create();
      session.createBidirectionalStream = () => new Promise(() => {});
      session.open();
      await settled();
    },
  ],
  ["once it is open", open],
  [
    "while it is written to",
    async () => {
      await open({ reading: false });
      transport.send([message("x".repeat(100_000))]);
    },
  ],
])("leaves no rejection unhandled, however its session fails: %s", async (_when, begin) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  await begin();
  session.fail(new Error("lost"));
  await settled();
  await settled();
  expect(unhandled).toEqual([]);
  expect(reported.take().at(-1)).toEqual(["transport error", "webtransport error"]);
});

describe("a WebTransport transport that is closed", () => {
  it("lets what was sent arrive, finishes its stream, and closes the session then", async () => {
    create();
    session.open();
    server = await RawWebTransport.accept(serverEnd, { reading: false });
    server.read();
    await settled();
    reported.take();
    transport.send([message("x".repeat(100_000))]);
    transport.close();
    transport.close();
    expect(await server.finished).toBe("finished");
    expect(server.all.at(-1)).toBe(`4${"x".repeat(100_000)}`);
    await settled();
    expect(reported.take()).toEqual([["transport close", undefined]]);
    expect(session.closeCalls).toBeGreaterThan(0);
  });

  it("still tells of what arrives", async () => {
    await open();
    session.close = () => {};
    transport.close();
    void server.send("4late");
    await settled();
    expect(reported.take()).toEqual([message("late")]);
  });

  it("closes its session at once while it opens", async () => {
    create();
    transport.close();
    await settled();
    expect(reported.take()).toEqual([["transport close", undefined]]);
  });
});

describe("a WebTransport transport that is aborted reports nothing, and closes its session", () => {
  it.each(["while it opens", "once it is open", "while it closes"])("%s", async (when) => {
    if (when === "while it opens") {
      create();
    } else {
      await open();
      if (when === "while it closes") {
        transport.close();
      }
    }
    transport.abort();
    await serverEnd.closed;
    await settled();
    expect(reported.take()).toEqual([]);
  });

  it("between the readiness of its session and that of its stream", async () => {
    create();
    session.open();
    await session.ready;
    transport.abort();
    await settled();
    expect(reported.take()).toEqual([]);
  });

  it("in the middle of what arrived in one piece", async () => {
    await open();
    const { handler } = transport;
    transport.handler = Object.assign(Object.create(handler) as typeof handler, {
      onTransportPacket: () => {
        reported.events.push("packet");
        transport.abort();
      },
    });
    void server.send("4a", "4b");
    await settled();
    expect(reported.take()).toEqual(["packet"]);
  });
});
