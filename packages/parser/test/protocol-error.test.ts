import { describe, expect, it } from "vitest";
import { ProtocolError, packetError } from "../src/protocol-error.ts";
import { PACKET_VIOLATIONS } from "../src/violations.ts";

describe("the error for a violation", () => {
  it("is an Error with the violation's code and words", () => {
    const error = packetError("ERR_PACKET_TYPE");
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({
      name: "ProtocolError",
      code: "ERR_PACKET_TYPE",
      message: PACKET_VIOLATIONS.ERR_PACKET_TYPE,
    });
  });

  it("keeps the error that revealed the violation as its cause", () => {
    const cause = new SyntaxError("no JSON");
    expect(packetError("ERR_PACKET_PAYLOAD", cause).cause).toBe(cause);
  });

  it("has no cause, not even undefined, if nothing else failed", () => {
    expect(Object.hasOwn(packetError("ERR_PACKET_TYPE"), "cause")).toBe(false);
  });
});
