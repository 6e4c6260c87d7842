/** In which order, and when, what arrives is handled and what that brings about is sent. */

import { PacketType } from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import { JSON_CODEC, ServerLink, violation } from "../../src/index.ts";
import { RecordingHandler } from "./link-fixture.ts";
import { MuxFixture, RecordingLink, show } from "./mux-fixture.ts";

const bytes = Buffer.from([1, 2]);
const half = '451-["binary",{"_placeholder":true,"num":0}]';

let fixture: MuxFixture;

beforeEach(() => {
  fixture = new MuxFixture();
});

describe("what one read brought", () => {
  it("is handled off the read's stack, in one turn and in order", () => {
    fixture.attach();
    fixture.attach("/chat");
    fixture.transport.receive('42["a"]', '42/chat,["b"]', half, bytes, '42["c"]');
    expect(fixture.take()).toEqual([]);
    expect(fixture.clock.deferredCallbacks).toBe(1);
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["EVENT / a", "EVENT /chat b", "EVENT / binary", "EVENT / c"]);
  });

  it("asks for one turn, however much it is", () => {
    let asked = 0;
    const awaitDrain = fixture.turn.awaitDrain.bind(fixture.turn);
    fixture.turn.awaitDrain = (inbox) => {
      asked++;
      awaitDrain(inbox);
    };
    fixture.attach();
    fixture.receive('42["a"]', '42["b"]');
    expect(asked).toBe(1);
    fixture.receive('42["c"]');
    expect(asked).toBe(2);
  });

  it("is handled connection by connection, in the order in which they were read", () => {
    const other = new MuxFixture({ beside: fixture });
    fixture.attach("/first");
    other.attach("/second");
    other.transport.receive('42/second,["a"]');
    fixture.transport.receive('42/first,["b"]');
    other.transport.receive('42/second,["c"]');
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["EVENT /second a", "EVENT /second c", "EVENT /first b"]);
  });

  it("is handled before the end of the session that came behind it", () => {
    fixture.attach();
    fixture.transport.receive('42["bye"]');
    fixture.transport.die("transport close", new Error("gone"));
    expect(fixture.take()).toEqual([]);
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["EVENT / bye", "/ closed: transport close, gone", "closed: transport close, gone"]);
  });

  it("is handled before the owner is told of the end, which is before the links are told", () => {
    fixture.attach();
    const told = Object.assign(fixture, { onMuxEnd: (reason: string) => fixture.log.push(`end: ${reason}`) });
    told.transport.receive('42["bye"]');
    told.transport.die("transport close");
    told.clock.runDeferred();
    expect(fixture.take()).toEqual([
      "EVENT / bye",
      "end: transport close",
      "/ closed: transport close",
      "closed: transport close",
    ]);
  });

  it("is handled before a DISCONNECT behind it", () => {
    const handler = new RecordingHandler();
    const link = new ServerLink("/", fixture.mux, handler, { next: 0 });
    fixture.mux.attach(link);
    link.accept({ sid: "s1" });
    fixture.receive('42["bye"]', "41");
    expect(handler.take()).toEqual(["event bye", "close: client namespace disconnect"]);
  });

  it("is told to whoever watches packets before it is handed on", () => {
    fixture.attach();
    const watching = Object.assign(fixture, {
      onMuxPacket: (packet: never) => fixture.log.push(`saw ${show(packet)}`),
    });
    watching.receive('42["a"]', "41/never");
    expect(fixture.take()).toEqual([
      "saw EVENT / a",
      "EVENT / a",
      "saw DISCONNECT /never",
      "unrouted DISCONNECT /never",
    ]);
  });
});

describe("what the handlers of one turn send", () => {
  it("leaves in one write for each connection, behind all of them", () => {
    const link = fixture.attach();
    link.onPacket = (packet) => {
      fixture.mux.sendPacket({ type: PacketType.EVENT, nsp: "/", data: ["re", packet.data?.[0 as never]] });
      expect(fixture.transport.writes).toEqual([]);
    };
    fixture.receive('42["a"]', '42["b"]');
    expect(fixture.transport.writes).toEqual([['42["re","a"]', '42["re","b"]']]);
  });
});

