/** Moving from polling to a WebSocket while both ends talk, and what can go wrong on the way. */

import { FakeClock, JoinedApplications, withSeed, type FakeWire, type SeededRandom } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";

let clock: FakeClock;
let apps: JoinedApplications;
/** The wire of the candidate. */
let candidate: FakeWire;
let sent: { client: number; server: number };

/** An event with the next number, and sometimes with attachments, which must stay together. */
function emit(side: "client" | "server"): void {
  const number = sent[side]++;
  const attachments = number % 3 === 0 ? [Buffer.from([number]), { more: new Uint8Array([number, number]) }] : [];
  apps[side].namespace().emit("event", number, ...attachments);
}

/** The numbers of the events that arrived at an end. */
const received = (side: "client" | "server"): unknown[] => apps[side].namespace().received.map(([, number]) => number);

/** All that was sent arrived, once and in order. */
function expectAllArrived(): void {
  expect(received("server")).toEqual(Array.from({ length: sent.client }, (_, number) => number));
  expect(received("client")).toEqual(Array.from({ length: sent.server }, (_, number) => number));
}

beforeEach(() => {
  clock = new FakeClock();
  sent = { client: 0, server: 0 };
});

it("every event of either end arrives once and in order, however long the ways and however busy the ends", () =>
  withSeed((seed) => {
    for (let round = 0; round < 60; round++) {
      expectOrder(seed.fork(round));
    }
  }));

function expectOrder(random: SeededRandom): void {
  const wire = () => ({ latency: random.integer(0, 80), jitter: random.integer(0, 40), random: random.fork(0) });
  clock = new FakeClock();
  sent = { client: 0, server: 0 };
  apps = new JoinedApplications(clock, { transport: "polling", handshake: { maxPayload: 200 }, ...wire() });
  apps.client.namespace();
  clock.advance(1000);
  const answers: (readonly unknown[][])[] = [];
  apps.server.namespace().on("ask", (number, answer) => (answer as (value: unknown) => void)(number));
  const talk = (moments: number): void => {
    for (let moment = 0; moment < moments; moment++) {
      for (const side of ["client", "server"] as const) {
        for (let count = random.integer(0, 3); count > 0; count--) {
          emit(side);
        }
      }
      clock.advance(random.integer(0, 10));
    }
  };
  talk(5);
  apps.upgrade(wire());
  talk(80);
  answers.push(apps.client.namespace().ask(["ask", 7]));
  clock.advance(3000);
  expect(apps.client.session.transport.name).toBe("websocket");
  expect(apps.server.session.transport.name).toBe("websocket");
  expect(answers).toEqual([[[null, 7]]]);
  apps.server.namespace().received.pop();
  expectAllArrived();
}

/** Phases of an upgrade, and how to stay in them. Ways take 10 ms. */
const phases = {
  "while the candidate opens": () => {
    candidate.toServer.hold();
    clock.advance(100);
  },
  "while the answer to the probe is under way": () => {
    candidate.toClient.hold("3probe");
    clock.advance(100);
  },
  "while the client waits for its requests": () => {
    apps.wire.toClient.hold();
    clock.advance(100);
    expect(apps.client.session.writable).toBe(false);
  },
  "while the client's word is under way": () => {
    candidate.toServer.hold("5");
    clock.advance(200);
    expect(apps.client.session.transport.name).toBe("websocket");
    expect(apps.server.session.transport.name).toBe("polling");
  },
};
type Phase = keyof typeof phases;

function enter(phase: Phase): void {
  apps = new JoinedApplications(clock, { transport: "polling", latency: 10 });
  apps.client.namespace();
  clock.advance(1000);
  candidate = apps.upgrade();
  phases[phase]();
  apps.client.take();
  apps.server.take();
}

function releaseEverything(): void {
  for (const wire of [apps.wire, candidate]) {
    wire.toClient.release();
    wire.toServer.release();
  }
}

