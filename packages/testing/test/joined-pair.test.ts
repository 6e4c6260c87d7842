import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, JoinedPair, SeededRandom, withSeed } from "../src/index.ts";

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

describe.each(["websocket", "polling"] as const)("a joined pair over %s", (flavour) => {
  it("opens, and carries messages both ways", () => {
    const pair = new JoinedPair(clock, { flavour, latency: 10 });
    clock.advance(40);
    expect([pair.client.opened, pair.server.opened]).toEqual([true, true]);
    expect(pair.client.session.id).toBe("session");
    pair.client.session.send("a");
    pair.server.session.send("b");
    clock.advance(10);
    expect(pair.server.received).toEqual(["a"]);
    expect(pair.client.received).toEqual(["b"]);
  });

  it("announces what it is told to", () => {
    const pair = new JoinedPair(clock, { flavour, handshake: { pingInterval: 100, maxPayload: 7 } });
    clock.advance(0);
    expect(pair.client.session.handshake).toMatchObject({ pingInterval: 100, maxPayload: 7, pingTimeout: 20_000 });
  });

  it("tells how it ended, and leaves no timer behind", () => {
    const pair = new JoinedPair(clock, { flavour });
    clock.advance(0);
    expect(clock.armedTimers).toBe(2);
    pair.wire.cut();
    clock.advance(0);
    expect(pair.client.closed?.reason).toBe("transport error");
    expect(pair.client.closed?.cause?.message).toBe("the wire was cut");
    expect(pair.server.closed?.reason).toBe("transport error");
    expect(clock.armedTimers).toBe(0);
  });
});

describe("a joined pair", () => {
  it("has no server's session before anything reached the server", () => {
    const pair = new JoinedPair(clock, { latency: 10 });
    expect(() => pair.server.session).toThrow("nothing has reached the server");
  });

  it("moves to a second wire, and writes both down in one transcript", () => {
    const pair = new JoinedPair(clock, { flavour: "polling", latency: 10 });
    clock.advance(40);
    const wire = pair.upgrade({ latency: 1 });
    clock.advance(1000);
    expect(pair.client.session.transport).toBe(wire.client);
    expect(pair.server.session.transport).toBe(wire.server);
    expect(pair.transcript.sentBy("client", "websocket")).toEqual(["2probe", "5"]);
    expect(pair.transcript.sentBy("server", "polling").slice(1)).toEqual(["6"]);
  });

  it("refuses the second wire if the server's session is over by then", () => {
    const pair = new JoinedPair(clock, { flavour: "polling" });
    clock.advance(0);
    pair.wire.toClient.hold();
    pair.server.session.abort();
    const wire = pair.upgrade();
    clock.advance(0);
    expect([wire.client.writable, wire.server.writable]).toEqual([false, false]);
    expect(pair.client.session.upgrading).toBe(false);
  });

  it("says so if an upgrade cannot begin", () => {
    const pair = new JoinedPair(clock, { flavour: "polling" });
    expect(() => pair.upgrade()).toThrow("a client's session that is opening began no upgrade");
  });

  it("keeps the order of messages over an upgrade under load, whatever the wires do to the time", () =>
    withSeed((seed) => {
      for (let round = 0; round < 50; round++) {
        expectOrderOverUpgrade(seed.fork(round));
      }
    }));
});

function expectOrderOverUpgrade(random: SeededRandom): void {
  clock = new FakeClock();
  const link = () => ({ latency: random.integer(0, 80), jitter: random.integer(0, 40), random: random.fork(0) });
  const pair = new JoinedPair(clock, { flavour: "polling", ...link() });
  const sent = { client: [] as string[], server: [] as string[] };
  const talk = (moments: number): void => {
    for (let moment = 0; moment < moments; moment++) {
      for (const side of ["client", "server"] as const) {
        for (let count = random.integer(0, 3); count > 0; count--) {
          const text = `${side} ${sent[side].length}`;
          sent[side].push(text);
          pair[side].session.send(text);
        }
      }
      clock.advance(random.integer(0, 10));
    }
  };
  clock.advance(500);
  talk(10);
  const wire = pair.upgrade(link());
  talk(100);
  clock.advance(2000);
  expect(pair.client.session.transport).toBe(wire.client);
  expect(pair.server.received).toEqual(sent.client);
  expect(pair.client.received).toEqual(sent.server);
}
