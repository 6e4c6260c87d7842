import { describe, expect, it, vi } from "vitest";
import { UpgradeResponse } from "../../src/engine/middleware.ts";

describe("the response of an upgrade request, as middlewares see it", () => {
  it("holds headers, whatever the case of their names", () => {
    const response = new UpgradeResponse(() => {});
    response.setHeader("X-A", "1").setHeader("x-a", 2).setHeader("Set-Cookie", ["a=1", "b=2"]);
    expect(response.getHeader("X-a")).toBe(2);
    response.setHeader("X-B", "x");
    response.removeHeader("X-b");
    expect(response.getHeader("x-b")).toBeUndefined();
    expect(response.lines()).toEqual(["x-a: 2", "set-cookie: a=1", "set-cookie: b=2"]);
  });

  it("is written as the middleware says when it ends it", () => {
    const refuse = vi.fn<ConstructorParameters<typeof UpgradeResponse>[0]>();
    const response = new UpgradeResponse(refuse);
    expect(response.ended).toBe(false);
    response.writeHead(401, { "WWW-Authenticate": "Basic", "x-none": undefined }).end("who?");
    expect(response.ended).toBe(true);
    expect(refuse).toHaveBeenCalledExactlyOnceWith(401, ["www-authenticate: Basic"], "who?");
  });

  it("is 200 without a body if the middleware says nothing", () => {
    const refuse = vi.fn<ConstructorParameters<typeof UpgradeResponse>[0]>();
    new UpgradeResponse(refuse).end();
    expect(refuse).toHaveBeenCalledExactlyOnceWith(200, [], "");
  });
});
