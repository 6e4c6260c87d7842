/** The short names of properties in the minified bundles: which may be the same, and which must not. */

import { expect, test } from "vitest";
import { shortNames } from "../../scripts/short-names.mjs";

const SHORTENED = /^\$\w+$/;

const namesIn = (code: string): Map<string, string> => shortNames(code, SHORTENED);

test("classes that are no relatives share names", () => {
  const names = namesIn(`
    class One { $first() { return this.$first(); } }
    class Other { $second() { return this.$second(); } }
  `);
  expect(names.get("$first")).toBe(names.get("$second"));
});

test("two properties of one class have two names", () => {
  const names = namesIn("class One { $first() {} $second() {} }");
  expect(names.get("$first")).not.toBe(names.get("$second"));
});

test.each([
  ["a base class", "class Base { $inBase() {} } class Derived extends Base { $inDerived() {} }"],
  [
    "a base of the base",
    "class Base { $inBase() {} } class Middle extends Base {} class Derived extends Middle { $inDerived() {} }",
  ],
  [
    "a base by another name",
    "class Base { $inBase() {} } const Alias = Base; class Derived extends Alias { $inDerived() {} }",
  ],
])("a class and %s have different names", (_what, code) => {
  const names = namesIn(code);
  expect(names.get("$inBase")).not.toBe(names.get("$inDerived"));
});

test("two heirs of one base share names with each other, and none with the base", () => {
  const names = namesIn(`
    class Base { $inBase() {} }
    class Left extends Base { $left() {} }
    class Right extends Base { $right() {} }
  `);
  expect(names.get("$left")).toBe(names.get("$right"));
  expect(names.get("$inBase")).not.toBe(names.get("$left"));
});

test("what a class and an object that is no class's both have is a name that nothing else has", () => {
  const names = namesIn(`
    class One { $first() {} }
    class Other { $second() {} }
    const settings = { $first: 1 };
  `);
  expect(names.get("$first")).not.toBe(names.get("$second"));
});

test("what an object is asked for that may lack it is a name that nothing else has", () => {
  const names = namesIn(`
    class One { $maybe() {} }
    class Other { $second() {} }
    function ask(object) { object.$maybe?.(); }
  `);
  expect(names.get("$maybe")).not.toBe(names.get("$second"));
});

test("a name that stands in the code, or in a text of it, is not taken", () => {
  // The first letters that would be taken.
  const names = namesIn(`
    class One { $first() { return this.t + other.s + "i"; } }
  `);
  expect(["t", "s", "i"]).not.toContain(names.get("$first"));
});

test("a base class that nobody knows is an error", () => {
  const code = "class One extends mixin() { $first() {} $second() {} } class Two extends One { $third() {} }";
  expect(() => namesIn(code)).toThrow("nobody knows which properties a nameless base class has");
});
