import { PacketType, type Packet } from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import type { AckIds } from "../../src/io/link.ts";
import { ServerLink } from "../../src/io/server-link.ts";
import { RecordingHandler, StubPort } from "./link-fixture.ts";

let port: StubPort;
let handler: RecordingHandler;
let ids: AckIds;
let link: ServerLink;

beforeEach(() => {
  port = new StubPort();
  handler = new RecordingHandler();
  ids = { next: 0 };
  link = new ServerLink("/chat", port, handler, ids);
});

const connect: Packet = { type: PacketType.CONNECT, nsp: "/chat" };
const disconnect: Packet = { type: PacketType.DISCONNECT, nsp: "/chat" };
const event = (name: string, id?: number): Packet => ({ type: PacketType.EVENT, nsp: "/chat", data: [name], id });
const ack = (id: number, ...data: unknown[]): Packet => ({ type: PacketType.ACK, nsp: "/chat", id, data });

function accepted(): void {
  link.accept({ sid: "s1" });
  port.take();
}

describe("a client that asks to join", () => {
  it("is let in by CONNECT, before anything that is sent from then on", () => {
    expect(link.state).toBe("connecting");
    link.accept({ sid: "s1" });
    link.emit(["hello"], {});
    expect(link.state).toBe("connected");
    expect(port.take()).toEqual(['0/chat,{"sid":"s1"}', '2/chat,["hello"]']);
  });

  it("is told the private id if recovery is offered", () => {
    link.accept({ sid: "s1", pid: "p1" });
    expect(port.take()).toEqual(['0/chat,{"sid":"s1","pid":"p1"}']);
  });

  it("is kept out by CONNECT_ERROR, with or without details", () => {
    link.refuse({ message: "not authorized", data: { reason: "token" } });
    expect(link.state).toBe("closed");
    expect(port.take()).toEqual(['4/chat,{"message":"not authorized","data":{"reason":"token"}}']);
    new ServerLink("/chat", port, handler, ids).refuse({ message: "no" });
    expect(port.take()).toEqual(['4/chat,{"message":"no"}']);
    expect(handler.take()).toEqual([]);
  });

  it("is not waited for any more when it is kept out", () => {
    const answers: unknown[] = [];
    const options = { errorFirst: true, timeout: 1000 };
    link.emit(["ask"], {}, (error) => answers.push((error as { code: string }).code), options);
    link.refuse({ message: "no" });
    expect(answers).toEqual(["ERR_DISCONNECTED"]);
    expect(port.clock.armedTimers).toBe(0);
  });

  it("may ask again while its first attempt is looked at, and gets one answer", () => {
    expect(link.receive(connect)).toBeUndefined();
    link.accept({ sid: "s1" });
    expect(port.take()).toHaveLength(1);
  });

  it("may change its mind", () => {
    expect(link.receive(disconnect)).toBeUndefined();
    expect(link.state).toBe("closed");
    expect(handler.take()).toEqual(["close: client namespace disconnect"]);
  });

  it.each([
    ["an event", event("a")],
    ["an acknowledgement", ack(0)],
    ["a refusal", { type: PacketType.CONNECT_ERROR, nsp: "/chat", data: "no" } as Packet],
  ])("may not send %s yet", (_, packet) => {
    expect(link.receive(packet)).toMatchObject({ code: "ERR_PACKET_ORDER" });
    expect(handler.take()).toEqual([]);
  });
});

describe("a client that has joined", () => {
  beforeEach(accepted);

  it("may neither join again nor refuse", () => {
    expect(link.receive(connect)).toMatchObject({ code: "ERR_PACKET_ORDER" });
    expect(link.receive({ type: PacketType.CONNECT_ERROR, nsp: "/chat", data: "no" })).toMatchObject({
      code: "ERR_PACKET_ORDER",
    });
  });

  it("has its events delivered, with an acknowledgement where it asks for an answer", () => {
    link.receive(event("a"));
    link.receive(event("b", 0));
    expect(handler.take()).toEqual(["event a", "event b +ack"]);
    handler.ack?.("x", 1);
    handler.ack?.("again");
    expect(port.take()).toEqual(['3/chat,0["x",1]']);
  });

  it("answers events that asked for it; what it answers unasked is ignored", () => {
    const answers: unknown[][] = [];
    link.emit(["ask"], {}, (...args) => answers.push(args));
    link.emit(["ask"], {}, (...args) => answers.push(args), { errorFirst: true });
    expect(port.take()).toEqual(['2/chat,0["ask"]', '2/chat,1["ask"]']);
    link.receive(ack(1, "one"));
    link.receive(ack(0, "zero"));
    link.receive(ack(0, "again"));
    expect(link.receive(ack(9))).toBeUndefined();
    expect(answers).toEqual([[null, "one"], ["zero"]]);
  });

  it("shares the ids of a namespace with the others in it", () => {
    ids.next = 41;
    link.emit(["ask"], {}, () => {});
    const another = new ServerLink("/chat", port, handler, ids);
    another.accept({ sid: "s2" });
    another.emit(["ask"], {}, () => {});
    expect(port.take()).toEqual(['2/chat,41["ask"]', '0/chat,{"sid":"s2"}', '2/chat,42["ask"]']);
  });

  it("leaves by DISCONNECT", () => {
    link.receive(disconnect);
    expect(link.state).toBe("closed");
    expect(handler.take()).toEqual(["close: client namespace disconnect"]);
    expect(port.take()).toEqual([]);
  });

  it("is sent off by DISCONNECT, once", () => {
    link.disconnect();
    link.disconnect();
    expect(port.take()).toEqual(["1/chat,"]);
    expect(handler.take()).toEqual(["close: server namespace disconnect"]);
  });

  it("is gone with its session, without a word on the wire", () => {
    link.sessionClosed("transport close", new Error("why"));
    link.sessionClosed("ping timeout");
    link.disconnect();
    expect(port.take()).toEqual([]);
    expect(handler.take()).toEqual(["close: transport close, why"]);
  });

  it("is told what may be lost only if it can be told at once", () => {
    const answers: unknown[] = [];
    link.emit(["a"], { volatile: true }, () => answers.push("a"));
    port.writable = false;
    link.emit(["b"], { volatile: true }, () => answers.push("b"));
    link.emit(["c"], {});
    expect(port.take()).toEqual(['2/chat,0["a"]', '2/chat,["c"]']);
    expect(link.acks.size).toBe(1);
  });

  it("is sent packets with the wishes of the emitter", () => {
    port.flags.length = 0;
    link.emit(["a"], { compress: false });
    expect(port.flags).toEqual([{ compress: false }]);
  });
});

