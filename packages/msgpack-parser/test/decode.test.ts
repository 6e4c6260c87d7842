import { describe, expect, it } from "vitest";
import { decode } from "../src/decode.ts";
import { encode } from "../src/encode.ts";

/** The value in bytes that are written as hexadecimal digits, or the code of the violation. */
function read(digits: string): unknown {
  try {
    return decode(Buffer.from(digits, "hex"));
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a value is read from", () => {
  it.each([
    ["c0", null],
    ["c2", false],
    ["c3", true],
    ["7f", 127],
    ["e0", -32],
    ["ccff", 255],
    ["cdffff", 65535],
    ["ceffffffff", 2 ** 32 - 1],
    ["cf001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["cfffffffffffffffff", 2 ** 64],
    ["d080", -128],
    ["d18000", -32768],
    ["d280000000", -(2 ** 31)],
    ["d3ffe0000000000001", Number.MIN_SAFE_INTEGER],
    ["d3ffffffffffffffff", -1],
    ["ca3fc00000", 1.5],
    ["cb3ff8000000000000", 1.5],
    ["cb7ff8000000000000", NaN],
    ["cb8000000000000000", -0],
    ["a0", ""],
    ["a3e282ac", "€"],
    ["a4efbbbf61", "\ufeffa"],
    ["a2c328", "\ufffd("],
    ["d90161", "a"],
    ["da000161", "a"],
    ["db0000000161", "a"],
    ["9201a161", [1, "a"]],
    ["dc000101", [1]],
    ["dd0000000101", [1]],
    ["81a16101", { a: 1 }],
    ["de0001a16101", { a: 1 }],
    ["df00000001a16101", { a: 1 }],
    ["8207a161a0c0", { 7: "a", "": null }],
    ["82a16101a16102", { a: 2 }],
    ["d40000", undefined],
    ["d400ff", undefined],
    ["d7000000018bcfe56800", new Date(1.7e12)],
    ["d700ffffffffffffffff", new Date(-1)],
    ["c40101", Buffer.from([1])],
    ["c5000101", Buffer.from([1])],
    ["c60000000101", Buffer.from([1])],
    ["c7010001", new Uint8Array([1]).buffer],
    ["c800010001", new Uint8Array([1]).buffer],
    ["c9000000010001", new Uint8Array([1]).buffer],
    ["c7020c0102", [12, Buffer.from([1, 2])]],
    ["d40101", [1, Buffer.from([1])]],
    ["d5000102", [0, Buffer.from([1, 2])]],
    ["d6ff01020304", [-1, Buffer.from([1, 2, 3, 4])]],
    ["d7010102030405060708", [1, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])]],
    ["d800" + "07".repeat(16), [0, Buffer.alloc(16, 7)]],
  ])("%s", (digits, value) => expect(read(digits)).toStrictEqual(value));

  it("a time that no date can have", () => {
    expect((read("d7008000000000000000") as Date).getTime()).toBeNaN();
  });

  it("keys that objects have already, without any harm", () => {
    const value = read("82" + "a95f5f70726f746f5f5f" + "81a16101" + "ab636f6e7374727563746f72" + "01") as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect((value as { a?: unknown }).a).toBeUndefined();
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});

describe("binary data", () => {
  const bytes = encode(["before", new Uint8Array([1, 2, 3]), "after"]);
  const binaryIn = (message: ArrayBuffer | ArrayBufferView): unknown => (decode(message) as unknown[])[1];

  it("is of the kind of what it came in", () => {
    expect(binaryIn(Buffer.from(bytes))).toStrictEqual(Buffer.from([1, 2, 3]));
    expect(binaryIn(bytes)).toStrictEqual(new Uint8Array([1, 2, 3]));
    expect(binaryIn(bytes.buffer)).toStrictEqual(new Uint8Array([1, 2, 3]).buffer);
  });

  it("is found wherever a message stands in memory", () => {
    const memory = new Uint8Array([0xff, 0xff, ...bytes, 0xff]);
    expect(binaryIn(memory.subarray(2, -1))).toStrictEqual(new Uint8Array([1, 2, 3]));
    expect(binaryIn(new DataView(memory.buffer, 2, bytes.length))).toStrictEqual(new Uint8Array([1, 2, 3]).buffer);
  });

  it("that is sent as an ArrayBuffer has memory of its own", () => {
    const message = Buffer.from("c7020001" + "02", "hex");
    const value = decode(message) as ArrayBuffer;
    message.fill(0);
    expect([...new Uint8Array(value)]).toEqual([1, 2]);
  });
});

describe("what is not a value, the whole value and nothing but the value", () => {
  it.each(["", "c1", "00" + "00", "80c0", "81c001", "819001", "8180c0", "81c40101c0", "81c3c3", "81d40000c0"])(
    "is refused: %j",
    (digits) => expect(read(digits)).toBe("ERR_PACKET_PAYLOAD"),
  );

  it("is refused wherever it was cut off", () => {
    const whole = encode({
      text: "short",
      long: "x".repeat(300),
      list: [1, 200, 70_000, 2 ** 40, -5, -200, -70_000, 0.5, null, true],
      binary: new Uint8Array(300),
      date: new Date(0),
      nothing: undefined,
    });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: "ERR_PACKET_PAYLOAD" }));
    }
    expect(decode(whole)).toMatchObject({ text: "short" });
  });

  it.each(["c6", "c9", "db", "dd", "df"])("takes no memory by announcing much: %s", (prefix) => {
    const before = process.memoryUsage();
    for (let round = 0; round < 100; round++) {
      expect(read(`${prefix}ffffffff00`)).toBe("ERR_PACKET_PAYLOAD");
    }
    const after = process.memoryUsage();
    expect(after.heapTotal - before.heapTotal + after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 26);
  });

  it.each(["91", "81a161", "dc0001", "df00000001a0"])("is nested 1000 deep at most: %s", (level) => {
    expect(read(level.repeat(1000) + "c0")).not.toBe("ERR_NESTING");
    expect(read(level.repeat(1001) + "c0")).toBe("ERR_NESTING");
    expect(read(level.repeat(100_000))).toBe("ERR_NESTING");
  });
});
