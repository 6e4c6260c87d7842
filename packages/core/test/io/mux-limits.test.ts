/** What a peer can make a connection hold, and for how long. */

import { beforeEach, describe, expect, it } from "vitest";
import { MESSAGE_OVERHEAD } from "../../src/index.ts";
import { MuxFixture, RecordingLink } from "./mux-fixture.ts";

const bytes = Buffer.from([1, 2]);
const half = '451-["binary",{"_placeholder":true,"num":0}]';

let fixture: MuxFixture;

beforeEach(() => {
  fixture = new MuxFixture();
});

describe("the budget of bytes", () => {
  const message = `2["${"x".repeat(95)}"]`;
  const inbound = 3 * (100 + MESSAGE_OVERHEAD);

  beforeEach(() => {
    fixture = new MuxFixture({ limits: { inbound } });
    fixture.attach();
  });

  it("is for what waits: what was handled before the excess counts, and the excess is a violation", () => {
    fixture.receive(`4${message}`, `4${message}`, `4${message}`, `4${message}`);
    expect(fixture.take().map((line) => line.slice(0, 9))).toEqual([
      "EVENT / x",
      "EVENT / x",
      "EVENT / x",
      "violation",
      "/ closed:",
      "closed: f",
    ]);
  });

  it("is whole again after each turn", () => {
    for (let turn = 0; turn < 10; turn++) {
      fixture.receive(`4${message}`, `4${message}`, `4${message}`);
    }
    expect(fixture.take()).toHaveLength(30);
  });

  it("goes on counting the parts of a packet that is not whole, though what came before it was handled", () => {
    fixture = new MuxFixture({ limits: { inbound: 1000 } });
    fixture.attach();
    fixture.receive('42["a"]', '459-["a"]', Buffer.alloc(100), Buffer.alloc(100), Buffer.alloc(100));
    expect(fixture.take()).toEqual(["EVENT / a"]);
    fixture.receive(Buffer.alloc(100), Buffer.alloc(100));
    expect(fixture.take()).toEqual([]);
    fixture.receive(Buffer.alloc(100));
    expect(fixture.take()[0]).toBe("violation ERR_BUDGET_INBOUND");
  });

  it("is not used up by a stream of packets of which each turn brings the end of one and the beginning of the next", () => {
    fixture.receive(half);
    for (let turn = 0; turn < 50; turn++) {
      fixture.receive(bytes, half);
    }
    expect(fixture.take()).toEqual(Array.from({ length: 50 }, () => "EVENT / binary"));
  });
});

describe("the budget of namespaces", () => {
  beforeEach(() => {
    fixture = new MuxFixture({ limits: { namespaces: 2 } });
  });

  const join = (nsp: string): string | undefined =>
    fixture.mux.attach(new RecordingLink(nsp, fixture.mux, fixture.log))?.code;

  it("refuses one too many", () => {
    expect([join("/1"), join("/2"), join("/3")]).toEqual([undefined, undefined, "ERR_BUDGET_NAMESPACES"]);
    expect([...fixture.mux.links.keys()]).toEqual(["/1", "/2"]);
  });

  it("counts a namespace whose link was replaced once", () => {
    join("/1");
    join("/1");
    expect(join("/2")).toBeUndefined();
  });

  it("gets back those that were left, once", () => {
    join("/1");
    const link = fixture.attach("/2");
    fixture.mux.detach(link);
    fixture.mux.detach(link);
    expect([join("/3"), join("/4")]).toEqual([undefined, "ERR_BUDGET_NAMESPACES"]);
  });
});

describe("attachments", () => {
  const two = '452-["binary",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';

  /** Time goes by, and the client keeps its heartbeat meanwhile. */
  function wait(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 10_000) {
      fixture.clock.advance(Math.min(left, 10_000));
      fixture.receive("3");
    }
  }

  beforeEach(() => void fixture.attach());

  it("that do not come in time are a violation", () => {
    fixture.receive(half);
    wait(44_999);
    expect(fixture.take()).toEqual([]);
    wait(1);
    expect(fixture.take()[0]).toBe("violation ERR_ATTACHMENT_TIMEOUT");
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("have that time each", () => {
    fixture.receive(two);
    wait(40_000);
    fixture.receive(bytes);
    wait(40_000);
    fixture.receive(bytes);
    wait(100_000);
    expect(fixture.take()).toEqual(["EVENT / binary"]);
  });

  it("are not waited for once the session is over", () => {
    fixture.receive(half);
    fixture.transport.die();
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["/ closed: transport close", "closed: transport close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("that come too late are not looked at", () => {
    fixture.receive(half);
    wait(45_000);
    fixture.take();
    fixture.receive(bytes, '42["a"]');
    expect(fixture.take()).toEqual([]);
  });
});
