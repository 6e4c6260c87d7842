/** What outlives a connection, and what does not. */

import { FakeClock, JoinedApplications } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";

let clock: FakeClock;
let apps: JoinedApplications;

const codes = (answers: readonly unknown[][]): unknown[] =>
  answers.map(([error, ...rest]) => (error instanceof Error ? (error as Error & { code: string }).code : rest));

beforeEach(() => {
  clock = new FakeClock();
});

describe.each(["websocket", "polling"] as const)("over %s", (transport) => {
  beforeEach(() => {
    apps = new JoinedApplications(clock, { transport, latency: 10 });
    apps.client.namespace();
    clock.advance(1000);
  });

  it("what is emitted while there is no connection arrives in order once there is one, before `connect`", () => {
    const client = apps.client.namespace();
    client.emit("sent");
    clock.advance(100);
    apps.wire.cut();
    clock.advance(100);
    client.emit("a");
    client.emit("b", Buffer.from([1]));
    apps.client.take();
    apps.server.take();
    apps.connect();
    client.emit("c");
    client.onJoin = () => client.emit("d");
    clock.advance(1000);
    expect(apps.server.namespace().received).toEqual([["a"], ["b", Buffer.from([1])], ["c"], ["d"]]);
    expect(apps.client.take()).toEqual(["open", "welcome / s2", "connect /"]);
  });

  it("what is emitted before the first connection arrives too, namespace by namespace", () => {
    apps = new JoinedApplications(clock, { transport });
    const [chat, news] = [apps.client.namespace("/chat"), apps.client.namespace("/news")];
    chat.emit("a");
    news.emit("b");
    chat.emit("c");
    clock.advance(1000);
    expect(apps.server.namespace("/chat").received).toEqual([["a"], ["c"]]);
    expect(apps.server.namespace("/news").received).toEqual([["b"]]);
  });

  it("an answer that is under way when the connection breaks is lost, and whoever waits is told, once", () => {
    apps.server.namespace().on("ask", (answer) => (answer as (text: string) => void)("yes"));
    const answers = apps.client.namespace().ask(["ask"]);
    clock.advance(15);
    apps.wire.cut();
    clock.advance(100);
    expect(apps.server.take()).toContain('event / ["ask"]');
    expect(codes(answers)).toEqual(["ERR_DISCONNECTED"]);
    apps.connect();
    clock.advance(1000);
    expect(answers).toHaveLength(1);
  });

  it("an answer that is read together with the end of the connection counts", () => {
    apps.server.namespace().on("ask", (answer) => {
      (answer as (text: string) => void)("yes");
      apps.server.session.close();
    });
    const answers = apps.client.namespace().ask(["ask"]);
    clock.advance(100);
    expect(codes(answers)).toEqual([["yes"]]);
  });

  it("an acknowledgement that is called after a reconnection answers nobody", () => {
    let late: (text: string) => void = () => {};
    apps.server.namespace().on("ask", (answer) => (late = answer as typeof late));
    const answers = apps.client.namespace().ask(["ask"], { errorFirst: false });
    clock.advance(100);
    apps.wire.cut();
    apps.connect();
    const again = apps.client.namespace().ask(["ask"], { errorFirst: false });
    clock.advance(1000);
    late("too late");
    clock.advance(1000);
    expect([...answers, ...again]).toEqual([]);
  });

  it("a question that waits for a connection is answered after it, or given up in time", () => {
    apps.wire.cut();
    clock.advance(100);
    const client = apps.client.namespace();
    const patient = client.ask(["ask"]);
    const hasty = client.ask(["ask"], { errorFirst: true, timeout: 500 });
    clock.advance(500);
    expect(codes(hasty)).toEqual(["ERR_ACK_TIMEOUT"]);
    apps.connect();
    clock.advance(1000);
    apps.server.namespace().on("ask", () => {});
    expect(apps.server.namespace().received).toEqual([["ask"]]);
    expect(patient).toEqual([]);
  });
});

describe("leaving and the other end's packets that cross it", () => {
  beforeEach(() => {
    apps = new JoinedApplications(clock, { latency: 10 });
    apps.client.namespace();
    apps.client.namespace("/other");
    clock.advance(1000);
    apps.client.take();
    apps.server.take();
  });

  it("events that the client sent before it knew that it was sent out are ignored", () => {
    apps.server.namespace().link.disconnect();
    const answers = apps.client.namespace().ask(["ask"]);
    apps.client.namespace().emit("a", Buffer.from([1]));
    clock.advance(100);
    expect(apps.server.take()).toEqual(["leave / server namespace disconnect"]);
    expect(apps.client.take()).toEqual(["leave / io server disconnect"]);
    expect(codes(answers)).toEqual(["ERR_DISCONNECTED"]);
    expect(apps.server.session.state).toBe("open");
  });

  it("events that the server sent before it knew that the client had left are ignored", () => {
    apps.client.namespace().link.disconnect();
    apps.server.namespace().emit("a", Buffer.from([1]));
    apps.server.namespace().ask(["ask"]);
    clock.advance(100);
    expect(apps.client.take()).toEqual(["leave / io client disconnect"]);
    expect(apps.client.session.state).toBe("open");
    expect(apps.server.take()).toEqual(["leave / client namespace disconnect"]);
  });

  it("both may leave at once", () => {
    apps.client.namespace().link.disconnect();
    apps.server.namespace().link.disconnect();
    clock.advance(100);
    expect(apps.client.take()).toEqual(["leave / io client disconnect"]);
    expect(apps.server.take()).toEqual(["leave / server namespace disconnect"]);
    expect(apps.server.session.state).toBe("open");
  });

  it("an answer to a namespace that was left sends nothing that could end the connection", () => {
    let answer: () => void = () => {};
    apps.client.namespace().on("ask", (ack) => (answer = ack as () => void));
    apps.server.namespace().ask(["ask"]);
    clock.advance(100);
    apps.client.namespace().link.disconnect();
    answer();
    clock.advance(100);
    expect(apps.transcript.sentBy("client").at(-1)).toBe("41");
    expect(apps.server.session.state).toBe("open");
  });

  it("the client may come back at once: the server sees it leave and join, in that order", () => {
    apps.client.namespace().link.disconnect();
    apps.client.namespace().emit("back");
    clock.advance(100);
    expect(apps.server.take()).toEqual(["leave / client namespace disconnect", "join /", 'event / ["back"]']);
    expect(apps.client.take()).toEqual(["leave / io client disconnect", "welcome / s3", "connect /"]);
  });

  it("a client that comes back at once does not take being sent out of its last stay for being sent out again", () => {
    apps.server.namespace().emit("for the last stay");
    apps.server.namespace().link.disconnect();
    apps.client.namespace().link.disconnect();
    const back = apps.client.namespace();
    clock.advance(100);
    expect(apps.client.take()).toEqual(["leave / io client disconnect", "welcome / s3", "connect /"]);
    expect(apps.server.take()).toEqual(["leave / server namespace disconnect", "join /"]);
    expect(back.link.state).toBe("connected");
  });

  it("a client that leaves before the server has answered is gone from the server too", () => {
    apps.client.namespace("/third").link.disconnect();
    clock.advance(100);
    expect(apps.server.take()).toEqual(["join /third", "leave /third client namespace disconnect"]);
    expect(apps.client.take()).toEqual([]);
  });

  it("the other namespaces of the connection do not notice", () => {
    apps.client.namespace().link.disconnect();
    apps.client.namespace("/other").emit("still here");
    clock.advance(100);
    expect(apps.server.namespace("/other").received).toEqual([["still here"]]);
  });
});
