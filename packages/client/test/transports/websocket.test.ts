import { beforeEach, describe, expect, it } from "vitest";
import { WebSocketTransport } from "../../src/transports/websocket.ts";
import { FakeContext, Recorder, type FakeWebSocket } from "./fake-network.ts";

let context: FakeContext;
let transport: WebSocketTransport;
let reported: Recorder;
let socket: FakeWebSocket;

beforeEach(() => {
  context = new FakeContext();
  transport = new WebSocketTransport(context);
  reported = new Recorder(transport);
  socket = context.socket as FakeWebSocket;
});

describe("a WebSocket transport", () => {
  it("opens a WebSocket, and is writable once that is open", () => {
    expect([socket.url, socket.binaryType, transport.writable]).toEqual(["ws:websocket", "arraybuffer", false]);
    socket.onopen?.();
    expect([reported.take(), transport.writable]).toEqual([["open"], true]);
  });

  it("carries one packet in each message", () => {
    socket.onopen?.();
    const binary = new Uint8Array([1]);
    transport.send([
      { type: "ping", data: "probe" },
      { type: "message", data: "a", options: { compress: false } },
    ]);
    transport.send([{ type: "message", data: binary }]);
    expect(socket.sent).toEqual([
      ["2probe", undefined],
      ["4a", { compress: false }],
      [binary, undefined],
    ]);
    reported.take();
    socket.onmessage?.({ data: "4b" });
    socket.onmessage?.({ data: binary.buffer });
    expect(reported.take()).toEqual([
      { type: "message", data: "b" },
      { type: "message", data: binary.buffer },
    ]);
  });

  it("carries binary data as text if that is wanted", () => {
    context.wanted = { forceBase64: true };
    transport = new WebSocketTransport(context);
    socket = context.socket as FakeWebSocket;
    reported = new Recorder(transport);
    socket.onopen?.();
    transport.send([{ type: "message", data: new Uint8Array([1, 2]) }]);
    expect(socket.sent).toEqual([["bAQI=", undefined]]);
    socket.onmessage?.({ data: "bAwQ=" });
    expect(reported.take()).toEqual(["open", { type: "message", data: new Uint8Array([3, 4]).buffer }]);
  });

  it("ends with the WebSocket, and says how", () => {
    socket.onopen?.();
    reported.take();
    const event = { code: 1001 };
    socket.onclose?.(event);
    expect(reported.take()).toEqual([["transport close", "websocket connection closed"]]);
    expect(reported.cause).toMatchObject({ description: "websocket connection closed", context: event });
    expect(transport.writable).toBe(false);
  });

  it("ends once, at the error before the close", () => {
    const event = { type: "error", error: new Error("not trusted") };
    socket.onerror?.(event);
    socket.onclose?.({});
    expect(reported.take()).toEqual([["transport error", "websocket error"]]);
    expect(reported.cause).toMatchObject({ type: "TransportError", description: event, cause: event.error });
  });

  it("ends at what it can't read", () => {
    socket.onopen?.();
    reported.take();
    socket.onmessage?.({ data: "what?" });
    socket.onmessage?.({ data: "4a" });
    expect(reported.take()).toEqual([["transport error", "undecodable engine packet"]]);
    expect(socket.closed).toBe(1);
  });

  it("fails, but not before anybody listens, where the constructor throws", () => {
    context.refusal = new Error("insecure");
    transport = new WebSocketTransport(context);
    reported = new Recorder(transport);
    context.clock.runDeferred();
    expect(reported.take()).toEqual([["transport error", "websocket error"]]);
    expect(reported.cause).toMatchObject({ description: context.refusal, cause: context.refusal });
  });

  it("closes in an orderly way, and is done when the WebSocket is", () => {
    socket.onopen?.();
    reported.take();
    transport.close();
    expect([socket.closed, reported.take()]).toEqual([1, []]);
    socket.onmessage?.({ data: "4a" });
    socket.onclose?.({});
    expect(reported.take()).toEqual([
      { type: "message", data: "a" },
      ["transport close", "websocket connection closed"],
    ]);
  });

  it("reports nothing once it is aborted, even while it opens", () => {
    transport.abort();
    socket.onopen?.();
    socket.onmessage?.({ data: "4a" });
    socket.onerror?.({});
    socket.onclose?.({});
    expect([socket.closed, reported.take()]).toEqual([1, []]);
  });
});
