import { PacketType } from "@hawser/parser";
import { beforeEach, describe, expect, it } from "vitest";
import { violation } from "../../src/index.ts";
import { StubTransport } from "../stub-transport.ts";
import { MuxFixture } from "./mux-fixture.ts";

const bytes = Buffer.from([1, 2]);

let fixture: MuxFixture;

beforeEach(() => {
  fixture = new MuxFixture();
});

describe("a packet", () => {
  it("for a namespace that nobody joined is the owner's to judge", () => {
    fixture.onUnrouted = (packet) => (packet.type === PacketType.CONNECT ? undefined : violation("ERR_PACKET_ORDER"));
    fixture.receive("40/chat,", '42/chat,["a"]', '42/chat,["b"]');
    expect(fixture.take()).toEqual([
      "unrouted CONNECT /chat",
      "unrouted EVENT /chat a",
      "violation ERR_PACKET_ORDER",
      "closed: forced close, packet not allowed in the present state of its namespace",
    ]);
  });

  it("for a namespace that this end has left is ignored, but for a CONNECT", () => {
    const link = fixture.attach("/chat");
    fixture.mux.detach(link);
    fixture.receive('42/chat,["late"]', "43/chat,1[]", "41/chat,", "40/chat,");
    expect(fixture.take()).toEqual(["unrouted CONNECT /chat"]);
  });

  it("for a namespace that was joined again goes to the new link", () => {
    const link = fixture.attach("/chat");
    fixture.mux.detach(link);
    const again = fixture.attach("/chat");
    fixture.mux.detach(link);
    fixture.receive('42/chat,["a"]');
    expect(fixture.mux.links.get("/chat")).toBe(again);
    expect(fixture.take()).toEqual(["EVENT /chat a"]);
  });

  it("is ignored for the 128 namespaces that were left last", () => {
    for (let index = 0; index < 128; index++) {
      fixture.mux.detach(fixture.attach(`/${index}`));
    }
    // The first one is joined and left again, and so is now the last one.
    fixture.mux.detach(fixture.attach("/0"));
    fixture.mux.detach(fixture.attach("/128"));
    fixture.receive('42/0,["late"]', '42/2,["late"]', '42/128,["late"]', '42/1,["forgotten"]');
    expect(fixture.take()).toEqual(["unrouted EVENT /1 forgotten"]);
  });
});

describe("what is sent", () => {
  it("keeps attachments behind their packet, and the wishes of the sender", () => {
    const wishes: unknown[] = [];
    fixture.transport.send = function (packets) {
      wishes.push(...packets.map((packet) => packet.options));
      StubTransport.prototype.send.call(this, packets);
    };
    fixture.mux.sendPacket({ type: PacketType.EVENT, nsp: "/", data: ["a", bytes] }, { compress: false });
    fixture.mux.sendPacket({ type: PacketType.DISCONNECT, nsp: "/" });
    fixture.clock.runDeferred();
    expect(fixture.transport.writes).toEqual([['451-["a",{"_placeholder":true,"num":0}]', bytes, "41"]]);
    expect(wishes).toEqual([{ compress: false }, { compress: false }, undefined]);
  });
});

it("the port of its links is the session's: deadlines, writability, heartbeat", () => {
  expect(fixture.mux.deadlines).toBe(fixture.deadlines);
  expect(fixture.mux.writable).toBe(true);
  fixture.transport.writable = false;
  expect(fixture.mux.writable).toBe(false);
  expect(fixture.mux.alive()).toBe(true);
});
