import { beforeEach, describe, expect, it } from "vitest";
import type { EnginePacket } from "../../src/index.ts";
import { StubTransport } from "../stub-transport.ts";
import { OPEN, SessionFixture, handshake } from "./session-fixture.ts";

let transport: StubTransport;

beforeEach(() => {
  transport = new StubTransport();
});

describe("opening a server's session", () => {
  it("sends OPEN before anything else, in one write with what is sent in the same turn", () => {
    const { session, clock, log } = new SessionFixture("server", transport);
    session.open(handshake, "initial");
    session.send("a");
    expect(log).toEqual(["open"]);
    expect(session.state).toBe("open");
    expect(transport.writes).toEqual([]);
    clock.runDeferred();
    expect(transport.writes).toEqual([[OPEN, "4initial", "4a"]]);
  });

  it("ignores what is sent before", () => {
    const { session, clock } = new SessionFixture("server", transport);
    session.send("too early");
    session.open(handshake);
    clock.runDeferred();
    expect(transport.sent).toEqual([OPEN]);
  });

  it("is not done by a client's OPEN", () => {
    const { session, log } = new SessionFixture("server", transport);
    transport.receive(OPEN);
    expect(session.state).toBe("opening");
    expect(log).toEqual([]);
  });
});

describe("opening a client's session", () => {
  it("waits for OPEN, not for the transport", () => {
    const { session, log } = new SessionFixture("client", transport);
    transport.open();
    expect(session.state).toBe("opening");
    transport.receive(OPEN);
    expect(session.state).toBe("open");
    expect(session.id).toBe("the-id");
    expect(session.handshake).toEqual(handshake);
    expect(log).toEqual(["open"]);
  });

  it("happens once", () => {
    const { session, log } = SessionFixture.open("client", transport);
    transport.receive(OPEN.replace("the-id", "another"));
    expect(session.id).toBe("the-id");
    expect(log).toEqual([]);
  });

  it("fails on a malformed OPEN", () => {
    const { clock, closed, session } = malformed();
    expect(session.state).toBe("closed");
    expect(closed).toMatchObject({ reason: "parse error", cause: { code: "ERR_HANDSHAKE" } });
    expect(transport.ended).toEqual(["abort"]);
    expect(clock.armedTimers).toBe(0);
  });

  function malformed(): SessionFixture {
    const fixture = new SessionFixture("client", transport);
    fixture.session.expectOpen(20_000);
    transport.receive("0{}");
    return fixture;
  }

  it("fails if OPEN does not come in time", () => {
    const fixture = new SessionFixture("client", transport);
    fixture.session.expectOpen(20_000);
    fixture.clock.advance(19_999);
    expect(fixture.closed).toBeUndefined();
    fixture.clock.advance(1);
    expect(fixture.closed).toMatchObject({ reason: "transport error", cause: { code: "ERR_CONNECT_TIMEOUT" } });
    expect(transport.ended).toEqual(["abort"]);
  });

  it("is not limited in time once OPEN has come", () => {
    const fixture = new SessionFixture("client", transport);
    fixture.session.expectOpen(20_000);
    transport.receive(OPEN);
    fixture.clock.advance(44_999);
    expect(fixture.closed).toBeUndefined();
  });

  it("fails with the transport", () => {
    const fixture = new SessionFixture("client", transport);
    const cause = new Error("refused");
    transport.die("transport error", cause);
    expect(fixture.closed).toEqual({ reason: "transport error", cause });
  });
});

describe("what arrives", () => {
  it("is handed up in order", () => {
    const { log } = SessionFixture.open("client", transport);
    transport.receive("4a", Buffer.from([1, 2]), "4");
    expect(log).toEqual(["message a", "message of 2 bytes", "message "]);
  });

  it.each(["5", "6", "1", "0{}"])("means nothing if it is %s", (frame) => {
    const { log, session } = SessionFixture.open("server", transport);
    transport.receive(frame);
    expect(log).toEqual([]);
    expect(session.state).toBe("open");
  });

  it("is not looked at once the session is over", () => {
    const { log, session } = SessionFixture.open("server", transport);
    session.abort();
    transport.receive("4a", "3");
    session.onTransportPacket(transport, { type: "message", data: "a" });
    expect(log).toEqual(["close: forced close"]);
  });
});

