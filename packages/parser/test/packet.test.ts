import { expect, it } from "vitest";
import { PacketType, isReservedEvent, protocol } from "../src/packet.ts";

it("speaks revision 5 of the protocol", () => {
  expect(protocol).toBe(5);
});

it("numbers the packet types as they stand on the wire", () => {
  expect(PacketType).toMatchObject({
    CONNECT: 0,
    DISCONNECT: 1,
    EVENT: 2,
    ACK: 3,
    CONNECT_ERROR: 4,
    BINARY_EVENT: 5,
    BINARY_ACK: 6,
  });
});

it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
  "reserves the event name %s",
  (name) => expect(isReservedEvent(name)).toBe(true),
);

it.each(["message", "connection", "error", "Connect", "", "__proto__", "constructor", 0, undefined])(
  "leaves the event name %j to applications",
  (name) => expect(isReservedEvent(name)).toBe(false),
);
