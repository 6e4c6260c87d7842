import { describe, expect, it } from "vitest";
import { completeUri, parseUri, requestUrl, serverAddress, serverUri } from "../src/url.ts";

const page = { protocol: "https:", host: "page.test:4433", hostname: "page.test", port: "4433" };

describe("completing what io() is given", () => {
  it.each([
    ["nothing means the page's server", undefined, "https://page.test:4433"],
    ["a path is a namespace of the page's server", "/admin", "https://page.test:4433/admin"],
    ["two slashes begin a host, with the page's scheme", "//other.test/admin", "https://other.test/admin"],
    ["a host takes the page's scheme", "other.test:3000", "https://other.test:3000"],
    ["a whole URI stays as it is", "ws://other.test/admin?a=1", "ws://other.test/admin?a=1"],
  ])("%s", (_, uri, expected) => {
    expect(completeUri(uri, page)).toBe(expected);
  });

  it("takes https where there is no page to take a scheme from", () => {
    expect(completeUri("other.test:3000", undefined)).toBe("https://other.test:3000");
    expect(completeUri("//other.test", undefined)).toBe("https://other.test");
  });

  it("takes this machine where there is no page to take a host from", () => {
    expect(completeUri(undefined, undefined)).toBe("http://localhost");
    expect(completeUri("/admin", undefined)).toBe("http://localhost/admin");
  });
});

describe("a server that only the options name", () => {
  it.each([
    ["is the page's", {}, "https://page.test:4433"],
    ["may have another host, whose port is that of the scheme", { hostname: "other.test" }, "https://other.test:"],
    ["may have another port", { port: 3000 }, "https://page.test:3000"],
    ["may be told to be secure or not", { hostname: "[::1]", port: "80", secure: false }, "http://[::1]:80"],
    ["may be named by `host`, too", { host: "other.test", port: 1 }, "https://other.test:1"],
  ])("%s", (_, options, expected) => {
    expect(serverUri(options, page)).toBe(expected);
  });

  it("is this machine where there is no page, and plain HTTP", () => {
    expect(serverUri({}, undefined)).toBe("http://localhost:");
    expect(parseUri(serverUri({}, undefined)).port).toBe("80");
    expect(parseUri(serverUri({ secure: true }, undefined)).port).toBe("443");
  });
});

describe("parsing a URI", () => {
  it.each([
    ["http://host", { secure: false, hostname: "host", port: "80", path: "" }],
    ["https://host", { secure: true, hostname: "host", port: "443", path: "" }],
    ["ws://host", { secure: false, hostname: "host", port: "80", path: "" }],
    ["wss://host:8443/a", { secure: true, hostname: "host", port: "8443", path: "/a" }],
    ["host:3000", { secure: false, hostname: "host", port: "3000", path: "" }],
    ["http://[::1]:3000/a", { secure: false, hostname: "[::1]", port: "3000", path: "/a" }],
    ["http://user:word@host:1/a", { secure: false, hostname: "host", port: "1", path: "/a" }],
    ["http://host/a/b/?x=1#y", { secure: false, hostname: "host", port: "80", path: "/a/b/" }],
    ["http://host?x=http://other/y", { secure: false, hostname: "host", port: "80", path: "" }],
    ["http://host/a b/é", { secure: false, hostname: "host", port: "80", path: "/a b/é" }],
    ["http://host//a/../b", { secure: false, hostname: "host", port: "80", path: "//a/../b" }],
  ])("%s", (uri, expected) => {
    expect(parseUri(uri)).toMatchObject(expected);
  });

  it("reads the query string", () => {
    expect(parseUri("http://host/?a=1&b=x%20y&c&d=1=2&").query).toEqual({ a: "1", b: "x y", c: "", d: "1=2" });
  });

  it("names the server by scheme, host and port, written or not", () => {
    expect(parseUri("http://host").origin).toBe("http://host:80");
    expect(parseUri("http://host:80/admin?x=1").origin).toBe("http://host:80");
    expect(parseUri("https://host").origin).toBe("https://host:443");
  });

  it("refuses what is longer than 8000 characters", () => {
    expect(() => parseUri(`http://host/${"a".repeat(7988)}`)).not.toThrow();
    expect(() => parseUri(`http://host/${"a".repeat(7989)}`)).toThrow("URI too long");
  });
});

