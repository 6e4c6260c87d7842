/** The session as engine façades see it. */

import { beforeEach, describe, expect, it } from "vitest";
import type { EnginePacket, SessionObserver } from "../../src/index.ts";
import { StubTransport } from "../stub-transport.ts";
import { OPEN, SessionFixture, handshake } from "./session-fixture.ts";

let transport: StubTransport;
let log: string[];

beforeEach(() => {
  transport = new StubTransport();
  log = [];
});

const show = ({ type, data }: EnginePacket): string => (data === undefined ? type : `${type} ${data as string}`);

/** An observer that writes everything down. */
const everything: SessionObserver = {
  synchronous: true,
  onPacket: (packet) => log.push(`packet ${show(packet)}`),
  onPacketCreate: (packet) => {
    log.push(`create ${show(packet)}`);
    return undefined;
  },
  onFlush: (packets) => log.push(`flush ${packets.map(show).join(", ")}`),
  onDrain: () => log.push("drain"),
  onHeartbeat: () => log.push("heartbeat"),
};

/** A session whose observer expects to be told within the call that sent, unless it says otherwise. */
function observed(observer: Partial<SessionObserver>): SessionFixture {
  const fixture = SessionFixture.open("server", transport);
  fixture.session.observer = { synchronous: true, ...observer };
  return fixture;
}

describe("an observer", () => {
  it("is told of everything within the call that brought it about", () => {
    const { session } = observed(everything);
    session.send("a");
    expect(log.splice(0)).toEqual(["create message a", "flush message a", "drain"]);
    expect(transport.writes).toEqual([["4a"]]);
    transport.receive("4b");
    expect(log.splice(0)).toEqual(["packet message b"]);
    transport.receive("3");
    expect(log).toEqual(["packet pong", "heartbeat"]);
  });

  it("sees OPEN if it watches from the start", () => {
    const { session } = new SessionFixture("server", transport);
    session.observer = everything;
    session.open(handshake);
    expect(log).toEqual([`create open ${OPEN.slice(1)}`, `flush open ${OPEN.slice(1)}`, "drain"]);
  });

  it("that can wait does not keep writes from being one per turn", () => {
    const { session, clock } = observed({ ...everything, synchronous: false });
    session.send("a");
    session.send("b");
    expect(transport.writes).toEqual([]);
    clock.runDeferred();
    expect(transport.writes).toEqual([["4a", "4b"]]);
    expect(log).toEqual(["create message a", "create message b", "flush message a, message b", "drain"]);
  });

  it("may put a packet of its own in the place of one that others share", () => {
    const { session } = observed({ onPacketCreate: (packet) => ({ ...packet, options: { compress: false } }) });
    transport.writable = false;
    const shared: EnginePacket = { type: "message", data: "a" };
    session.sendPacket(shared);
    expect(session.queued).toEqual([{ type: "message", data: "a", options: { compress: false } }]);
    expect(shared).toEqual({ type: "message", data: "a" });
  });

  it("hears of a flush only if there is one", () => {
    const { session } = observed(everything);
    transport.writable = false;
    session.send("a");
    session.flush();
    expect(log.splice(0)).toEqual(["create message a"]);
    transport.relieve();
    session.flush();
    expect(log).toEqual(["flush message a", "drain"]);
  });

  it("hears of a drain when all that waited has been taken, not before", () => {
    transport = new StubTransport("polling");
    const fixture = SessionFixture.open("client", transport);
    fixture.session.observer = { synchronous: true, onDrain: () => log.push(`drain after ${transport.sent.length}`) };
    transport.writable = false;
    for (let index = 0; index < 3; index++) {
      fixture.session.send("x".repeat(60));
    }
    transport.relieve();
    transport.relieve();
    expect(log).toEqual([]);
    transport.relieve();
    expect(log).toEqual(["drain after 3"]);
  });
});

describe("a server's session", () => {
  it("knows how many bytes wait in it", () => {
    const { session } = observed({ synchronous: false });
    session.send("ab");
    session.send(new Uint8Array(4));
    session.sendPacket({ type: "ping" });
    expect(session.bufferedAmount).toBe(6);
  });
});