describe("what is sent", () => {
  it("leaves in one write per turn, in order", () => {
    const { session, clock } = SessionFixture.open("server", transport);
    session.send("a");
    session.send(Buffer.from([1]));
    session.sendPacket({ type: "message", data: "b" });
    expect(transport.writes).toEqual([]);
    clock.runDeferred();
    expect(transport.writes).toEqual([["4a", Buffer.from([1]), "4b"]]);
  });

  it("asks for one flush a turn, however much it is", () => {
    let asked = 0;
    const { session, settings, clock } = SessionFixture.open("server", transport);
    const awaitFlush = settings.turn.awaitFlush.bind(settings.turn);
    settings.turn.awaitFlush = (outlet) => {
      asked++;
      awaitFlush(outlet);
    };
    session.send("a");
    session.send("b");
    expect(asked).toBe(1);
    clock.runDeferred();
    session.send("c");
    expect(asked).toBe(2);
  });

  it("waits until the transport can take it", () => {
    const { session, clock } = SessionFixture.open("server", transport);
    transport.writable = false;
    session.send("a");
    clock.runDeferred();
    session.send("b");
    clock.runDeferred();
    expect(session.queued.map((packet) => packet.data)).toEqual(["a", "b"]);
    transport.relieve();
    expect(transport.writes).toEqual([["4a", "4b"]]);
    expect(session.queued).toEqual([]);
  });

  it("keeps its wishes", () => {
    const sent: EnginePacket[] = [];
    const { session, clock } = SessionFixture.open("server", transport);
    transport.send = (packets) => void sent.push(...packets);
    session.send("a", { compress: false });
    clock.runDeferred();
    expect(sent).toEqual([{ type: "message", data: "a", options: { compress: false } }]);
  });

  it("is cut by a polling client into payloads of the size that the server takes", () => {
    transport = new StubTransport("polling");
    const { session, clock } = SessionFixture.open("client", transport);
    transport.send = function (packets) {
      StubTransport.prototype.send.call(this, packets);
      this.writable = false;
    };
    for (let index = 0; index < 4; index++) {
      session.send("x".repeat(40));
    }
    clock.runDeferred();
    expect(transport.writes.map((write) => write.length)).toEqual([2]);
    transport.relieve();
    expect(transport.writes.map((write) => write.length)).toEqual([2, 2]);
  });

  it.each([
    ["server", "polling"],
    ["client", "websocket"],
  ] as const)("is not cut by a %s on %s", (role, name) => {
    transport = new StubTransport(name);
    const { session, clock } = SessionFixture.open(role, transport);
    session.send("x".repeat(80));
    session.send("x".repeat(80));
    clock.runDeferred();
    expect(transport.writes.map((write) => write.length)).toEqual([2]);
  });

  it("would leave in this turn only if the session is open and the transport can take it", () => {
    const { session } = new SessionFixture("server", transport);
    expect(session.writable).toBe(false);
    session.open(handshake);
    expect(session.writable).toBe(true);
    transport.writable = false;
    expect(session.writable).toBe(false);
    transport.writable = true;
    session.close();
    expect(session.writable).toBe(false);
  });
});

