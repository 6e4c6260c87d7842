import { beforeEach, expect, it } from "vitest";
import { CookieJar } from "../../src/runtime/node-cookies.ts";

const NOW = Date.UTC(2030, 0, 1);

let jar: CookieJar;

beforeEach(() => {
  jar = new CookieJar();
});

it("sends back what was set", () => {
  jar.receive(["io=abc; Path=/; HttpOnly", "lb = node-1=x ;SameSite=Lax"], NOW);
  expect(jar.header(NOW)).toBe("io=abc; lb=node-1=x");
});

it("sends nothing where nothing was set", () => {
  jar.receive(undefined, NOW);
  jar.receive(["", "=x", "nonsense"], NOW);
  expect(jar.header(NOW)).toBe("");
});

it("keeps the latest value", () => {
  jar.receive(["a=1"], NOW);
  jar.receive(["a=2"], NOW);
  expect(jar.header(NOW)).toBe("a=2");
});

it.each([
  "a=1; Max-Age=10",
  "a=1; expires=Tue, 01 Jan 2030 00:00:10 GMT",
  "a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; max-age=10",
])("forgets %s when its time is over", (header) => {
  jar.receive([header], NOW);
  expect(jar.header(NOW + 9999)).toBe("a=1");
  expect(jar.header(NOW + 10_000)).toBe("");
});

it("forgets at once what the server deletes", () => {
  jar.receive(["a=1", "b=1"], NOW);
  jar.receive(["a=; Max-Age=0"], NOW);
  expect(jar.header(NOW)).toBe("b=1");
});
