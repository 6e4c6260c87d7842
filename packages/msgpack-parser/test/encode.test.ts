import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { encode } from "../src/encode.ts";

const hex = (value: unknown): string => Buffer.from(encode(value)).toString("hex");

/** An array in an array, and so on. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) {
    value = [value];
  }
  return value;
}

describe("a number", () => {
  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [255, "ccff"],
    [256, "cd0100"],
    [65535, "cdffff"],
    [65536, "ce00010000"],
    [2 ** 32 - 1, "ceffffffff"],
    [2 ** 32, "cf0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
    [2 ** 63, "cf8000000000000000"],
    [-1, "ff"],
    [-32, "e0"],
    [-33, "d0df"],
    [-128, "d080"],
    [-129, "d1ff7f"],
    [-32768, "d18000"],
    [-32769, "d2ffff7fff"],
    [-(2 ** 31), "d280000000"],
    [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
    [Number.MIN_SAFE_INTEGER, "d3ffe0000000000001"],
    [-(2 ** 63), "d38000000000000000"],
  ])("that is an integer takes as little as it can: %d", (value, bytes) => expect(hex(value)).toBe(bytes));

  it.each([
    [0.5, "cb3fe0000000000000"],
    [-0, "cb8000000000000000"],
    [NaN, "cb7ff8000000000000"],
    [Infinity, "cb7ff0000000000000"],
    [2 ** 64, "cb43f0000000000000"],
    [-(2 ** 63) - 2 ** 11, "cbc3e0000000000001"],
  ])("that is no integer of 64 bits is a float: %d", (value, bytes) => expect(hex(value)).toBe(bytes));
});

describe("a bigint", () => {
  it.each([
    [0n, "cf0000000000000000"],
    [2n ** 64n - 1n, "cfffffffffffffffff"],
    [-1n, "d3ffffffffffffffff"],
    [-(2n ** 63n), "d38000000000000000"],
  ])("is an integer of 64 bits: %d", (value, bytes) => expect(hex(value)).toBe(bytes));

  it.each([2n ** 64n, -(2n ** 63n) - 1n])("that takes more bits can't be sent: %d", (value) =>
    expect(() => encode(value)).toThrow(RangeError),
  );
});

describe("a text", () => {
  it.each([
    ["", "a0"],
    ["a", "a161"],
    ["€", "a3e282ac"],
    ["😀", "a4f09f9880"],
    ["\ufeffa", "a4efbbbf61"],
    ["a\ud800b", "a561efbfbd62"],
    ["\udc00", "a3efbfbd"],
  ])("is UTF-8: %j", (text, bytes) => expect(hex(text)).toBe(bytes));

  it.each([
    [31, "bf"],
    [32, "d920"],
    [255, "d9ff"],
    [256, "da0100"],
    [65535, "daffff"],
    [65536, "db00010000"],
  ])("of %d bytes says so first", (length, header) => {
    expect(hex("x".repeat(length))).toBe(header + "78".repeat(length));
    // As many bytes in fewer units: what was first taken for the header's size must be put right.
    const umlauts = "ü".repeat(length >> 1) + "x".repeat(length & 1);
    expect(hex(umlauts)).toBe(header + Buffer.from(umlauts).toString("hex"));
  });
});

describe("an array or object", () => {
  it.each([
    [[], "90"],
    [[1, [2]], "92019102"],
    [Array.from({ length: 15 }, () => null), "9f" + "c0".repeat(15)],
    [Array.from({ length: 16 }, () => null), "dc0010" + "c0".repeat(16)],
    [Array.from({ length: 65536 }, () => true), "dd00010000" + "c3".repeat(65536)],
    [{}, "80"],
    [{ a: 1, b: { c: false } }, "82a16101a16281a163c2"],
    [Object.assign(Object.create(null) as object, { a: 1 }), "81a16101"],
    [JSON.parse('{"__proto__":1}'), "81a95f5f70726f746f5f5f01"],
  ])("is its items one after the other: %j", (value, bytes) => expect(hex(value)).toBe(bytes));

  it("may have many members", () => {
    const keys = Array.from({ length: 65536 }, (_, index) => index);
    expect(hex(Object.fromEntries(keys.slice(0, 16).map((key) => [key, 0])))).toMatch(/^de0010a13000/);
    expect(hex(Object.fromEntries(keys.map((key) => [key, 0])))).toMatch(/^df00010000a13000/);
  });

  it("tells of undefined, and of holes", () => {
    // eslint-disable-next-line no-sparse-arrays
    expect(hex([undefined, , { a: undefined }])).toBe("93d40000d4000081a161d40000");
  });

  it("leaves out members that are functions; elsewhere they are undefined, like symbols", () => {
    const run = (): void => {};
    expect(hex({ run, a: 1 })).toBe("81a16101");
    expect(hex([run, Symbol("x")])).toBe("92d40000d40000");
  });

  it("is only what it says of itself, if it has a toJSON method", () => {
    class Point {
      readonly x = 1;
      toJSON(): unknown {
        return [this.x];
      }
    }
    expect(hex(new Point())).toBe("9101");
    expect(hex({ toJSON: () => new Point() })).toBe("9101");
  });

  it("is itself, if its toJSON method says so", () => {
    const honest = { a: 1, toJSON: (): unknown => honest };
    expect(hex(honest)).toBe("81a16101");
  });

  it("may encode something else while it is being encoded", () => {
    const nosy = { toJSON: () => hex({ inner: "x".repeat(2000) }).length };
    expect(hex(["before", nosy, "after"])).toBe("93a66265666f7265cd0fb4a56166746572");
  });

  it("that changes while it is encoded is of the size that it had first", () => {
    const growing: unknown[] = [{ toJSON: () => growing.push(2, 3) }];
    expect(hex(growing)).toBe("9103");
    const shrinking: unknown[] = [{ toJSON: () => shrinking.pop() }, 2];
    expect(hex(shrinking)).toBe("9202d40000");
    const changing = {
      get a() {
        delete (changing as { b?: unknown }).b;
        Object.assign(changing, { c: 1 });
        return 1;
      },
      b: 2,
    };
    expect(hex(changing)).toBe("82a16101a162d40000");
  });

  it("may stand in several places", () => {
    const twice = { a: 1 };
    expect(hex([twice, twice])).toBe("9281a1610181a16101");
  });
});

describe("binary data", () => {
  it.each([
    ["a Buffer", Buffer.from([1, 2])],
    ["an ArrayBuffer", new Uint8Array([1, 2]).buffer],
    ["a typed array", new Uint8Array([1, 2])],
    ["a window on larger memory", new Uint8Array([0, 1, 2, 3]).subarray(1, 3)],
    ["a DataView", new DataView(new Uint8Array([0, 1, 2]).buffer, 1)],
    ["a typed array of larger numbers", new Uint16Array(new Uint8Array([9, 9, 1, 2]).buffer, 2)],
  ])("is its bytes, and no others: %s", (_name, value) => expect(hex(value)).toBe("c4020102"));

  it.each([
    [255, "c4ff"],
    [256, "c50100"],
    [65535, "c5ffff"],
    [65536, "c600010000"],
  ])("of %d bytes says so first", (length, header) =>
    expect(hex(new Uint8Array(length).fill(7))).toBe(header + "07".repeat(length)),
  );

  it("that can't be read at once can't be sent", () => {
    expect(() => encode([new Blob(["a"])])).toThrow("arrayBuffer()");
  });
});

describe("a date", () => {
  it.each([
    [0, "d7000000000000000000"],
    [1.7e12, "d7000000018bcfe56800"],
    [-1, "d700ffffffffffffffff"],
  ])("is its milliseconds: %d", (time, bytes) => expect(hex(new Date(time))).toBe(bytes));

  it("that is invalid is a time that no date can have", () => {
    expect(hex(new Date(NaN))).toBe("d7008000000000000000");
  });
});

describe("data that can't be written", () => {
  it("contains itself", () => {
    const circle: unknown[] = [{}];
    (circle[0] as { around: unknown }).around = circle;
    expect(() => encode(circle)).toThrow(TypeError);
  });

  it("is not written over and over until that is noticed", () => {
    let reads = 0;
    const circle = {
      get text() {
        reads++;
        return "text";
      },
      get self() {
        return circle;
      },
    } as { text: string; self: unknown };
    expect(() => encode(circle)).toThrow("circular");
    expect(reads).toBeLessThan(100);
  });

  it("goes round a large circle", () => {
    const first: unknown[] = [];
    let last = first;
    for (let index = 0; index < 500; index++) {
      last.push([]);
      last = last[0] as unknown[];
    }
    last.push(first);
    expect(() => encode(first)).toThrow(TypeError);
  });

  it("is nested too deeply", () => {
    expect(hex(nested(1000))).toBe("91".repeat(999) + "90");
    expect(() => encode(nested(1001))).toThrow(RangeError);
    const endless = (): unknown => ({ toJSON: endless });
    expect(() => encode(endless())).toThrow(RangeError);
  });

  it("leaves nothing behind", () => {
    expect(() => encode(["x".repeat(3000), nested(1001)])).toThrow(RangeError);
    expect(hex([1])).toBe("9101");
  });
});

it("what was encoded is not touched by what is encoded next", () => {
  const first = encode("first");
  const large = encode("x".repeat(100_000));
  encode("other");
  expect(Buffer.from(first).toString("latin1")).toBe("\xa5first");
  expect([first.buffer.byteLength, large.buffer.byteLength]).toEqual([6, 100_005]);
});

it("memory that something large has taken is given back", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const memory = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  encode("small");
  const before = memory();
  encode("x".repeat(10_000_000));
  // The collector frees it when it sees fit.
  await expect.poll(() => memory() - before, { timeout: 20_000 }).toBeLessThan(1_000_000);
});