describe("a violation in the middle of a read", () => {
  it.each([
    ["in a frame", '42["connect"]', "ERR_RESERVED_EVENT"],
    ["of the order of frames", bytes, "ERR_BINARY_UNEXPECTED"],
  ])("%s: what came before is handled, what comes after is not looked at", (_, frame, code) => {
    fixture.attach();
    fixture.receive('42["before"]', frame, '42["after"]', half, bytes);
    expect(fixture.take().slice(0, 2)).toEqual(["EVENT / before", `violation ${code}`]);
    expect(fixture.take()).toEqual([]);
  });

  it("leaves what comes after it undecoded", () => {
    let decoded = 0;
    fixture = new MuxFixture({
      codec: {
        ...JSON_CODEC,
        createDecoder: (receiver) => {
          const decoder = JSON_CODEC.createDecoder(receiver);
          const add = decoder.add.bind(decoder);
          decoder.add = (frame) => (decoded++, add(frame));
          return decoder;
        },
      },
    });
    fixture.receive('42["before"]', "4nonsense", '42["after"]', '42["after"]');
    expect(decoded).toBe(2);
  });

  it("found by a link: what comes after is not handed on", () => {
    const link = fixture.attach();
    link.onPacket = () => violation("ERR_PACKET_ORDER");
    fixture.receive('42["bad"]', '42["after"]', "40/chat,");
    expect(fixture.take()).toEqual([
      "EVENT / bad",
      "violation ERR_PACKET_ORDER",
      "/ closed: forced close, packet not allowed in the present state of its namespace",
      "closed: forced close, packet not allowed in the present state of its namespace",
    ]);
  });

  it("is reported once, even if what waits behind it is one too", () => {
    const link = fixture.attach();
    link.onPacket = () => violation("ERR_PACKET_ORDER");
    fixture.receive('42["bad"]', "4nonsense");
    fixture.receive("4nonsense");
    expect(fixture.take().filter((line) => line.startsWith("violation"))).toEqual(["violation ERR_PACKET_ORDER"]);
  });

  it("leaves nothing to be looked at, even if the owner only closes the session and more arrives", () => {
    fixture.attach();
    fixture.onMuxViolation = (error) => {
      fixture.log.push(`violation ${error.code}`);
      fixture.mux.session.close();
    };
    fixture.receive("4nonsense");
    fixture.receive('42["more"]', half, bytes, "4nonsense");
    fixture.transport.die();
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual(["violation ERR_PACKET_TYPE", "/ closed: forced close", "closed: forced close"]);
  });
});

describe("a handler that throws", () => {
  it("stops its own packet only, and the exception surfaces when the turn is over", () => {
    const link = fixture.attach();
    link.onPacket = (packet) => {
      if (show(packet) === "EVENT / bad") {
        throw new Error("from a handler");
      }
    };
    fixture.transport.receive('42["a"]', '42["bad"]', '42["b"]', '42["c"]');
    fixture.transport.die();
    expect(() => fixture.clock.runDeferred()).toThrow("from a handler");
    expect(fixture.take()).toEqual([
      "EVENT / a",
      "EVENT / bad",
      "EVENT / b",
      "EVENT / c",
      "/ closed: transport close",
      "closed: transport close",
    ]);
  });

  it("does not let what it brought about overtake what waited", () => {
    const link = fixture.attach();
    link.onPacket = (packet) => {
      if (show(packet) === "EVENT / bad") {
        fixture.mux.session.abort();
        throw new Error("from a handler");
      }
    };
    fixture.transport.receive('42["bad"]', '42["b"]');
    expect(() => fixture.clock.runDeferred()).toThrow("from a handler");
    expect(fixture.take()).toEqual(["EVENT / bad", "EVENT / b", "/ closed: forced close", "closed: forced close"]);
  });
});

describe("a handler that changes what is going on", () => {
  it("by leaving its namespace gets nothing more, and others still do", () => {
    const link = fixture.attach();
    fixture.attach("/chat");
    link.onPacket = () => fixture.mux.detach(link);
    fixture.receive('42["a"]', '42["b"]', '42/chat,["c"]');
    expect(fixture.take()).toEqual(["EVENT / a", "EVENT /chat c"]);
  });

  it("by ending the session still gets what had been read by then, and then the end", () => {
    const link = fixture.attach();
    link.onPacket = () => fixture.mux.session.abort();
    fixture.receive('42["a"]', '42["b"]');
    fixture.receive('42["c"]');
    expect(fixture.take()).toEqual(["EVENT / a", "EVENT / b", "/ closed: forced close", "closed: forced close"]);
  });

  it("by joining a namespace gets what waits for it", () => {
    fixture.onUnrouted = ({ nsp }) => void fixture.attach(nsp);
    fixture.receive("40/chat,", '42/chat,["a"]');
    expect(fixture.take()).toEqual(["unrouted CONNECT /chat", "EVENT /chat a"]);
  });

  it("by leaving a namespace at the end of the session does not keep others from being told", () => {
    const [first, second] = [fixture.attach("/1"), fixture.attach("/2")];
    for (const link of [first, second]) {
      link.sessionClosed = function (this: RecordingLink, reason) {
        RecordingLink.prototype.sessionClosed.call(this, reason);
        fixture.mux.detach(first);
        fixture.mux.detach(second);
      };
    }
    fixture.transport.die();
    fixture.clock.runDeferred();
    expect(fixture.take()).toEqual([
      "/1 closed: transport close",
      "/2 closed: transport close",
      "closed: transport close",
    ]);
  });
});
