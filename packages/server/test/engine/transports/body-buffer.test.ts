import fc from "fast-check";
import { expect, it } from "vitest";
import { BodyBuffer } from "../../../src/engine/transports/body-buffer.ts";

it("a body is what its pieces are together, however they were cut", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, (all) => {
      const body = new BodyBuffer();
      all.forEach((piece) => body.append(Buffer.from(piece)));
      const whole = Buffer.concat(all);
      expect(body.length).toBe(whole.length);
      expect(body.toString()).toBe(whole.toString());
    }),
  );
});

it("a character may be cut in two", () => {
  const body = new BodyBuffer();
  for (const byte of Buffer.from("a€b")) {
    body.append(Buffer.from([byte]));
  }
  expect(body.toString()).toBe("a€b");
});

it("the pieces themselves are not written to", () => {
  const memory = Buffer.from("abcdef");
  const body = new BodyBuffer();
  body.append(memory.subarray(0, 2));
  body.append(Buffer.from("XY"));
  expect(body.toString()).toBe("abXY");
  expect(memory.toString()).toBe("abcdef");
});

it("no byte of another body shows", () => {
  Buffer.allocUnsafe(1000).fill("s");
  const body = new BodyBuffer();
  body.append(Buffer.from("a"));
  body.append(Buffer.from("b"));
  body.append(Buffer.from("c"));
  expect(body.toString()).toBe("abc");
});