describe("the heartbeat", () => {
  it("is the server's ping and the client's pong, and any other traffic does not replace it, but puts its end off once", () => {
    const fixture = SessionFixture.open("server", transport);
    transport.receive("4before the ping");
    fixture.clock.advance(25_000);
    expect(transport.sent).toEqual(["2"]);
    fixture.clock.advance(15_000);
    transport.receive("4a");
    fixture.clock.advance(19_999);
    expect(fixture.closed).toBeUndefined();
    transport.receive("4b");
    fixture.clock.advance(1);
    expect(fixture.closed?.reason).toBe("ping timeout");
    expect(transport.ended).toEqual(["abort"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("goes on as long as the client answers", () => {
    const fixture = SessionFixture.open("server", transport);
    for (let round = 0; round < 10; round++) {
      fixture.clock.advance(25_000);
      transport.receive("3");
    }
    expect(transport.sent).toEqual(Array.from({ length: 10 }, () => "2"));
    expect(fixture.closed).toBeUndefined();
  });

  it("ends a client's session if the server does not ping", () => {
    const fixture = SessionFixture.open("client", transport);
    fixture.clock.advance(25_000);
    transport.receive("2");
    fixture.clock.runDeferred();
    expect(transport.sent).toEqual(["3"]);
    fixture.clock.advance(44_999);
    expect(fixture.closed).toBeUndefined();
    fixture.clock.advance(1);
    expect(fixture.closed?.reason).toBe("ping timeout");
  });

  it("is not disturbed by a pong that the server did not ask for", () => {
    const { session, clock } = SessionFixture.open("server", transport);
    transport.receive("3", "3probe");
    expect(session.state).toBe("open");
    clock.advance(25_000);
    expect(transport.sent).toEqual(["2"]);
  });

  it.each(["2", "2probe"])("in the wrong direction ends the server's session: %s", (frame) => {
    const fixture = SessionFixture.open("server", transport);
    transport.receive(frame, "4a");
    expect(fixture.closed).toMatchObject({
      reason: "transport error",
      cause: { code: "ERR_HEARTBEAT_DIRECTION" },
    });
    expect(fixture.log).toEqual(["close: transport error"]);
    expect(transport.ended).toEqual(["abort"]);
  });

  it("that a client did not ask for means nothing to it", () => {
    const fixture = SessionFixture.open("client", transport);
    transport.receive("3", "4a");
    fixture.clock.runDeferred();
    expect(fixture.log).toEqual(["message a"]);
    expect(fixture.session.state).toBe("open");
  });

  it("before the session is open means nothing", () => {
    const { log } = new SessionFixture("client", transport);
    transport.receive("2", "3");
    expect(log).toEqual([]);
  });

  it("that is late although no timer said so ends the session in the coming turn, once", () => {
    const fixture = SessionFixture.open("client", transport);
    expect(fixture.session.alive()).toBe(true);
    fixture.clock.now = () => 45_001;
    expect(fixture.session.alive()).toBe(false);
    expect(fixture.session.alive()).toBe(false);
    expect(fixture.log).toEqual([]);
    fixture.clock.runDeferred();
    expect(fixture.log).toEqual(["close: ping timeout"]);
  });
});

describe("closing", () => {
  it("lets leave what was sent before, then ends the transport in an orderly way", () => {
    const { session, log, clock } = SessionFixture.open("server", transport);
    session.send("last");
    session.close();
    session.send("too late");
    expect(session.state).toBe("closing");
    expect(transport.writes).toEqual([["4last"]]);
    expect(transport.ended).toEqual(["close"]);
    expect(log).toEqual([]);
    transport.die("transport close");
    expect(log).toEqual(["close: forced close"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("waits for all payloads into which a polling client cuts what was sent", () => {
    transport = new StubTransport("polling");
    const { session } = SessionFixture.open("client", transport);
    session.send("x".repeat(80));
    session.send("y".repeat(80));
    session.close();
    expect(transport.sent).toEqual([`4${"x".repeat(80)}`]);
    expect(transport.ended).toEqual([]);
    transport.relieve();
    expect(transport.sent).toHaveLength(2);
    expect(transport.ended).toEqual(["close"]);
  });

  it("waits for a transport that can't take what was sent", () => {
    const { session } = SessionFixture.open("server", transport);
    transport.writable = false;
    session.send("last");
    session.close();
    expect(transport.ended).toEqual([]);
    transport.relieve();
    expect(transport.sent).toEqual(["4last"]);
    expect(transport.ended).toEqual(["close"]);
  });

  it("is over in any case when its time is", () => {
    const { session, log, clock } = SessionFixture.open("server", transport, { closeTimeout: 5000 });
    transport.writable = false;
    session.send("never");
    session.close();
    clock.advance(4999);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(["close: forced close"]);
    expect(transport.ended).toEqual(["abort"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("has the error for which it was asked for, however it comes to its end", () => {
    const cause = new Error("why");
    const orderly = SessionFixture.open("server", transport);
    orderly.session.close(cause);
    transport.die("transport close", new Error("of the transport"));
    const late = SessionFixture.open("server", new StubTransport());
    late.session.close(cause);
    late.clock.advance(30_000);
    const early = new SessionFixture("client", new StubTransport());
    early.session.close(cause);
    for (const { closed } of [orderly, late, early]) {
      expect(closed).toEqual({ reason: "forced close", cause });
    }
  });

  it("still hands up what the peer sent before it could know", () => {
    const { session, log } = SessionFixture.open("server", transport);
    session.close();
    transport.receive("4in flight");
    expect(log).toEqual(["message in flight"]);
  });

  it("minds no ping or pong any more, out of place or not", () => {
    const { session, log } = SessionFixture.open("server", transport);
    session.close();
    transport.receive("2", "3");
    expect(log).toEqual([]);
    transport.die();
    expect(log).toEqual(["close: forced close"]);
  });

  it("breaks off a session that has not opened", () => {
    const { session, log, clock } = new SessionFixture("client", transport);
    session.expectOpen(20_000);
    session.close();
    expect(log).toEqual(["close: forced close"]);
    expect(transport.ended).toEqual(["abort"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("may be asked for again, to no effect", () => {
    const { session, log } = SessionFixture.open("server", transport);
    session.close();
    session.close();
    transport.die();
    session.close();
    session.abort();
    expect(log).toEqual(["close: forced close"]);
  });
});

describe("the end", () => {
  it("tells whoever counts sessions before the room above", () => {
    const fixture: SessionFixture = SessionFixture.open("server", transport, {
      onEnd: (session) => fixture.log.push(`ended: ${session.id}, ${session.state}`),
    });
    fixture.session.abort();
    expect(fixture.log).toEqual(["ended: the-id, closed", "close: forced close"]);
  });

  it("forgets what was not sent, and arms nothing any more", () => {
    const { session, clock } = SessionFixture.open("server", transport);
    transport.writable = false;
    session.send("a");
    session.abort("transport close");
    expect(session.queued).toEqual([]);
    session.send("b");
    expect(session.queued).toEqual([]);
    clock.advance(100_000);
    expect(clock.armedTimers).toBe(0);
    expect(transport.sent).toEqual([]);
  });

  it("comes after what was sent in this turn, as far as the transport takes it", () => {
    const { session, clock, log } = SessionFixture.open("server", transport);
    session.send("a");
    session.send("b");
    session.abort();
    expect(transport.writes).toEqual([["4a", "4b"]]);
    expect(transport.ended).toEqual(["abort"]);
    clock.runDeferred();
    expect(transport.writes).toHaveLength(1);
    expect(log).toEqual(["close: forced close"]);
  });

  it("comes once if the transport ends while it takes what was sent in this turn", () => {
    const fixture = SessionFixture.open("server", transport);
    fixture.session.send("a");
    transport.send = () => transport.die("transport error");
    fixture.session.abort();
    expect(fixture.log).toEqual(["close: transport error"]);
  });

  it("has the reason and the error that it was given", () => {
    const fixture = SessionFixture.open("server", transport);
    const cause = new Error("why");
    fixture.session.abort("parse error", cause);
    expect(fixture.closed).toEqual({ reason: "parse error", cause });
  });

  it("comes once, even if it is brought about again from within", () => {
    const fixture = SessionFixture.open("server", transport);
    fixture.onSessionClose = (session, reason) => {
      fixture.log.push(`close: ${reason}`);
      session.abort("transport error");
      session.close();
      transport.die();
    };
    transport.die("transport close");
    expect(fixture.log).toEqual(["close: transport close"]);
  });
});
