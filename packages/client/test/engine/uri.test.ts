import { expect, it } from "vitest";
import { parse } from "../../src/engine/uri.ts";

it("takes a URI apart", () => {
  expect(parse("wss://me:se:cret@a.test:1234/b/c.d/e.html?f=g&h=i=j&k#l?m")).toEqual({
    source: "wss://me:se:cret@a.test:1234/b/c.d/e.html?f=g&h=i=j&k#l?m",
    protocol: "wss",
    authority: "me:se:cret@a.test:1234",
    userInfo: "me:se:cret",
    user: "me",
    password: "se:cret",
    host: "a.test",
    port: "1234",
    relative: "/b/c.d/e.html?f=g&h=i=j&k#l?m",
    path: "/b/c.d/e.html",
    directory: "/b/c.d/",
    file: "e.html",
    query: "f=g&h=i=j&k",
    anchor: "l?m",
    pathNames: ["b", "c.d", "e.html"],
    queryKey: { f: "g", h: "i=j", k: "" },
  });
});

it.each([
  ["a.test", { protocol: "", host: "a.test", port: "", path: "", pathNames: [] }],
  ["a.test:1", { protocol: "", host: "a.test", port: "1" }],
  ["/only/a/path/", { host: "", path: "/only/a/path/", directory: "/only/a/path/", pathNames: ["only", "a", "path"] }],
  ["http://[2001:db8::1]:80/x", { host: "2001:db8::1", port: "80", path: "/x", ipv6uri: true }],
  ["?a=b", { host: "", query: "a=b", queryKey: { a: "b" } }],
  ["", { source: "", host: "", path: "", queryKey: {} }],
])("leaves empty what is not there: %j", (uri, parts) => {
  expect(parse(uri)).toMatchObject(parts);
});

it("refuses what is too long", () => {
  expect(() => parse("x".repeat(8001))).toThrow("URI too long");
});
