import { beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../src/engine/outbox.ts";
import type { EnginePacket } from "../../src/engine/wire.ts";

let outbox: Outbox;

const message = (data: string): EnginePacket => ({ type: "message", data });

function fill(...data: string[]): void {
  for (const each of data) {
    outbox.push(message(each));
  }
}

beforeEach(() => {
  outbox = new Outbox();
});

describe("an outbox", () => {
  it("gives back in order all that was put in", () => {
    fill("a", "b");
    expect(outbox.length).toBe(2);
    expect(outbox.packets).toEqual([message("a"), message("b")]);
    expect(outbox.takeAll()).toEqual([message("a"), message("b")]);
    expect(outbox.length).toBe(0);
    expect(outbox.takeAll()).toEqual([]);
  });

  it("gives as many as are asked for, from the front", () => {
    fill("a", "b", "c");
    expect(outbox.take(2)).toEqual([message("a"), message("b")]);
    expect(outbox.packets).toEqual([message("c")]);
  });

  it("has nothing to do any more with what it gave away", () => {
    fill("a", "b");
    const first = outbox.take(1);
    const rest = outbox.takeAll();
    fill("c");
    expect(first).toEqual([message("a")]);
    expect(rest).toEqual([message("b")]);
  });
});
