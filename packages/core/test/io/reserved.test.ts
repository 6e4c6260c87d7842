import { describe, expect, it } from "vitest";
import { HawserError, assertEmittable, reservedEventError } from "../../src/index.ts";

describe("the name of an event that is emitted", () => {
  it.each(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])(
    "must not be the library's: %s",
    (name) => expect(() => assertEmittable(name)).toThrow(`"${name}" is a reserved event name`),
  );

  it.each(["message", "connection", "", 1, Symbol("connect"), undefined])("may be any other: %o", (name) => {
    expect(() => assertEmittable(name)).not.toThrow();
  });

  it("is refused by an error with a stable code", () => {
    expect(reservedEventError("connect")).toBeInstanceOf(HawserError);
    expect(reservedEventError("connect")).toMatchObject({ code: "ERR_EVENT_NAME" });
  });
});
