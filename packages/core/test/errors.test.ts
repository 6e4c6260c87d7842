import { ProtocolError } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import { HawserError, failure, violation } from "../src/errors.ts";

describe("the error for a failure", () => {
  it("has a stable code, and the message that Socket.IO's users know", () => {
    const error = failure("ERR_ACK_TIMEOUT");
    expect(error).toBeInstanceOf(HawserError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "ERR_ACK_TIMEOUT", message: "operation has timed out" });
  });

  it("keeps its cause, if there is one", () => {
    const cause = new Error("why");
    expect(failure("ERR_UPGRADE", cause).cause).toBe(cause);
    expect(Object.hasOwn(failure("ERR_UPGRADE"), "cause")).toBe(false);
  });
});

describe("the error for a violation", () => {
  it("is one of the protocol, whichever layer found it", () => {
    const cause = new Error("why");
    const error = violation("ERR_PACKET_TYPE", cause);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "ERR_PACKET_TYPE", message: "unknown packet type", cause });
    expect(violation("ERR_PACKET_ORDER").cause).toBeUndefined();
  });
});