describe("a drain", () => {
  it("comes when a transport that took everything is not backed up any more", () => {
    const { session } = observed(everything);
    transport.send = function (packets) {
      StubTransport.prototype.send.call(this, packets);
      this.writable = false;
      this.bufferedAmount = 1;
    };
    session.send("a");
    expect(log.splice(0)).toEqual(["create message a", "flush message a"]);
    expect(session.bufferedAmount).toBe(1);
    transport.bufferedAmount = 0;
    transport.relieve();
    expect(log).toEqual(["drain"]);
    expect(session.bufferedAmount).toBe(0);
  });

  it("does not wait for the next poll", () => {
    const { session } = observed(everything);
    transport.send = function (packets) {
      StubTransport.prototype.send.call(this, packets);
      this.writable = false;
    };
    session.send("a");
    expect(log).toEqual(["create message a", "flush message a", "drain"]);
  });

  it("is told once", () => {
    const { session } = observed(everything);
    session.send("a");
    log.length = 0;
    transport.relieve();
    session.flush();
    expect(log).toEqual([]);
  });

  it("of a session that has ended is not told", () => {
    const { session } = observed(everything);
    transport.send = function (packets) {
      StubTransport.prototype.send.call(this, packets);
      this.writable = false;
      this.bufferedAmount = 1;
    };
    session.send("a");
    log.length = 0;
    transport.die();
    session.flush();
    expect(log).toEqual([]);
  });

  it("is told to whoever watches all sessions, after the session's own observer", () => {
    const fixture = SessionFixture.open("server", transport, {
      onFlush: (session, packets) => log.push(`${session.id} flush ${packets.map(show).join(", ")}`),
      onDrain: (session) => log.push(`${session.id} drain`),
    });
    log.length = 0;
    fixture.session.observer = everything;
    fixture.session.send("a");
    expect(log).toEqual(["create message a", "flush message a", "the-id flush message a", "drain", "the-id drain"]);
  });
});

it("what is sent counts as buffered until the transport takes it", () => {
  const { session } = SessionFixture.open("server", transport);
  transport.writable = false;
  session.send("four");
  session.send(new Uint8Array(6));
  expect(session.bufferedAmount).toBe(10);
  transport.relieve();
  expect(session.bufferedAmount).toBe(0);
});

describe("an observer of the flush", () => {
  it("may send: what it sends comes after what it is told of", () => {
    let sent = false;
    const { session } = observed({
      onFlush: () => {
        if (!sent) {
          sent = true;
          session.send("b");
        }
      },
    });
    session.send("a");
    expect(transport.sent).toEqual(["4a", "4b"]);
    expect(session.queued).toEqual([]);
  });

  it("may do so on a transport that takes one write at a time", () => {
    transport = new StubTransport("polling");
    transport.send = function (packets) {
      StubTransport.prototype.send.call(this, packets);
      this.writable = false;
    };
    let sent = false;
    const fixture = SessionFixture.open("server", transport);
    transport.writable = true;
    fixture.session.observer = {
      synchronous: true,
      onFlush: () => {
        if (!sent) {
          sent = true;
          fixture.session.send("b");
        }
      },
    };
    fixture.session.send("a");
    expect(transport.writes).toEqual([["4a", "4b"]]);
  });

  it("may close the session: what it was told of still leaves", () => {
    const { session } = observed({ onFlush: () => session.close() });
    session.send("a");
    expect(transport.sent).toEqual(["4a"]);
    expect(transport.ended).toContain("close");
  });

  it("may break the session off: what it was told of is lost", () => {
    const { session, log } = observed({ onFlush: () => session.abort() });
    session.send("a");
    expect(transport.sent).toEqual([]);
    expect(log).toEqual(["close: forced close"]);
  });
});

it("an observer of a drain may send, which leaves when that call is over", () => {
  let sent = 0;
  const { session, clock } = observed({
    onDrain: () => {
      if (sent < 2) {
        session.send(`b${sent++}`);
      }
    },
  });
  session.send("a");
  expect(transport.writes).toEqual([["4a"]]);
  clock.runDeferred();
  session.send("c");
  expect(transport.writes).toEqual([["4a"], ["4b0"], ["4b1"], ["4c"]]);
});
