/** What one end does, in the order in which the other end learns of it. */

import { FakeClock, JoinedApplications, type JoinedApplicationsOptions } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";

let clock: FakeClock;
let apps: JoinedApplications;

function join(options: JoinedApplicationsOptions = {}): void {
  clock = new FakeClock();
  apps = new JoinedApplications(clock, options);
  apps.client.namespace();
  clock.advance(1000);
  apps.client.take();
  apps.server.take();
}

describe.each(["websocket", "polling"] as const)("over %s", (transport) => {
  beforeEach(() => join({ transport, latency: 10 }));

  it("events arrive in the order in which they were emitted, and so do those with attachments between them", () => {
    const client = apps.client.namespace();
    client.emit("a");
    client.emit("b", Buffer.from([1]), { c: new Uint8Array([2, 3]) });
    client.emit("d", 1);
    clock.advance(100);
    expect(apps.server.namespace().received).toEqual([
      ["a"],
      ["b", Buffer.from([1]), { c: Buffer.from([2, 3]) }],
      ["d", 1],
    ]);
  });

  it("an event emitted before the namespace is left is delivered before it is left", () => {
    apps.client.namespace().emit("bye");
    apps.client.namespace().link.disconnect();
    clock.advance(100);
    expect(apps.server.take()).toEqual(['event / ["bye"]', "leave / client namespace disconnect"]);

    join({ transport });
    apps.server.namespace().emit("bye");
    apps.server.namespace().link.disconnect();
    clock.advance(100);
    expect(apps.client.take()).toEqual(['event / ["bye"]', "leave / io server disconnect"]);
  });

  it("an event emitted before the session is closed is delivered before it is closed", () => {
    apps.client.namespace().emit("bye");
    apps.client.session.close();
    clock.advance(100);
    expect(apps.server.take()).toEqual(['event / ["bye"]', "leave / transport close", "close transport close"]);

    join({ transport });
    apps.server.namespace().emit("bye");
    apps.server.session.close();
    clock.advance(100);
    expect(apps.client.take()).toEqual(['event / ["bye"]', "leave / transport close", "close transport close"]);
    expect(apps.server.take()).toEqual(["leave / forced close", "close forced close"]);
  });

  it("what the connection handler emits comes behind the welcome, and `connect` behind what was emitted before", () => {
    join({ transport, onConnection: (namespace) => namespace.emit("hello") });
    apps.client.namespace("/late").emit("early");
    clock.advance(100);
    expect(apps.client.take()).toEqual(["welcome /late s2", "connect /late", 'event /late ["hello"]']);
    expect(apps.server.take()).toEqual(["join /late", 'event /late ["early"]']);
  });

  it("an answer comes in line with the events around it", () => {
    const server = apps.server.namespace();
    server.on("ask", (answer) => {
      server.emit("before");
      (answer as () => void)();
      server.emit("after");
    });
    const client = apps.client.namespace();
    client.link.emit(["ask"], {}, () => apps.client.log.push("answer"));
    clock.advance(100);
    expect(apps.client.take()).toEqual(['event / ["before"]', "answer", 'event / ["after"]']);
  });

  it("a violation lets arrive what was emitted before it, and nothing after it", () => {
    const client = apps.client.namespace();
    client.emit("before");
    apps.client.session.send("nonsense");
    client.emit("after");
    clock.advance(100);
    expect(apps.server.take()).toEqual([
      'event / ["before"]',
      "violation ERR_PACKET_TYPE",
      "leave / forced close",
      "close forced close",
    ]);
    expect(apps.client.take()).toEqual(["leave / transport close", "close transport close"]);
  });

  it("a server that sends nonsense loses the client, who says so", () => {
    apps.server.namespace().emit("before");
    apps.server.session.send("nonsense");
    apps.server.namespace().emit("after");
    clock.advance(100);
    expect(apps.client.take()).toEqual([
      'event / ["before"]',
      "violation ERR_PACKET_TYPE",
      "leave / parse error",
      "close parse error",
    ]);
  });
});

describe("handlers that change what is going on", () => {
  beforeEach(() => join());

  it("a handler that leaves its namespace is handed nothing more from it, though it was read already", () => {
    const server = apps.server.namespace();
    server.on("a", () => server.link.disconnect());
    for (const name of ["a", "b", "c"]) {
      apps.client.namespace().emit(name);
    }
    clock.advance(0);
    expect(apps.server.take()).toEqual(['event / ["a"]', "leave / server namespace disconnect"]);
    expect(apps.client.take()).toEqual(["leave / io server disconnect"]);
    expect(apps.server.session.state).toBe("open");
  });

  it("a handler that closes the session is still handed what was read already, and then the end", () => {
    const server = apps.server.namespace();
    server.on("a", () => apps.server.session.close());
    apps.client.namespace().emit("a");
    apps.client.namespace().emit("b");
    clock.advance(0);
    expect(apps.server.take()).toEqual([
      'event / ["a"]',
      'event / ["b"]',
      "leave / forced close",
      "close forced close",
    ]);
  });

  it("a handler that emits to its own end's peer does so in the order of its calls", () => {
    const server = apps.server.namespace();
    for (const name of ["a", "b"]) {
      server.on(name, () => {
        server.emit(`${name} 1`);
        server.emit(`${name} 2`);
      });
    }
    apps.client.namespace().emit("a");
    apps.client.namespace().emit("b");
    clock.advance(0);
    expect(apps.client.namespace().received).toEqual([["a 1"], ["a 2"], ["b 1"], ["b 2"]]);
  });

  it("two ends that answer every event by another go on in turns, without growing a stack", () => {
    const [client, server] = [apps.client.namespace(), apps.server.namespace()];
    client.on("pong", (count) => client.emit("ping", (count as number) + 1));
    server.on("ping", (count) => (count as number) < 5000 && server.emit("pong", count));
    client.emit("ping", 0);
    apps.wire.toClient.latency = apps.wire.toServer.latency = 1;
    clock.advance(20_000);
    expect(server.received).toHaveLength(5001);
  });

  it("a listener that throws stops its own event alone, whatever else the read brought", () => {
    const server = apps.server.namespace();
    server.on("bad", () => {
      throw new Error("no");
    });
    apps.client.namespace().emit("bad");
    apps.client.namespace().emit("good");
    apps.client.session.close();
    clock.advance(0);
    expect(apps.server.take()).toEqual([
      'event / ["bad"]',
      "event threw Error: no",
      'event / ["good"]',
      "leave / transport close",
      "close transport close",
    ]);
  });
});
