import { PacketType, type EventData, type Packet } from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import { ClientLink } from "../../src/io/client-link.ts";
import { RecordingHandler, StubPort } from "./link-fixture.ts";

let port: StubPort;
let handler: RecordingHandler;
let link: ClientLink;

beforeEach(() => {
  port = new StubPort();
  handler = new RecordingHandler();
  link = new ClientLink("/", port, handler, { next: 0 });
});

const welcome = (data: Record<string, unknown> = { sid: "s1" }): Packet => ({
  type: PacketType.CONNECT,
  nsp: "/",
  data,
});
const disconnect: Packet = { type: PacketType.DISCONNECT, nsp: "/" };
const event = (name: string, id?: number): Packet => ({ type: PacketType.EVENT, nsp: "/", data: [name], id });
const ack = (id: number, ...data: unknown[]): Packet => ({ type: PacketType.ACK, nsp: "/", id, data });
const refusal = (data: string | { message: string; data?: unknown }): Packet => ({
  type: PacketType.CONNECT_ERROR,
  nsp: "/",
  data,
});

function join(): void {
  link.connect(undefined);
  link.receive(welcome());
  handler.take();
  port.take();
}

describe("joining", () => {
  it("asks with the auth payload, and is done when the server welcomes", () => {
    expect(link.state).toBe("idle");
    link.connect({ token: "x" });
    expect(link.state).toBe("connecting");
    expect(port.take()).toEqual(['0{"token":"x"}']);
    link.receive(welcome({ sid: "s1" }));
    expect(link.state).toBe("connected");
    expect(handler.take()).toEqual(["welcome s1", "connect"]);
  });

  it("is told the private id, if it is one", () => {
    link.connect(undefined);
    link.receive(welcome({ sid: "s1", pid: "p1" }));
    join();
    link.sessionClosed("transport close");
    handler.take();
    link.connect(undefined);
    link.receive(welcome({ sid: "s2", pid: 2 }));
    expect(handler.take()).toEqual(["welcome s2", "connect"]);
  });

  it("fails when the server refuses, in words or with details", () => {
    link.connect(undefined);
    link.receive(refusal({ message: "not authorized", data: { reason: "token" } }));
    expect(link.state).toBe("idle");
    link.connect(undefined);
    link.receive(refusal("no"));
    expect(handler.take()).toEqual(['refused: not authorized {"reason":"token"}', "refused: no undefined"]);
  });

  it.each([undefined, {}, { sid: 1 }])("fails at a server of Socket.IO 2, which welcomes with %j", (data) => {
    link.connect(undefined);
    link.receive({ type: PacketType.CONNECT, nsp: "/", data } as Packet);
    expect(link.state).toBe("idle");
    expect(handler.take()).toEqual(["refused: ERR_V2_SERVER undefined"]);
  });

  it("is not done by a welcome or refused by a refusal that nobody asked for", () => {
    link.receive(welcome({}));
    link.receive(refusal("no"));
    expect(link.state).toBe("idle");
    expect(port.take()).toEqual([]);
    join();
    link.receive(welcome({ sid: "s2" }));
    link.receive(refusal("no"));
    expect(link.state).toBe("connected");
    expect(handler.take()).toEqual([]);
  });
});

describe("events from the server", () => {
  it("are delivered, with an acknowledgement where the server asks for an answer", () => {
    join();
    link.receive(event("a"));
    link.receive(event("b", 7));
    handler.ack?.("x");
    handler.ack?.("again");
    expect(handler.take()).toEqual(["event a", "event b +ack"]);
    expect(port.take()).toEqual(['37["x"]']);
  });

  it("that come before the welcome are delivered after it and before `connect`", () => {
    link.connect(undefined);
    link.receive(event("missed 1"));
    link.receive(event("missed 2"));
    expect(handler.take()).toEqual([]);
    expect(link.receiveBuffer).toEqual([["missed 1"], ["missed 2"]]);
    link.receive(welcome());
    expect(handler.take()).toEqual(["welcome s1", "event missed 1", "event missed 2", "connect"]);
    expect(link.receiveBuffer).toEqual([]);
  });

  it("that come before a welcome that never comes are forgotten", () => {
    link.connect(undefined);
    link.receive(event("missed"));
    link.sessionClosed("transport close");
    link.connect(undefined);
    link.receive(event("missed"));
    link.receive(refusal("no"));
    link.connect(undefined);
    link.receive(event("missed"));
    link.receive(welcome({}));
    handler.take();
    link.connect(undefined);
    link.receive(welcome());
    expect(handler.take()).toEqual(["welcome s1", "connect"]);
  });

  it("that come when the namespace was left are ignored", () => {
    join();
    link.disconnect();
    handler.take();
    link.receive(event("late"));
    expect(handler.take()).toEqual([]);
  });

  it("are still answered only while the namespace is joined", () => {
    join();
    link.receive(event("ask", 7));
    link.disconnect();
    port.take();
    handler.ack?.("too late");
    expect(port.take()).toEqual([]);
  });
});

