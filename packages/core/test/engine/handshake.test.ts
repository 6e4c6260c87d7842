import { describe, expect, it } from "vitest";
import { decodeHandshake, encodeHandshake, type Handshake } from "../../src/engine/handshake.ts";

const handshake: Handshake = {
  maxPayload: 1_000_000,
  pingTimeout: 20_000,
  pingInterval: 25_000,
  upgrades: ["websocket"],
  sid: "lv_VI97HAXpY6yYWAAAC",
};

describe("the handshake", () => {
  it("is written with its keys in the order on which clients rely", () => {
    expect(encodeHandshake(handshake)).toBe(
      '{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    );
  });

  it("is read as it was written", () => {
    expect(decodeHandshake(encodeHandshake(handshake))).toEqual(handshake);
  });

  it("sets no limit to payloads where an old server announces none", () => {
    expect(decodeHandshake(JSON.stringify({ ...handshake, maxPayload: undefined }))).toMatchObject({
      maxPayload: Infinity,
    });
  });

  it("offers no upgrades where it does not list any", () => {
    expect(decodeHandshake(JSON.stringify({ ...handshake, upgrades: "websocket" }))).toMatchObject({ upgrades: [] });
  });

  it("is read where a server that was told its settings as text sends them so", () => {
    const asText = { ...handshake, pingInterval: "25000", pingTimeout: "20000", maxPayload: "1000000" };
    expect(decodeHandshake(JSON.stringify(asText))).toEqual(handshake);
  });

  it("ignores what it does not know", () => {
    expect(decodeHandshake(JSON.stringify({ ...handshake, more: 1 }))).toEqual(handshake);
  });

  it.each([
    ["no data", undefined],
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "1"],
    ["no session id", JSON.stringify({ ...handshake, sid: undefined })],
    ["an empty session id", JSON.stringify({ ...handshake, sid: "" })],
    ["a session id that is no string", JSON.stringify({ ...handshake, sid: 1 })],
    ["no interval", JSON.stringify({ ...handshake, pingInterval: undefined })],
    ["an interval that is no number", JSON.stringify({ ...handshake, pingInterval: "25s" })],
    ["an interval that is an empty text", JSON.stringify({ ...handshake, pingInterval: "" })],
    ["an interval that is true", JSON.stringify({ ...handshake, pingInterval: true })],
    ["an interval that is null", JSON.stringify({ ...handshake, pingInterval: null })],
    ["a timeout that is an infinite text", JSON.stringify({ ...handshake, pingTimeout: "Infinity" })],
    ["an interval of 0", JSON.stringify({ ...handshake, pingInterval: 0 })],
    ["a negative timeout", JSON.stringify({ ...handshake, pingTimeout: -1 })],
    ["an infinite timeout", JSON.stringify(handshake).replace("20000", "1e999")],
  ])("is malformed with %s", (_, data) => {
    expect(decodeHandshake(data)).toMatchObject({ name: "ProtocolError", code: "ERR_HANDSHAKE" });
  });

  it("says what JSON.parse said of it", () => {
    expect(decodeHandshake("{")).toMatchObject({ cause: expect.any(SyntaxError) as unknown });
  });
});
