import { expect, it } from "vitest";
import { DecodedEmitter, PacketType, type Packet } from "../src/index.ts";

const packet: Packet = { type: PacketType.EVENT, nsp: "/", data: ["a"] };

it("every listener hears of a packet, in order", () => {
  const heard: unknown[] = [];
  new DecodedEmitter()
    .on("decoded", (decoded) => heard.push(decoded))
    .on("decoded", () => heard.push("second"))
    .emit("decoded", packet);
  expect(heard).toEqual([packet, "second"]);
});

it.each(["off", "removeListener"] as const)("a listener that was removed by %s hears nothing", (remove) => {
  const heard: string[] = [];
  const first = (): unknown => heard.push("first");
  const emitter = new DecodedEmitter().on("decoded", first).on("decoded", () => heard.push("second"));
  emitter[remove]("decoded", first).emit("decoded", packet);
  emitter[remove]("decoded").emit("decoded", packet);
  expect(heard).toEqual(["second"]);
});

it("a listener that removes itself keeps no other from hearing", () => {
  const heard: string[] = [];
  const once = (): void => {
    heard.push("once");
    emitter.off("decoded", once);
  };
  const emitter = new DecodedEmitter().on("decoded", once).on("decoded", () => heard.push("always"));
  emitter.emit("decoded", packet);
  emitter.emit("decoded", packet);
  expect(heard).toEqual(["once", "always", "always"]);
});