describe("events to the server", () => {
  it("wait for the welcome and leave in order, before `connect`", () => {
    link.emit(["a"], {});
    link.connect(undefined);
    link.emit(["b"], {}, () => {});
    expect(port.take()).toEqual(["0"]);
    expect(link.sendBuffer.map((packet) => packet.data)).toEqual([["a"], ["b"]]);
    handler.onOutgoing = (data) => handler.log.push(`out ${data[0]}`);
    link.receive(welcome());
    expect(port.take()).toEqual(['2["a"]', '20["b"]']);
    expect(handler.take()).toEqual(["welcome s1", "out a", "out b", "connect"]);
    expect(link.sendBuffer).toEqual([]);
  });

  it("wait across a lost connection, in order and once", () => {
    join();
    link.emit(["sent"], {});
    link.sessionClosed("transport close");
    link.emit(["a"], {});
    link.emit(["b"], {});
    link.connect(undefined);
    link.receive(welcome());
    expect(port.take()).toEqual(['2["sent"]', "0", '2["a"]', '2["b"]']);
  });

  it("do not overtake those that wait, although the welcome has come", () => {
    link.emit(["a"], {});
    link.emit(["b"], {});
    link.connect(undefined);
    link.receive(event("replayed"));
    handler.onEvent = () => link.emit(["in a listener"], {});
    handler.onOutgoing = ([name]) => name === "a" && link.emit(["on its way"], {});
    link.receive(welcome());
    expect(port.take()).toEqual(["0", '2["a"]', '2["b"]', '2["in a listener"]', '2["on its way"]']);
    expect(link.sendBuffer).toEqual([]);
  });

  it("go on waiting if a listener leaves the namespace while they are sent", () => {
    link.emit(["a"], {});
    link.emit(["b"], {});
    link.connect(undefined);
    handler.onOutgoing = ([name]) => name === "a" && link.disconnect();
    link.receive(welcome());
    expect(link.sendBuffer.map((packet) => packet.data)).toEqual([["b"]]);
  });

  it("are sent once they are due, even volatile ones that find the transport busy", () => {
    link.connect(undefined);
    link.emit(["kept"], { volatile: true });
    port.writable = false;
    link.receive(welcome());
    expect(port.take()).toEqual(["0", '2["kept"]']);
  });

  it("are kept rather than entrusted to a session whose heartbeat is late", () => {
    join();
    port.onTime = false;
    link.emit(["a"], {});
    expect(port.take()).toEqual([]);
    expect(link.sendBuffer).toHaveLength(1);
  });

  it("may be taken out by the application as long as they wait", () => {
    link.emit(["a"], {});
    link.emit(["b"], {});
    link.sendBuffer.shift();
    link.connect(undefined);
    link.receive(welcome());
    expect(port.take()).toEqual(["0", '2["b"]']);
  });

  it("may be lost if they are volatile and can't leave at once, and wait otherwise", () => {
    link.emit(["kept"], { volatile: true });
    port.writable = false;
    link.emit(["lost"], { volatile: true }, () => {});
    expect(link.sendBuffer.map((packet) => packet.data)).toEqual([["kept"]]);
    expect(link.acks.size).toBe(0);
  });

  it("keep their wishes while they wait", () => {
    link.emit(["a"], { compress: false });
    link.connect(undefined);
    link.receive(welcome());
    expect(port.flags).toEqual([undefined, { compress: false }]);
  });

  it("that can't be encoded are reported when their turn comes, and hold up nothing", () => {
    const cycle: EventData = ["cycle"];
    cycle.push(cycle);
    link.emit(cycle, {}, () => {}, { errorFirst: true });
    link.emit(["b"], {});
    link.connect(undefined);
    link.receive(welcome());
    expect(port.take()).toEqual(["0", '2["b"]']);
    expect(handler.take()).toEqual(["welcome s1", "event threw: Maximum call stack size exceeded", "connect"]);
    expect(link.acks.size).toBe(0);
  });

  it("that can't be encoded throw where they are emitted, if they could leave at once", () => {
    join();
    expect(() => link.emit(["a", 1n], {})).toThrow(TypeError);
  });
});

