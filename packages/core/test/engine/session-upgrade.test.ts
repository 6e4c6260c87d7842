/** A session and the transport to which it moves. */

import { beforeEach, describe, expect, it } from "vitest";
import { PausableStub, StubTransport } from "../stub-transport.ts";
import { SessionFixture } from "./session-fixture.ts";

let candidate: StubTransport;
let upgrades: string[];

beforeEach(() => {
  candidate = new StubTransport();
  upgrades = [];
});

function observe(fixture: SessionFixture): void {
  fixture.session.observer = {
    synchronous: false,
    onUpgrading: ({ name }) => upgrades.push(`upgrading to ${name}`),
    onUpgradeProbed: ({ name }) => upgrades.push(`probed by ${name}`),
    onUpgrade: ({ name }) => upgrades.push(`upgraded to ${name}`),
    onUpgradeError: (_, error) => upgrades.push(`failed: ${(error as { code?: string }).code}`),
  };
}

describe("a client's session", () => {
  let old: PausableStub;
  let fixture: SessionFixture;

  beforeEach(() => {
    old = new PausableStub();
    fixture = SessionFixture.open("client", old);
    observe(fixture);
    expect(fixture.session.upgradeTo(candidate)).toBe(true);
  });

  const send = (...texts: string[]): void => {
    for (const text of texts) {
      fixture.session.send(text);
    }
    fixture.clock.runDeferred();
  };

  const reachSwitching = (): void => {
    candidate.open();
    candidate.receive("3probe");
  };

  it("goes on using the old transport while the candidate is probed", () => {
    send("a");
    candidate.open();
    send("b");
    old.receive("4x");
    expect(old.sent).toEqual(["4a", "4b"]);
    expect(candidate.sent).toEqual(["2probe"]);
    expect(fixture.log).toEqual(["message x"]);
    expect(fixture.session.writable).toBe(true);
  });

  it("withholds what is sent while the old transport comes to rest, and then sends it on the new one", () => {
    reachSwitching();
    send("a");
    expect(fixture.session.writable).toBe(false);
    old.receive("4last");
    old.relieve();
    expect(old.sent).toEqual([]);
    old.paused();
    expect(candidate.writes).toEqual([["2probe"], ["5"], ["4a"]]);
    expect(fixture.log).toEqual(["message last"]);
    expect(fixture.session.transport).toBe(candidate);
    expect(upgrades).toEqual(["upgrading to websocket", "upgraded to websocket"]);
  });

  it("answers a ping that came while it switched", () => {
    reachSwitching();
    old.receive("2");
    old.paused();
    fixture.clock.runDeferred();
    expect(candidate.sent).toEqual(["2probe", "5", "3"]);
  });

  it("lets go of the old transport once it has moved", () => {
    reachSwitching();
    old.paused();
    expect(old.ended).toEqual(["abort"]);
    old.receive("4late");
    old.die();
    expect(fixture.log).toEqual([]);
    expect(fixture.session.state).toBe("open");
  });

  it("resumes the old transport and sends there what it withheld, if the candidate dies while switching", () => {
    reachSwitching();
    send("a");
    candidate.die("transport error");
    expect(old.asked).toEqual(["pause", "resume"]);
    expect(old.sent).toEqual(["4a"]);
    expect(fixture.session.transport).toBe(old);
    expect(upgrades).toEqual(["upgrading to websocket", "failed: ERR_UPGRADE"]);
    old.paused();
    expect(candidate.sent).toEqual(["2probe"]);
  });

  it("tries each transport once at a time, and may try it again when it has failed", () => {
    const again = new StubTransport();
    expect([fixture.session.upgrading, fixture.session.mayUpgradeTo("websocket")]).toEqual([true, false]);
    expect(fixture.session.upgradeTo(again)).toBe(false);
    expect(again.ended).toEqual([]);
    candidate.die();
    expect([fixture.session.upgrading, fixture.session.mayUpgradeTo("websocket")]).toEqual([false, true]);
    expect(fixture.session.upgradeTo(again)).toBe(true);
  });

  describe("that tries two transports side by side", () => {
    let rival: StubTransport;

    beforeEach(() => {
      rival = new StubTransport("webtransport");
      expect(fixture.session.upgradeTo(rival)).toBe(true);
      candidate.open();
      rival.open();
    });

    it("switches to the one that is answered first, and gives the other up without a word", () => {
      rival.receive("3probe");
      expect(candidate.ended).toEqual(["abort"]);
      candidate.receive("3probe");
      old.paused();
      expect([candidate.sent, rival.sent]).toEqual([["2probe"], ["2probe", "5"]]);
      expect(fixture.session.transport).toBe(rival);
      expect([old.asked, rival.ended]).toEqual([["pause"], []]);
      expect(upgrades).toEqual(["upgrading to websocket", "upgrading to webtransport", "upgraded to webtransport"]);
    });

    it("begins no further attempt while it switches", () => {
      candidate.receive("3probe");
      expect(fixture.session.mayUpgradeTo("webtransport")).toBe(false);
      expect(fixture.session.upgradeTo(new StubTransport("webtransport"))).toBe(false);
      old.paused();
      expect(fixture.session.transport).toBe(candidate);
    });

    it.each(["dies", "is answered wrongly"])("goes on with the other when one %s", (how) => {
      if (how === "dies") {
        rival.die("transport error");
      } else {
        rival.receive("4not a pong");
      }
      expect([rival.ended, candidate.ended, fixture.session.upgrading]).toEqual([["abort"], [], true]);
      send("a");
      expect(old.sent).toEqual(["4a"]);
      candidate.receive("3probe");
      old.paused();
      expect(fixture.session.transport).toBe(candidate);
      expect(upgrades.slice(2)).toEqual(["failed: ERR_UPGRADE", "upgraded to websocket"]);
    });

    it("stays where it was when both fail, and tells of each", () => {
      candidate.die();
      rival.die();
      expect(fixture.session.upgrading).toBe(false);
      expect(upgrades.slice(2)).toEqual(["failed: ERR_UPGRADE", "failed: ERR_UPGRADE"]);
      old.receive("4still here");
      expect(fixture.log).toEqual(["message still here"]);
    });

    it("stays where it was when the chosen one dies while it switches", () => {
      rival.receive("3probe");
      send("a");
      rival.die();
      expect([fixture.session.upgrading, old.asked, old.sent]).toEqual([false, ["pause", "resume"], ["4a"]]);
    });

    it("takes both with it when it ends", () => {
      old.die();
      expect([candidate.ended, rival.ended]).toEqual([["abort"], ["abort"]]);
      expect(fixture.clock.armedTimers).toBe(0);
    });

    it("gives both up when it closes", () => {
      fixture.session.close();
      expect([candidate.ended, rival.ended, old.ended]).toEqual([["abort"], ["abort"], ["close"]]);
    });
  });

  it("waits with closing until the switch is over", () => {
    reachSwitching();
    fixture.session.send("last");
    fixture.session.close();
    expect(old.ended).toEqual([]);
    old.paused();
    expect(candidate.sent).toEqual(["2probe", "5", "4last"]);
    expect(candidate.ended).toEqual(["close"]);
    candidate.die();
    expect(fixture.log).toEqual(["close: forced close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("closes on the old transport if the switch fails meanwhile", () => {
    reachSwitching();
    fixture.session.send("last");
    fixture.session.close();
    candidate.die();
    expect(old.sent).toEqual(["4last"]);
    expect(old.ended).toEqual(["close"]);
  });

  it("gives the candidate up when it closes before the switch", () => {
    candidate.open();
    fixture.session.close();
    expect(candidate.ended).toEqual(["abort"]);
    expect(old.ended).toEqual(["close"]);
    candidate.receive("3probe");
    expect(old.asked).toEqual([]);
  });

  it.each(["opening", "probing", "switching"])("takes the candidate with it when it ends while %s", (state) => {
    if (state === "probing") {
      candidate.open();
    } else if (state === "switching") {
      reachSwitching();
    }
    old.die("transport close");
    expect(fixture.log).toEqual(["close: transport close"]);
    expect(candidate.ended).toEqual(["abort"]);
    expect(fixture.clock.armedTimers).toBe(0);
    candidate.open();
    candidate.receive("3probe");
    expect(upgrades).toEqual(["upgrading to websocket"]);
  });

  it("ends with the candidate once it has moved there", () => {
    reachSwitching();
    old.paused();
    candidate.die("transport error");
    expect(fixture.log).toEqual(["close: transport error"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("keeps its heartbeat across the move", () => {
    fixture.clock.advance(5000);
    reachSwitching();
    old.paused();
    fixture.clock.advance(39_999);
    expect(fixture.log).toEqual([]);
    fixture.clock.advance(1);
    expect(fixture.log).toEqual(["close: ping timeout"]);
    expect(candidate.ended).toEqual(["abort"]);
  });
});

describe("a server's session", () => {
  let old: StubTransport;
  let fixture: SessionFixture;

  beforeEach(() => {
    old = new StubTransport("polling");
    fixture = SessionFixture.open("server", old);
    observe(fixture);
    expect(fixture.session.upgradeTo(candidate)).toBe(true);
  });

  it("goes on writing to the old transport until the client says that it has switched", () => {
    candidate.receive("2probe");
    fixture.session.send("a");
    fixture.clock.runDeferred();
    expect(old.sent).toEqual(["4a"]);
    old.writable = false;
    fixture.session.send("b");
    fixture.clock.runDeferred();
    candidate.receive("5", "4from the client");
    expect(candidate.sent).toEqual(["3probe", "4b"]);
    expect(old.ended).toEqual(["abort"]);
    expect(fixture.log).toEqual(["message from the client"]);
    expect(upgrades).toEqual(["upgrading to websocket", "probed by websocket", "upgraded to websocket"]);
  });

  it("tells of the probe when it has answered, once", () => {
    expect(upgrades).toEqual(["upgrading to websocket"]);
    candidate.receive("2probe", "2probe");
    expect(candidate.sent).toEqual(["3probe", "3probe"]);
    expect(upgrades).toEqual(["upgrading to websocket", "probed by websocket"]);
  });

  it("may be ended by whoever is told of the probe", () => {
    fixture.session.observer = { synchronous: false, onUpgradeProbed: () => fixture.session.abort() };
    candidate.receive("2probe");
    expect([old.ended, candidate.ended]).toEqual([["abort"], ["abort"]]);
    expect(fixture.log).toEqual(["close: forced close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("is moved to the candidate whose client says so first, and ends the other", () => {
    const rival = new StubTransport("webtransport");
    expect(fixture.session.upgradeTo(rival)).toBe(true);
    candidate.receive("2probe");
    rival.receive("2probe");
    expect([candidate.sent, rival.sent]).toEqual([["3probe"], ["3probe"]]);
    rival.receive("5");
    expect([candidate.ended, rival.ended]).toEqual([["abort"], []]);
    candidate.receive("5");
    expect(fixture.session.transport).toBe(rival);
    expect(fixture.session.upgrading).toBe(false);
  });

  it("stays where it was if the candidate fails, and may be probed again", () => {
    candidate.receive("2probe", "4not yet");
    expect(upgrades).toEqual(["upgrading to websocket", "probed by websocket", "failed: ERR_UPGRADE"]);
    expect(candidate.ended).toEqual(["abort"]);
    expect(fixture.log).toEqual([]);
    const again = new StubTransport();
    expect(fixture.session.upgradeTo(again)).toBe(true);
    again.receive("2probe", "5");
    expect(fixture.session.transport).toBe(again);
  });

  it("supervises a ping that is outstanding when the client switches", () => {
    fixture.clock.advance(1000);
    candidate.receive("2probe", "5");
    fixture.clock.advance(24_000);
    expect(candidate.sent.at(-1)).toBe("2");
    const third = new StubTransport("webtransport");
    fixture.session.upgradeTo(third);
    third.receive("5");
    fixture.clock.advance(20_000);
    expect(fixture.log).toEqual(["close: ping timeout"]);
    expect(third.ended).toEqual(["abort"]);
  });

  it("sends on the candidate what it still holds if it was closing when the client switched", () => {
    old.writable = false;
    fixture.session.send("last");
    fixture.session.close();
    candidate.receive("2probe", "5");
    expect(candidate.sent).toEqual(["3probe", "4last"]);
    expect(candidate.ended).toEqual(["close"]);
    candidate.die();
    expect(fixture.log).toEqual(["close: forced close"]);
  });

  it("closes on the candidate if the client, which polls no more, was about to switch", () => {
    candidate.receive("2probe");
    fixture.session.close();
    expect(old.ended).toEqual(["close"]);
    expect(candidate.ended).toEqual([]);
    candidate.receive("5");
    expect(old.ended).toEqual(["close", "abort"]);
    expect(candidate.ended).toEqual(["close"]);
    candidate.die();
    expect(fixture.log).toEqual(["close: forced close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("closes on the old transport if the client polls instead, and takes the candidate with it", () => {
    candidate.receive("2probe");
    fixture.session.close();
    old.die();
    expect(candidate.ended).toEqual(["abort"]);
    expect(fixture.log).toEqual(["close: forced close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });

  it("takes a candidate only while it is open", () => {
    candidate.die();
    fixture.session.close();
    expect(fixture.session.upgradeTo(new StubTransport())).toBe(false);
    old.die();
    expect(fixture.session.upgradeTo(new StubTransport())).toBe(false);
    expect(new SessionFixture("server", new StubTransport()).session.upgradeTo(new StubTransport())).toBe(false);
  });

  it("may be ended by whoever is told of the move", () => {
    fixture.session.observer = { synchronous: false, onUpgrade: () => fixture.session.abort() };
    fixture.session.send("a");
    candidate.receive("5");
    expect(candidate.sent).toEqual(["4a"]);
    expect(candidate.ended).toEqual(["abort"]);
    expect(fixture.log).toEqual(["close: forced close"]);
    expect(fixture.clock.armedTimers).toBe(0);
  });
});