describe("the address of a request", () => {
  const options = { path: "/socket.io", timestampRequests: false };
  const address = (uri: string, more: object = {}, scheme: "http" | "ws" = "http", sid = ""): string =>
    requestUrl(parseUri(uri), { ...options, ...more }, scheme, "name", sid);

  it("names the protocol revision and the transport", () => {
    expect(address("http://host/admin")).toBe("http://host/socket.io/?EIO=4&transport=name");
  });

  it("holds the session id once there is one", () => {
    expect(address("http://host", {}, "http", "abc")).toBe("http://host/socket.io/?EIO=4&transport=name&sid=abc");
  });

  it("is secure if the URI is, whatever its scheme", () => {
    expect(address("wss://host", {}, "http")).toMatch(/^https:\/\/host\/socket/);
    expect(address("https://host", {}, "ws")).toMatch(/^wss:\/\/host\/socket/);
    expect(address("ws://host", {}, "http")).toMatch(/^http:\/\/host\/socket/);
  });

  it("says the port only where the scheme does not", () => {
    expect(address("http://host:80")).toMatch(/^http:\/\/host\/socket/);
    expect(address("https://host:80")).toMatch(/^https:\/\/host:80\/socket/);
    expect(address("http://[::1]:3000")).toMatch(/^http:\/\/\[::1\]:3000\/socket/);
  });

  it("ends its path with one slash, unless told not to", () => {
    expect(address("http://host", { path: "/a/" })).toMatch(/^http:\/\/host\/a\/\?/);
    expect(address("http://host", { path: "/a/", addTrailingSlash: false })).toMatch(/^http:\/\/host\/a\?/);
  });

  it("carries the query of the options, and that of the URI, which wins", () => {
    const url = new URL(address("http://host/?a=1&b=%26", { query: { a: 2, c: "ü+" } }));
    expect(Object.fromEntries(url.searchParams)).toEqual({ a: "1", b: "&", c: "ü+", EIO: "4", transport: "name" });
  });

  it("takes the query of the options as text, too", () => {
    expect(address("http://host", { query: "a=1&b=x+y" })).toContain("?a=1&b=x%2By&EIO=4");
  });

  it("does not let a query change what the protocol needs", () => {
    expect(address("http://host", { query: { EIO: 3, transport: "x" } })).toContain("?EIO=4&transport=name");
  });

  it("differs from request to request where caches may be, which is on HTTP", () => {
    const parameter = (scheme: "http" | "ws", more: object): string | null =>
      new URL(address("http://host", { timestampRequests: undefined, ...more }, scheme)).searchParams.get("t");
    expect(parameter("http", {})).not.toBeNull();
    expect(parameter("http", {})).not.toBe(parameter("http", {}));
    expect(parameter("ws", {})).toBeNull();
    expect(parameter("ws", { timestampRequests: true })).not.toBeNull();
    expect(parameter("http", { timestampRequests: false })).toBeNull();
  });

  it("says if binary data must be text: of a WebSocket each time, of a session on HTTP once", () => {
    const forced = (scheme: "http" | "ws", sid: string): string | null =>
      new URL(address("http://host", { forceBase64: true }, scheme, sid)).searchParams.get("b64");
    expect([forced("ws", ""), forced("ws", "abc"), forced("http", ""), forced("http", "abc")]).toEqual([
      "1",
      "1",
      "1",
      null,
    ]);
    expect(address("http://host", {}, "ws")).not.toContain("b64");
  });

  it("names that parameter as it is told", () => {
    const url = address("http://host", { timestampRequests: true, timestampParam: "now" });
    expect(new URL(url).searchParams.has("now")).toBe(true);
  });
});

describe("the address of the server", () => {
  it.each([
    ["http://host", {}, "https://host/socket.io/"],
    ["http://host:3000/nsp?a=1", {}, "https://host:3000/socket.io/"],
    ["https://host:443", {}, "https://host/socket.io/"],
    ["ws://[::1]:80", {}, "https://[::1]/socket.io/"],
    ["https://host", { path: "/a", addTrailingSlash: false, query: { b: 1 } }, "https://host/a"],
  ])("of %s has the scheme that is wanted, and no query", (uri, options, expected) => {
    expect(serverAddress(parseUri(uri), { path: "/socket.io", ...options }, "https")).toBe(expected);
  });
});