describe("answers from the server", () => {
  const answers: unknown[] = [];
  const callback = (...args: unknown[]): void =>
    void answers.push(args.map((arg) => (arg instanceof Error ? (arg as Error & { code: string }).code : arg)));

  beforeEach(() => {
    answers.length = 0;
  });

  it("settle what waits for them", () => {
    join();
    link.emit(["ask"], {}, callback);
    link.receive(ack(0, "x"));
    expect(answers).toEqual([["x"]]);
  });

  it("will not come for what was sent before the connection was lost, but may for what was not sent yet", () => {
    join();
    link.emit(["sent"], {}, callback, { errorFirst: true });
    link.emit(["sent too"], {}, callback);
    port.onTime = false;
    link.emit(["kept"], {}, callback, { errorFirst: true });
    link.sessionClosed("ping timeout");
    expect(answers).toEqual([["ERR_DISCONNECTED"]]);
    port.onTime = true;
    link.connect(undefined);
    link.receive(welcome());
    link.receive(ack(2, "x"));
    expect(answers).toEqual([["ERR_DISCONNECTED"], [null, "x"]]);
  });

  it("are no longer awaited when their time is over; the event, if it still waits, is not sent any more", () => {
    link.emit(["a"], {}, callback, { errorFirst: true, timeout: 1000 });
    link.emit(["b"], {});
    port.clock.advance(1000);
    expect(answers).toEqual([["ERR_ACK_TIMEOUT"]]);
    link.connect(undefined);
    link.receive(welcome());
    expect(port.take()).toEqual(["0", '2["b"]']);
  });

  it("have ids that go on counting over reconnections, so that a late one meets nobody", () => {
    join();
    link.emit(["a"], {}, callback);
    link.sessionClosed("transport close");
    link.connect(undefined);
    link.receive(welcome());
    link.emit(["b"], {}, callback);
    link.receive(ack(0, "late"));
    expect(answers).toEqual([]);
    link.receive(ack(1, "x"));
    expect(answers).toEqual([["x"]]);
  });
});

describe("leaving", () => {
  it("tells the server if it had let us in", () => {
    join();
    link.disconnect();
    expect(link.state).toBe("idle");
    expect(port.take()).toEqual(["1"]);
    expect(handler.take()).toEqual(["close: io client disconnect"]);
  });

  it("says nothing if it had not answered yet, for there is nothing to leave; when it does, it is told", () => {
    link.connect(undefined);
    port.take();
    link.disconnect();
    expect(link.state).toBe("idle");
    expect(port.take()).toEqual([]);
    link.receive(welcome());
    expect(link.state).toBe("idle");
    expect(port.take()).toEqual(["1"]);
    expect(handler.take()).toEqual([]);
  });

  it("may be the server's idea", () => {
    join();
    link.receive(disconnect);
    link.receive(disconnect);
    expect(link.state).toBe("idle");
    expect(handler.take()).toEqual(["close: io server disconnect"]);
    expect(port.take()).toEqual([]);
  });

  it("is over already if the server's DISCONNECT crosses a new CONNECT, as is what came before it", () => {
    join();
    link.disconnect();
    link.connect(undefined);
    link.receive(event("for the last stay"));
    link.receive(disconnect);
    expect(link.state).toBe("connecting");
    handler.take();
    link.receive(welcome({ sid: "s2" }));
    expect(handler.take()).toEqual(["welcome s2", "connect"]);
  });

  it("comes with the end of the session, with its reason and cause", () => {
    join();
    link.sessionClosed("transport error", new Error("why"));
    link.sessionClosed("transport error");
    expect(handler.take()).toEqual(["close: transport error, why"]);
  });

  it("is no close if the session ends before the welcome; the next one may bring it", () => {
    link.connect(undefined);
    link.sessionClosed("transport close", new Error("why"));
    expect(link.state).toBe("idle");
    expect(handler.take()).toEqual(["lost: transport close, why"]);
    link.sessionClosed("transport close");
    expect(handler.take()).toEqual([]);
    join();
    expect(link.state).toBe("connected");
  });
});

describe("a listener that leaves while it is being let in", () => {
  beforeEach(() => {
    link.emit(["waiting"], {});
    link.connect(undefined);
    link.receive(event("missed 1"));
    link.receive(event("missed 2"));
    port.take();
  });

  it("on an event hears neither further events nor of a `connect`; what waits goes on waiting", () => {
    handler.onEvent = () => link.disconnect();
    link.receive(welcome());
    expect(handler.take()).toEqual(["welcome s1", "event missed 1", "close: io client disconnect"]);
    expect(port.take()).toEqual(["1"]);
    expect(link.sendBuffer.map((packet) => packet.data)).toEqual([["waiting"]]);
  });

  it("and comes back at once is not taken for one that was let in", () => {
    handler.onEvent = () => {
      link.disconnect();
      link.connect(undefined);
    };
    link.receive(welcome());
    expect(link.state).toBe("connecting");
    expect(port.take()).toEqual(["1", "0"]);
    handler.take();
    handler.onEvent = () => {};
    link.receive(welcome({ sid: "s2" }));
    expect(handler.take()).toEqual(["welcome s2", "connect"]);
    expect(port.take()).toEqual(['2["waiting"]']);
  });

  it("when it is welcomed hears nothing more", () => {
    handler.onWelcome = () => link.disconnect();
    link.receive(welcome());
    expect(handler.take()).toEqual(["welcome s1", "close: io client disconnect"]);
    expect(port.take()).toEqual(["1"]);
  });
});

it("a listener of the end may connect again, and what it emits waits", () => {
  join();
  handler.onClose = () => {
    link.connect(undefined);
    link.emit(["back"], {}, () => {}, { errorFirst: true });
  };
  link.sessionClosed("transport close");
  expect(link.state).toBe("connecting");
  expect(link.acks.size).toBe(1);
  link.receive(welcome({ sid: "s2" }));
  expect(port.take()).toEqual(["0", '20["back"]']);
});