describe("after the end", () => {
  const answers: string[] = [];
  const callback = (error: unknown): void => void answers.push((error as { code?: string } | null)?.code ?? "plain");

  beforeEach(() => {
    accepted();
    answers.length = 0;
  });

  it("those who wait for an answer are told, after the application was told of the end", () => {
    handler.onClose = () => answers.push("close");
    link.emit(["a"], {}, callback, { errorFirst: true, timeout: 1000 });
    link.emit(["b"], {}, callback);
    link.sessionClosed("transport close");
    expect(answers).toEqual(["close", "ERR_DISCONNECTED"]);
    expect(port.clock.armedTimers).toBe(0);
    link.receive(ack(0, "late"));
    expect(answers).toEqual(["close", "ERR_DISCONNECTED"]);
  });

  it("nothing is sent, and whoever asks for an answer is told at once", () => {
    link.disconnect();
    port.take();
    link.emit(["a"], {}, callback, { errorFirst: true, timeout: 1000 });
    link.emit(["b"], {});
    expect(port.take()).toEqual([]);
    expect(answers).toEqual(["ERR_DISCONNECTED"]);
    expect(link.acks.size).toBe(0);
    expect(port.clock.armedTimers).toBe(0);
  });

  it("an acknowledgement called late sends nothing", () => {
    link.receive(event("ask", 5));
    link.receive(disconnect);
    handler.ack?.("too late");
    expect(port.take()).toEqual([]);
  });

  it("events are a violation, and a second DISCONNECT is not", () => {
    link.disconnect();
    expect(link.receive(event("a"))).toMatchObject({ code: "ERR_PACKET_ORDER" });
    expect(link.receive(disconnect)).toBeUndefined();
    expect(handler.take()).toEqual(["close: server namespace disconnect"]);
  });
});

it("a callback that throws is reported as such, and the others are still called", () => {
  accepted();
  const answers: string[] = [];
  const options = { errorFirst: true };
  link.emit(
    ["a"],
    {},
    () => {
      throw new Error("from a callback");
    },
    options,
  );
  link.emit(["b"], {}, () => answers.push("b"), options);
  link.sessionClosed("transport close");
  expect(handler.take()).toEqual(["close: transport close", "acknowledgement threw: from a callback"]);
  expect(answers).toEqual(["b"]);
});

it("whoever emits what can't be encoded learns it there, and is told nothing later", () => {
  accepted();
  const answers: unknown[] = [];
  const options = { errorFirst: true, timeout: 1000 };
  expect(() => link.emit(["a", 1n], {}, () => answers.push("called"), options)).toThrow(TypeError);
  expect(link.acks.size).toBe(0);
  expect(port.clock.armedTimers).toBe(0);
  link.disconnect();
  expect(answers).toEqual([]);
});

it("what a callback returns is handed on, for it may be a promise that fails", () => {
  accepted();
  const results: unknown[] = [];
  Object.assign(handler, { onAckResult: (result: unknown) => results.push(result) });
  link.emit(["a"], {}, () => "returned" as never);
  link.receive(ack(0));
  expect(results).toEqual(["returned"]);
});

it("what a recovered client missed is replayed before it is let in", () => {
  link.replay(["missed", 1]);
  link.accept({ sid: "s1", pid: "p1" });
  expect(port.take()).toEqual(['2/chat,["missed",1]', '0/chat,{"sid":"s1","pid":"p1"}']);
});
