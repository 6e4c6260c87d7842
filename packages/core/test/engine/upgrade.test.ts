import { FakeClock } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { DeadlineQueue } from "../../src/deadline-queue.ts";
import { ClientUpgrade } from "../../src/engine/client-upgrade.ts";
import { ServerUpgrade } from "../../src/engine/server-upgrade.ts";
import type { Upgrade, UpgradePort } from "../../src/engine/upgrade.ts";
import type { Transport } from "../../src/ports.ts";
import { PausableStub, StubTransport } from "../stub-transport.ts";

const TIMEOUT = 10_000;

let clock: FakeClock;
let candidate: StubTransport;
let failure: Error | undefined;
let log: string[];
/** Which candidates the client is going to switch to. */
let chosen: Transport[];

/** The session that the upgrade belongs to. */
function portFor(transport: Transport): UpgradePort {
  return {
    transport,
    onUpgradeChosen: (winner) => chosen.push(winner),
    adopt: () => log.push("adopted"),
    onUpgradeFailed: (_candidate, error) => {
      failure = error;
      log.push("failed");
    },
  };
}

beforeEach(() => {
  clock = new FakeClock();
  candidate = new StubTransport();
  failure = undefined;
  log = [];
  chosen = [];
});

describe("the client's half", () => {
  let old: PausableStub;
  let upgrade: Upgrade;

  beforeEach(() => {
    old = new PausableStub();
    upgrade = new ClientUpgrade(new DeadlineQueue(clock), portFor(old), candidate, TIMEOUT);
  });

  /** Brings it to a state. */
  const reach = {
    opening: () => {},
    probing: () => candidate.open(),
    switching: () => {
      candidate.open();
      candidate.receive("3probe");
    },
  };

  it("probes the candidate once it is open, pauses the old transport when the server has answered, and switches", () => {
    expect(candidate.sent).toEqual([]);
    candidate.open();
    expect(candidate.sent).toEqual(["2probe"]);
    expect([old.asked, chosen]).toEqual([[], []]);
    candidate.receive("3probe");
    expect(old.asked).toEqual(["pause"]);
    expect(upgrade.switching).toBe(true);
    expect(candidate.sent).toEqual(["2probe"]);
    expect(chosen).toEqual([candidate]);
    old.paused();
    expect(candidate.sent).toEqual(["2probe", "5"]);
    expect(log).toEqual(["adopted"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("switches at once from a transport that can't be paused", () => {
    upgrade = new ClientUpgrade(new DeadlineQueue(clock), portFor(new StubTransport()), candidate, TIMEOUT);
    reach.switching();
    expect(candidate.sent).toEqual(["2probe", "5"]);
    expect(log).toEqual(["adopted"]);
  });

  it("sends one probe, however often the candidate says that it is open", () => {
    candidate.open();
    candidate.open();
    expect(candidate.sent).toEqual(["2probe"]);
  });

  it.each(["3", "3other", "2probe", "4a", "6", "0{}"])("fails if the server answers the probe by %s", (frame) => {
    reach.probing();
    candidate.receive(frame);
    expect(log).toEqual(["failed"]);
    expect(failure).toMatchObject({ code: "ERR_UPGRADE", cause: { code: "ERR_PACKET_ORDER" } });
    expect(candidate.ended).toEqual(["abort"]);
    expect(old.asked).toEqual([]);
  });

  it("fails if an answer comes before the question", () => {
    candidate.receive("3probe");
    expect(log).toEqual(["failed"]);
  });

  it("fails if anything comes while it waits for the old transport, and then never switches", () => {
    reach.switching();
    candidate.receive("4a");
    old.paused();
    expect(log).toEqual(["failed"]);
    expect(candidate.sent).toEqual(["2probe"]);
  });

  describe.each(["opening", "probing", "switching"] as const)("while %s", (state) => {
    beforeEach(() => reach[state]());

    it("fails with the candidate's own error when that closes", () => {
      const cause = new Error("refused");
      candidate.die("transport error", cause);
      expect(log).toEqual(["failed"]);
      expect(failure).toMatchObject({ code: "ERR_UPGRADE", cause });
      expect(clock.armedTimers).toBe(0);
    });

    it("fails when the time is over", () => {
      clock.advance(TIMEOUT - 1);
      expect(log).toEqual([]);
      clock.advance(1);
      expect(log).toEqual(["failed"]);
      expect(failure).toMatchObject({ code: "ERR_UPGRADE" });
      expect(candidate.ended).toEqual(["abort"]);
    });

    it("goes without a word when it is abandoned, and nothing that comes later counts", () => {
      upgrade.abandon();
      upgrade.abandon();
      expect(candidate.ended).toEqual(["abort"]);
      expect(clock.armedTimers).toBe(0);
      const sent = [...candidate.sent];
      candidate.open();
      candidate.receive("3probe");
      candidate.die();
      if (state === "switching") {
        old.paused();
      }
      clock.advance(TIMEOUT);
      expect(candidate.sent).toEqual(sent);
      expect(log).toEqual([]);
    });
  });
});

describe("the server's half", () => {
  let old: StubTransport;
  let upgrade: Upgrade;

  beforeEach(() => {
    old = new StubTransport("polling");
    upgrade = new ServerUpgrade(new DeadlineQueue(clock), portFor(old), candidate, TIMEOUT);
  });

  it("answers the probe, and adopts the candidate when told", () => {
    candidate.receive("2probe");
    expect(candidate.sent).toEqual(["3probe"]);
    expect(log).toEqual([]);
    candidate.receive("5");
    expect(log).toEqual(["adopted"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("adopts a candidate that did not probe", () => {
    candidate.receive("5");
    expect(log).toEqual(["adopted"]);
  });

  it("never withholds what the session sends: it is the client who decides when to switch", () => {
    candidate.receive("2probe");
    expect(upgrade.switching).toBe(false);
    expect(chosen).toEqual([]);
  });

  it("releases the client's waiting request 10 ms after the probe, and any further one every 100 ms", () => {
    candidate.receive("2probe");
    clock.advance(9);
    expect(old.sent).toEqual([]);
    clock.advance(1);
    expect(old.sent).toEqual(["6"]);
    clock.advance(99);
    expect(old.sent).toEqual(["6"]);
    clock.advance(1);
    expect(old.sent).toEqual(["6", "6"]);
  });

  it("releases nothing where no request waits, nor before the probe, nor after the switch", () => {
    clock.advance(1000);
    old.writable = false;
    candidate.receive("2probe");
    clock.advance(500);
    candidate.receive("5");
    old.writable = true;
    clock.advance(1000);
    expect(old.sent).toEqual([]);
  });

  it.each(["2", "3probe", "4a", "6", "1"])("fails on %s", (frame) => {
    candidate.receive("2probe", frame);
    expect(log).toEqual(["failed"]);
    expect(failure).toMatchObject({ code: "ERR_UPGRADE", cause: { code: "ERR_PACKET_ORDER" } });
    expect(candidate.ended).toEqual(["abort"]);
    expect(clock.armedTimers).toBe(0);
  });

  it.each([
    ["before the probe", []],
    ["after the probe", ["2probe"]],
    ["after several probes", ["2probe", "2probe", "2probe"]],
  ])("fails when the time is over, counted from its beginning, %s", (_, frames) => {
    clock.advance(4000);
    candidate.receive(...frames);
    clock.advance(TIMEOUT - 4000 - 1);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual(["failed"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("fails when the candidate closes", () => {
    candidate.receive("2probe");
    candidate.die();
    expect(log).toEqual(["failed"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("goes without a word when it is abandoned, and nothing that comes later counts", () => {
    candidate.receive("2probe");
    upgrade.abandon();
    candidate.receive("5");
    candidate.die();
    clock.advance(TIMEOUT);
    expect(log).toEqual([]);
    expect(old.sent).toEqual([]);
    expect(candidate.ended).toEqual(["abort"]);
  });
});