describe.each(Object.keys(phases) as Phase[])("%s", (phase) => {
  beforeEach(() => enter(phase));

  it("both ends may talk, and nothing is lost or out of order", () => {
    for (let count = 0; count < 5; count++) {
      emit("client");
      emit("server");
      clock.advance(5);
    }
    releaseEverything();
    clock.advance(1000);
    expectAllArrived();
    expect(apps.server.session.transport.name).toBe("websocket");
  });

  describe.each(["client", "server"] as const)("the %s may close", (side) => {
    it("and what it emitted before arrives first", () => {
      const other = apps[side === "client" ? "server" : "client"];
      const { received } = other.namespace();
      emit(side);
      apps[side].session.close();
      clock.advance(50);
      releaseEverything();
      clock.advance(60_000);
      expect(received).toHaveLength(1);
      expect(apps[side].take()).toContain("close forced close");
      expect(other.take().filter((line) => line.startsWith("close"))).toHaveLength(1);
      expect(clock.armedTimers).toBe(0);
    });

    it("or break off, which ends both, and leaves no timer", () => {
      apps[side].session.abort();
      releaseEverything();
      clock.advance(60_000);
      expect([apps.client.session.state, apps.server.session.state]).toEqual(["closed", "closed"]);
      for (const end of [apps.client, apps.server]) {
        expect(end.take().filter((line) => line.startsWith("close"))).toHaveLength(1);
      }
      expect(clock.armedTimers).toBe(0);
    });
  });

  it("the wires may be cut, which ends both, and leaves no timer", () => {
    apps.wire.cut();
    candidate.cut();
    clock.advance(60_000);
    expect([apps.client.session.state, apps.server.session.state]).toEqual(["closed", "closed"]);
    expect(clock.armedTimers).toBe(0);
  });
});

describe.each((Object.keys(phases) as Phase[]).slice(0, 3))("%s the candidate", (phase) => {
  beforeEach(() => enter(phase));

  const talk = (): void => {
    for (let count = 0; count < 5; count++) {
      emit("client");
      emit("server");
      clock.advance(20);
    }
  };

  it("may die: traffic goes on by polling, and another candidate may be tried", () => {
    talk();
    candidate.cut();
    talk();
    releaseEverything();
    clock.advance(1000);
    expectAllArrived();
    expect(apps.client.take()).toContain("stays, websocket failed");
    expect(apps.client.session.transport.name).toBe("polling");
    expect(apps.server.session.transport.name).toBe("polling");
    apps.upgrade();
    talk();
    clock.advance(1000);
    expectAllArrived();
    expect(apps.server.session.transport.name).toBe("websocket");
  });

  it("may fall silent: it is given up in time, and what waited for it goes by polling", () => {
    talk();
    candidate.toServer.drop();
    candidate.toClient.drop();
    apps.wire.toClient.release();
    apps.wire.toClient.hold(/^6/);
    clock.advance(10_000);
    apps.wire.toClient.release();
    talk();
    clock.advance(1000);
    expectAllArrived();
    expect(apps.client.take()).toContain("stays, websocket failed");
    // A server that never saw the candidate has nothing to give up.
    expect(apps.server.take().includes("stays, websocket failed")).toBe(phase !== "while the candidate opens");
    expect(apps.client.session.transport.name).toBe("polling");
    expect(apps.server.session.transport.name).toBe("polling");
  });
});

describe("a late answer to the probe", () => {
  beforeEach(() => enter("while the answer to the probe is under way"));

  it("is in vain once the client has given up", () => {
    clock.advance(10_000);
    expect(apps.client.take()).toEqual(["stays, websocket failed"]);
    releaseEverything();
    emit("client");
    emit("server");
    clock.advance(1000);
    expectAllArrived();
    expect(apps.client.take()).not.toContain("upgraded to websocket");
    expect(apps.server.session.transport.name).toBe("polling");
  });

  it("is in vain once the client has closed", () => {
    apps.client.session.close();
    clock.advance(100);
    releaseEverything();
    clock.advance(60_000);
    expect(apps.client.take()).toEqual(["leave / forced close", "close forced close"]);
    expect(apps.server.take()).toEqual(["stays, websocket failed", "leave / transport close", "close transport close"]);
    expect(candidate.client.writable).toBe(false);
    expect(clock.armedTimers).toBe(0);
  });

  it("counts if it is just in time", () => {
    clock.advance(9000);
    releaseEverything();
    clock.advance(1000);
    expect(apps.client.take()).toEqual(["upgraded to websocket"]);
    expect(apps.server.take()).toEqual(["upgraded to websocket"]);
  });
});

it("a candidate that dies with the client's word on it takes the session with it, at both ends", () => {
  enter("while the client's word is under way");
  candidate.cut();
  clock.advance(60_000);
  expect(apps.client.take()).toEqual(["leave / transport error", "close transport error"]);
  expect(apps.server.take()).toContain("stays, websocket failed");
  // Nobody polls any more: the heartbeat finds out.
  expect(apps.server.session.state).toBe("closed");
  expect(clock.armedTimers).toBe(0);
});

it("the heartbeat goes on where the session has moved to", () => {
  apps = new JoinedApplications(clock, { transport: "upgrade", latency: 10 });
  apps.client.namespace();
  clock.advance(300_000);
  expect(apps.client.session.state).toBe("open");
  expect(apps.transcript.sentBy("server", "websocket").filter((frame) => frame === "2").length).toBeGreaterThan(10);
  expect(apps.transcript.sentBy("server", "polling")).not.toContain("2");
});
