import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, JoinedApplications } from "../src/index.ts";

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

describe.each(["websocket", "polling", "upgrade"] as const)("joined applications over %s", (transport) => {
  it("join a namespace, exchange events and answers, and write it down at both ends", () => {
    const apps = new JoinedApplications(clock, { transport, latency: 10 });
    const client = apps.client.namespace();
    clock.advance(1000);
    const server = apps.server.namespace();
    server.on("ask", (question, answer) => (answer as (text: string) => void)(`${question as string}!`));
    client.emit("hello", 1, Buffer.from([1, 2]));
    const answers = client.ask(["ask", "why"]);
    server.emit("hi");
    clock.advance(100);
    expect(answers).toEqual([[null, "why!"]]);
    const upgraded = transport === "upgrade" ? ["upgraded to websocket"] : [];
    expect(apps.client.take().sort()).toEqual(
      ["open", "welcome / s1", "connect /", 'event / ["hi"]', ...upgraded].sort(),
    );
    expect(apps.server.take().sort()).toEqual(
      ["open", "join /", 'event / ["hello",1,<0102>]', 'event / ["ask","why"]', ...upgraded].sort(),
    );
    expect(server.received).toEqual([
      ["hello", 1, Buffer.from([1, 2])],
      ["ask", "why"],
    ]);
  });

  it("part when the wire is cut, leave no timer behind, and join again when told to", () => {
    const apps = new JoinedApplications(clock, { transport });
    const client = apps.client.namespace("/chat");
    clock.advance(1000);
    apps.client.session.abort();
    clock.advance(1000);
    expect(client.link.state).toBe("idle");
    expect(apps.client.take().slice(-2)).toEqual(["leave /chat forced close", "close forced close"]);
    expect(clock.armedTimers).toBe(0);
    expect(() => apps.server.namespace("/chat")).toThrow("the client is not in /chat");
    apps.connect();
    clock.advance(1000);
    expect(client.link.state).toBe("connected");
    expect(apps.server.namespace("/chat").link.state).toBe("connected");
  });
});

describe("joined applications", () => {
  it("may refuse a namespace", () => {
    const apps = new JoinedApplications(clock, { refuse: (nsp) => (nsp === "/secret" ? "not you" : undefined) });
    apps.client.namespace("/secret");
    apps.client.namespace("/open");
    clock.advance(0);
    expect(apps.client.take()).toEqual(["open", "refused /secret not you", "welcome /open s1", "connect /open"]);
    expect(apps.server.take()).toEqual(["open", "join /open"]);
  });

  it("survive listeners that throw", () => {
    const apps = new JoinedApplications(clock);
    const client = apps.client.namespace();
    clock.advance(0);
    apps.server.namespace().on("bad", () => {
      throw new Error("no");
    });
    client.emit("bad");
    client.emit("good");
    clock.advance(0);
    expect(apps.server.take().slice(2)).toEqual(['event / ["bad"]', "event threw Error: no", 'event / ["good"]']);
  });

  it("do not come back to a namespace that they left or were sent out of", () => {
    const apps = new JoinedApplications(clock);
    const left = apps.client.namespace("/left");
    apps.client.namespace("/out");
    clock.advance(0);
    left.link.disconnect();
    apps.server.namespace("/out").link.disconnect();
    clock.advance(0);
    expect(apps.client.take().slice(-2)).toEqual([
      "leave /left io client disconnect",
      "leave /out io server disconnect",
    ]);
    apps.client.session.abort();
    apps.connect();
    clock.advance(0);
    expect(apps.client.take()).toEqual(["close forced close", "open"]);
  });
});
