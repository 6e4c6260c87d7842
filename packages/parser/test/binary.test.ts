import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Reconstruction, deconstruct, hasBinary, isBinary, type BinaryData } from "../src/binary.ts";

const bytes = Buffer.from([1, 2, 3]);

/** A placeholder as it stands in a packet's data. */
const placeholder = (num: unknown): unknown => ({ _placeholder: true, num });

function takeApart(value: unknown): { tree: unknown; attachments: BinaryData[] } {
  const attachments: BinaryData[] = [];
  return { tree: deconstruct(value, attachments), attachments };
}

function putTogether(tree: unknown, attachments: BinaryData[]): { data: unknown; failure: string | undefined } {
  const reconstruction = new Reconstruction([...attachments]);
  return { data: reconstruction.apply(tree), failure: reconstruction.failure };
}

describe("what travels as an attachment", () => {
  it.each([
    ["a Buffer", bytes],
    ["an ArrayBuffer", new ArrayBuffer(2)],
    ["a typed array", new Float32Array(2)],
    ["a DataView", new DataView(new ArrayBuffer(2))],
    ["a Blob", new Blob(["x"])],
    ["an ArrayBuffer of another realm", runInNewContext("new ArrayBuffer(2)") as object],
    ["a typed array of another realm", runInNewContext("new Uint8Array(2)") as object],
  ])("%s does", (_, value) => expect(isBinary(value)).toBe(true));

  it.each([
    ["a plain object", {}],
    ["an object without a prototype", Object.create(null) as object],
    ["an array", [1, 2]],
    ["a Date", new Date()],
    ["a Map", new Map()],
    ["what only looks like bytes", { byteLength: 3, buffer: {} }],
  ])("%s does not", (_, value) => expect(isBinary(value)).toBe(false));
});

describe("looking for binary data", () => {
  it.each([
    ["in an array", ["a", bytes]],
    ["in an object", { a: { b: bytes } }],
    ["in objects without a prototype", Object.assign(Object.create(null) as object, { a: bytes })],
    ["in what toJSON gives", { toJSON: () => ({ picture: bytes }) }],
    ["as what toJSON gives", { toJSON: () => bytes }],
    ["under an own key named __proto__", JSON.parse('{"__proto__":{"deep":null}}', reviveDeep)],
  ])("finds it %s", (_, value) => expect(hasBinary(value)).toBe(true));

  function reviveDeep(key: string, value: unknown): unknown {
    return key === "deep" ? bytes : value;
  }

  it.each([
    ["primitives", ["a", 1, null, undefined, true]],
    ["what toJSON hides", { toJSON: () => "text", picture: bytes }],
    ["inherited properties", Object.create({ picture: bytes }) as object],
    ["functions", { picture: Object.assign(() => {}, { bytes }) }],
    ["a Date", new Date()],
  ])("does not find it in %s", (_, value) => expect(hasBinary(value)).toBe(false));

  it("asks toJSON once, as JSON.stringify does, even if the result has one again", () => {
    const itself = { text: "a", toJSON: () => itself };
    expect(hasBinary(itself)).toBe(false);
    const spread = { toJSON: (): object => ({ ...spread, picture: bytes }) };
    expect(hasBinary(spread)).toBe(true);
  });
});

describe("taking a tree apart", () => {
  it("leaves a numbered placeholder where each binary value was", () => {
    const other = new Uint8Array([4]).buffer;
    const { tree, attachments } = takeApart(["e", { a: bytes, b: [other, "x"] }, bytes]);
    expect(tree).toEqual(["e", { a: placeholder(0), b: [placeholder(1), "x"] }, placeholder(2)]);
    expect(attachments).toEqual([bytes, other, bytes]);
    expect(attachments[1]).toBe(other);
  });

  it("does not change the application's objects", () => {
    const original = { picture: bytes, list: [bytes] };
    takeApart(original);
    expect(original).toEqual({ picture: bytes, list: [bytes] });
  });

  it("finds binary data in what toJSON gives", () => {
    const { tree, attachments } = takeApart([{ toJSON: () => ({ picture: bytes }) }, new Date(0)]);
    expect(tree).toEqual([{ picture: placeholder(0) }, "1970-01-01T00:00:00.000Z"]);
    expect(attachments).toEqual([bytes]);
  });

  it("asks toJSON once, and the copy does not bring it along", () => {
    const spread = { toJSON: (): object => ({ ...spread, picture: bytes }) };
    expect(JSON.stringify(takeApart([spread]).tree)).toBe('[{"picture":{"_placeholder":true,"num":0}}]');
  });

  it("keeps an own key named __proto__ an own key", () => {
    const { tree } = takeApart(JSON.parse('[{"__proto__":{"polluted":true}}]'));
    expect(JSON.stringify(tree)).toBe('[{"__proto__":{"polluted":true}}]');
    expect((tree as [{ polluted?: boolean }])[0].polluted).toBeUndefined();
  });
});

describe("putting a tree together again", () => {
  it("gives back what was taken apart", () => {
    const { tree, attachments } = takeApart(["e", { a: bytes, b: [bytes] }]);
    expect(putTogether(tree, attachments)).toEqual({ data: ["e", { a: bytes, b: [bytes] }], failure: undefined });
  });

  it("takes the placeholders in any order", () => {
    const [first, second] = [Buffer.from("1"), Buffer.from("2")];
    expect(putTogether([placeholder(1), placeholder(0)], [first, second]).data).toEqual([second, first]);
  });

  it.each([
    ["beyond the last attachment", [placeholder(1)]],
    ["negative", [placeholder(-1)]],
    ["no integer", [placeholder(0.5)]],
    ["a string", [placeholder("0")]],
    ["missing", [{ _placeholder: true }]],
    ["the name of a method", [placeholder("push")]],
    ["used twice", [placeholder(0), placeholder(0)]],
  ])("refuses a placeholder whose number is %s", (_, tree) => {
    expect(putTogether(tree, [bytes]).failure).toBe("ERR_PLACEHOLDER");
  });

  it("refuses attachments that no placeholder uses", () => {
    expect(putTogether([placeholder(0), "x"], [bytes, bytes]).failure).toBe("ERR_PLACEHOLDER");
  });

  it("fills a placeholder under an own key named __proto__ without touching the prototype", () => {
    const { data, failure } = putTogether(JSON.parse('[{"__proto__":{"_placeholder":true,"num":0}}]'), [bytes]);
    expect(failure).toBeUndefined();
    const [holder] = data as [object];
    expect(Object.getPrototypeOf(holder)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(holder, "__proto__")?.value).toBe(bytes);
  });

  it("follows 1000 levels of nesting, and refuses more", () => {
    const nest = (levels: number): unknown =>
      JSON.parse("[".repeat(levels) + '{"_placeholder":true,"num":0}' + "]".repeat(levels));
    expect(putTogether(nest(1000), [bytes]).failure).toBeUndefined();
    expect(putTogether(nest(1001), [bytes]).failure).toBe("ERR_NESTING");
    expect(putTogether(nest(100_000), [bytes]).failure).toBe("ERR_NESTING");
  });
});
