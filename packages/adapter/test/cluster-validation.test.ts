import { PacketType } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import { MessageType } from "../src/index.ts";
import { isClusterMessage } from "../src/cluster-validation.ts";

const opts = { rooms: ["red"], except: [], flags: {} };
const packet = { type: PacketType.EVENT, data: ["x", 1] };
const details = { id: "a", handshake: {}, rooms: ["a"], data: undefined };

/** One message of each type that has data, as it should be. */
const SOUND: Record<string, { type: number; data: Record<string, unknown> }> = {
  BROADCAST: { type: MessageType.BROADCAST, data: { opts, packet, requestId: "r1" } },
  SOCKETS_JOIN: { type: MessageType.SOCKETS_JOIN, data: { opts, rooms: ["green"] } },
  SOCKETS_LEAVE: { type: MessageType.SOCKETS_LEAVE, data: { opts, rooms: ["green"] } },
  DISCONNECT_SOCKETS: { type: MessageType.DISCONNECT_SOCKETS, data: { opts, close: true } },
  FETCH_SOCKETS: { type: MessageType.FETCH_SOCKETS, data: { opts, requestId: "r1" } },
  FETCH_SOCKETS_RESPONSE: {
    type: MessageType.FETCH_SOCKETS_RESPONSE,
    data: { requestId: "r1", sockets: [details] },
  },
  SERVER_SIDE_EMIT: { type: MessageType.SERVER_SIDE_EMIT, data: { packet: ["x", 1], requestId: "r1" } },
  SERVER_SIDE_EMIT_RESPONSE: { type: MessageType.SERVER_SIDE_EMIT_RESPONSE, data: { requestId: "r1", packet: 1 } },
  BROADCAST_CLIENT_COUNT: { type: MessageType.BROADCAST_CLIENT_COUNT, data: { requestId: "r1", clientCount: 0 } },
  BROADCAST_ACK: { type: MessageType.BROADCAST_ACK, data: { requestId: "r1", packet: undefined } },
};

const isSound = (message: object): boolean => isClusterMessage({ uid: "u", nsp: "/", ...message });

/** What has no business in any field that must be there. */
const NONSENSE: unknown[] = [undefined, null, 1.5, -1, NaN, "", "__proto__", true, {}, [], [{}], [null], () => {}, 1n];

describe("a message", () => {
  it.each(Object.entries(SOUND))("%s is known by its form", (_name, message) => {
    expect(isSound(message)).toBe(true);
  });

  it.each(["INITIAL_HEARTBEAT", "HEARTBEAT", "ADAPTER_CLOSE"] as const)("%s needs no data", (name) => {
    expect(isSound({ type: MessageType[name] })).toBe(true);
  });

  it.each([undefined, null, 1, "{}", [], new Map(), Object.create(null), { type: MessageType.HEARTBEAT }])(
    "is an object that says whose it is, and not %s",
    (message) => {
      expect(isClusterMessage(message)).toBe(false);
    },
  );

  it.each([
    ["uid", [undefined, null, 1, "", {}]],
    ["nsp", [undefined, null, 1, {}]],
    ["type", [undefined, null, 0, 14, 1.5, NaN, "3", "BROADCAST", "constructor", {}]],
    ["data", [undefined, null, 1, "x", [], {}]],
  ])("does not have just anything for %s", (field, values) => {
    for (const value of values) {
      expect([value, isSound({ ...SOUND["BROADCAST"], [field]: value })]).toEqual([value, false]);
    }
  });

  const fields: [name: string, field: string, but: (value: unknown) => boolean][] = [
    ["BROADCAST", "opts", () => false],
    ["BROADCAST", "packet", () => false],
    ["BROADCAST", "requestId", (value) => value === undefined || value === null || value === "__proto__"],
    ["SOCKETS_JOIN", "opts", () => false],
    ["SOCKETS_JOIN", "rooms", (value) => Array.isArray(value) && value.length === 0],
    ["SOCKETS_LEAVE", "rooms", (value) => Array.isArray(value) && value.length === 0],
    ["DISCONNECT_SOCKETS", "close", (value) => value === undefined || value === null || value === true],
    ["FETCH_SOCKETS", "requestId", (value) => value === "__proto__"],
    ["FETCH_SOCKETS_RESPONSE", "requestId", (value) => value === "__proto__"],
    ["FETCH_SOCKETS_RESPONSE", "sockets", (value) => Array.isArray(value) && value.length === 0],
    ["SERVER_SIDE_EMIT", "packet", () => false],
    ["SERVER_SIDE_EMIT_RESPONSE", "requestId", (value) => value === "__proto__"],
    ["BROADCAST_CLIENT_COUNT", "clientCount", () => false],
    ["BROADCAST_ACK", "requestId", (value) => value === "__proto__"],
  ];

  it.each(fields)("%s does not have just anything for %s", (name, field, isFine) => {
    const message = SOUND[name]!;
    for (const value of NONSENSE) {
      const data = { ...message.data, [field]: value };
      expect([value, isSound({ ...message, data })]).toEqual([value, isFine(value)]);
    }
  });

  it.each([NaN, Infinity])("names its event by nothing that clients would be sent as null: %s", (name) => {
    const data = { opts, packet: { ...packet, data: [name] } };
    expect(isSound({ type: MessageType.BROADCAST, data })).toBe(false);
  });

  it.each([
    ["rooms", [undefined, null, "red", {}, [{}], [null]]],
    ["except", ["red", {}, [{}], [null]]],
    ["flags", [1, "volatile", true]],
  ])("does not mean sockets by just anything for %s", (field, values) => {
    for (const value of values) {
      const data = { ...SOUND["BROADCAST"]!.data, opts: { ...opts, [field]: value } };
      expect([value, isSound({ ...SOUND["BROADCAST"], data })]).toEqual([value, false]);
    }
  });

  it.each([
    { type: PacketType.CONNECT, data: {} },
    { type: PacketType.ACK, id: 1, data: [] },
    { type: PacketType.EVENT, data: [] },
    { type: PacketType.EVENT, data: [{}] },
    { type: PacketType.EVENT, data: "x" },
    { type: PacketType.EVENT, data: ["connect"] },
    { type: PacketType.EVENT, data: ["disconnect"] },
    { type: 5, data: ["x"] },
  ])("does not send clients %o, at which they would close", (bad) => {
    expect(isSound({ ...SOUND["BROADCAST"], data: { opts, packet: bad } })).toBe(false);
  });

  it.each([{ id: 1 }, { id: "" }, { handshake: null }, { rooms: "a" }, { rooms: [{}] }])(
    "does not tell of a socket with %o",
    (bad) => {
      const data = { requestId: "r1", sockets: [details, { ...details, ...bad }] };
      expect(isSound({ ...SOUND["FETCH_SOCKETS_RESPONSE"], data })).toBe(false);
    },
  );
});
