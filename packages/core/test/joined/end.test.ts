/** However a session ends, both ends learn of it once, and nothing is left behind. */

import { FakeClock, JoinedApplications, withSeed, type SeededRandom, type Side } from "@hawser/testing";
import { describe, expect, it } from "vitest";

type Transport = "websocket" | "polling" | "upgrade";

const transports: Transport[] = ["websocket", "polling", "upgrade"];

/** The ways in which a session ends. */
const endings: Record<string, (apps: JoinedApplications) => void> = {
  "the client closes": ({ client }) => client.session.close(),
  "the server closes": ({ server }) => server.session.close(),
  "the client breaks off": ({ client }) => client.session.abort(),
  "the server breaks off": ({ server }) => server.session.abort(),
  "the wire is cut": ({ carrier }) => carrier.cut(),
  "only the client notices that the wire is cut": ({ carrier }) => carrier.cut({ noticedBy: "client" }),
  "only the server notices that the wire is cut": ({ carrier }) => carrier.cut({ noticedBy: "server" }),
  "nobody notices that the way to the server is gone": ({ carrier }) => carrier.toServer.drop(),
  "nobody notices that the way to the client is gone": ({ carrier }) => carrier.toClient.drop(),
  "the client sends nonsense": ({ client }) => client.session.send("nonsense"),
  "the server sends nonsense": ({ server }) => server.session.send("nonsense"),
  "an attachment never comes": ({ client }) => client.session.send('51-["a",{"_placeholder":true,"num":0}]'),
  "the client pings": ({ client }) => client.session.sendPacket({ type: "ping" }),
};

describe.each(transports)("over %s, when", (transport) => {
  it.each(Object.keys(endings))(
    "%s, both ends close once, everybody who waits is told, and no timer is left",
    (ending) => {
      const clock = new FakeClock();
      const apps = new JoinedApplications(clock, { transport, latency: 10 });
      const client = apps.client.namespace();
      clock.advance(1000);
      expect(apps.client.session.transport.name).toBe(transport === "polling" ? "polling" : "websocket");
      const answers = [
        client.ask(["a"]),
        client.ask(["b"], { errorFirst: true, timeout: 500_000 }),
        apps.server.namespace().ask(["c"]),
        apps.server.namespace().ask(["d"], { errorFirst: true, timeout: 500_000 }),
      ];
      endings[ending]?.(apps);
      clock.advance(200_000);
      expect([apps.client.session.state, apps.server.session.state]).toEqual(["closed", "closed"]);
      for (const { log } of [apps.client, apps.server]) {
        expect(log.filter((line) => line.startsWith("close"))).toHaveLength(1);
        expect(log.filter((line) => line.startsWith("leave"))).toHaveLength(1);
        expect(log.at(-1)).toMatch(/^close /);
      }
      for (const each of answers) {
        expect(each.map(([error]) => (error as { code?: string }).code)).toEqual(["ERR_DISCONNECTED"]);
      }
      expect(clock.armedTimers).toBe(0);
      expect(clock.deferredCallbacks).toBe(0);
    },
  );
});

describe("a link that is half open is found out by the heartbeat", () => {
  /** How long each end takes to notice. */
  function noticedAfter(cut: (apps: JoinedApplications) => void): Record<Side, number> {
    const clock = new FakeClock();
    const apps = new JoinedApplications(clock, { handshake: { pingInterval: 1000, pingTimeout: 500 } });
    apps.client.namespace();
    clock.advance(2500);
    cut(apps);
    const begin = clock.now();
    const noticed: Partial<Record<Side, number>> = {};
    for (let left = 5000; left > 0; left -= 100) {
      clock.advance(100);
      for (const side of ["client", "server"] as const) {
        if (apps[side].session.state === "closed") {
          expect(apps[side].log.at(-1)).toMatch(/^close (ping timeout|transport)/);
          noticed[side] ??= clock.now() - begin;
        }
      }
    }
    return noticed as Record<Side, number>;
  }

  it("at the client within interval and timeout from the last ping, if the server's packets no longer arrive", () => {
    expect(noticedAfter(({ wire }) => wire.toClient.drop()).client).toBe(1000);
  });

  it("at the server within the timeout from its next ping, if the client's packets no longer arrive", () => {
    expect(noticedAfter(({ wire }) => wire.toServer.drop()).server).toBe(1000);
  });

  it("at both ends if nothing arrives any more", () => {
    const noticed = noticedAfter(({ wire }) => {
      wire.toClient.drop();
      wire.toServer.drop();
    });
    expect(noticed).toEqual({ client: 1000, server: 1000 });
  });
});

it("whatever happens when, what arrives is in order and without gaps, and everybody who waits is told once", () =>
  withSeed((seed) => {
    for (let round = 0; round < 150; round++) {
      expectSanity(seed.fork(round));
    }
  }));

function expectSanity(random: SeededRandom): void {
  const clock = new FakeClock();
  const apps = new JoinedApplications(clock, {
    transport: transports[random.integer(0, 2)] as Transport,
    latency: random.integer(0, 50),
    jitter: random.integer(0, 30),
    random: random.fork(1),
    handshake: { maxPayload: 150 },
  });
  const sent = { client: [] as number[], server: [] as number[] };
  const waiting: (readonly unknown[][])[] = [];
  apps.client.namespace();
  // Two round trips of polling at most take 320 until the client has joined.
  clock.advance(random.integer(350, 750));
  const ends = { client: apps.client.namespace(), server: apps.server.namespace() };
  for (const end of Object.values(ends)) {
    end.on("ask", (...args) => random.chance(0.7) && (args.at(-1) as () => void)());
  }
  const act = (side: Side): void => {
    const number = sent[side].push(sent[side].length) - 1;
    switch (random.integer(0, 2)) {
      case 0:
        waiting.push(ends[side].ask(["ask", number], { errorFirst: true, timeout: random.integer(1, 90_000) }));
        break;
      case 1:
        ends[side].emit("binary", number, Buffer.from([number & 0xff]));
        break;
      default:
        ends[side].emit("text", number);
    }
  };
  const steps = random.integer(0, 60);
  const ending = endings[Object.keys(endings)[random.integer(0, Object.keys(endings).length - 1)] as string];
  for (let step = 0; step < steps; step++) {
    act("client");
    if (random.chance(0.7)) {
      act("server");
    }
    clock.advance(random.integer(0, 15));
  }
  ending?.(apps);
  for (let step = 0; step < 5; step++) {
    act("client");
    act("server");
    clock.advance(random.integer(0, 15));
  }
  clock.advance(200_000);
  apps.client.session.abort();
  apps.server.session.abort();
  clock.advance(200_000);
  const numbers = (side: Side): unknown[] => ends[side].received.map(([, number]) => number);
  expect(numbers("server")).toEqual(sent.client.slice(0, numbers("server").length));
  expect(numbers("client")).toEqual(sent.server.slice(0, numbers("client").length));
  expect(waiting.map((answers) => answers.length)).toEqual(waiting.map(() => 1));
  for (const { log } of [apps.client, apps.server]) {
    expect(log.filter((line) => line.startsWith("close"))).toHaveLength(1);
  }
  expect(clock.armedTimers).toBe(0);
}
