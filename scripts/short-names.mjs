/**
 * The short names that the minified bundles have for the properties of the inside. Classes that are no relatives use the same few,
 * over and over: that compresses best.
 */

import { parseAst } from "rollup/parseAst";

/** In the order in which `terser` takes them for variables, so that many a property is called what the variable is. */
const LETTERS = "tsiehrncoaudlpgfybwEvmRkATxNMDUSLIKBHWFYqGVJXzQZCOP".split("");

/** How many names are for the properties of classes. */
const SHARED = 32;

/**
 * @param {string} code - a whole bundle
 * @param {RegExp} shortened - the names to replace
 * @returns {Map<string, string>} the short name of each
 */
export function shortNames(code, shortened) {
  const { properties, classes, others } = propertiesOf(code, shortened);
  const free = [...LETTERS, ...LETTERS.flatMap((first) => LETTERS.map((second) => first + second))].filter(
    (name) => !others.has(name),
  );
  const shared = free.splice(0, SHARED);
  const names = new Map();
  /** What stands in each class of the properties that have a short name already. */
  const taken = new Map();

  for (const { name, owners } of properties) {
    const relatives =
      owners && [...classes.keys()].filter((candidate) => owners.some((owner) => related(candidate, owner)));
    const inUse = new Set(relatives?.flatMap((relative) => taken.get(relative) ?? []));
    const short = (owners && shared.find((candidate) => !inUse.has(candidate))) ?? free.shift();
    names.set(name, short);
    for (const owner of owners ?? []) taken.set(owner, [...(taken.get(owner) ?? []), short]);
  }
  return names;

  /** Whether one class extends the other, or they are the same. */
  function related(one, other) {
    return ancestry(one).includes(other) || ancestry(other).includes(one);
  }

  function ancestry(name) {
    if (name === undefined || name === "Error") return [];
    if (!classes.has(name)) throw new Error(`nobody knows which properties ${name || "a nameless base class"} has`);
    return [name, ...ancestry(classes.get(name))];
  }
}

/** A place where a property is read of an object that some class has made. */
const ELSEWHERE = Symbol("elsewhere");

/**
 * The properties to rename, the most frequent first, each with the classes whose objects have it. Those that stand in other objects, too,
 * or that objects are asked for which may lack them (`x.name?.()`), have none. Besides, what each class extends, and all other
 * names and texts.
 */
function propertiesOf(code, shortened) {
  const uses = new Map();
  const classes = new Map();
  const aliases = new Map();
  const others = new Set();
  visit(parseAst(code));
  for (const [name, base] of classes) if (base && !classes.has(base)) classes.set(name, aliases.get(base) ?? base);
  const properties = [...uses].map(([name, places]) => ({
    name,
    count: places.length,
    owners: ownersOf(places),
  }));
  return { properties: properties.toSorted((one, other) => other.count - one.count), classes, others };

  function visit(node, owner, parent) {
    let inside = owner;
    switch (node.type) {
      case "ClassDeclaration":
        inside = node.id.name;
        classes.set(inside, node.superClass ? (node.superClass.name ?? "") : undefined);
        break;
      case "VariableDeclarator":
        // Another name for a class, for one: `class B extends Base` then means that one.
        if (node.init?.type === "Identifier") aliases.set(node.id.name, node.init.name);
        break;
      case "ClassExpression":
      case "FunctionDeclaration":
        inside = undefined;
        break;
      case "FunctionExpression":
        if (parent.type !== "MethodDefinition") inside = undefined;
        break;
      case "MethodDefinition":
      case "PropertyDefinition":
        use(node.key, owner);
        break;
      case "Property":
        use(node.key, parent.type === "ObjectPattern" ? ELSEWHERE : undefined);
        break;
      case "MemberExpression":
        use(node.property, /^(?:ThisExpression|Super)$/.test(node.object.type) ? owner : ELSEWHERE);
        break;
      case "CallExpression":
        if (node.optional) use(node.callee.property ?? node.callee, undefined);
        break;
      case "Literal":
        others.add(node.value);
        break;
    }
    for (const child of Object.values(node).flat()) if (child?.type) visit(child, inside, node);
  }

  function ownersOf(places) {
    const owners = new Set(places);
    owners.delete(ELSEWHERE);
    return owners.size === 0 || owners.has(undefined) ? undefined : [...owners];
  }

  function use({ type, name }, owner) {
    if (type !== "Identifier") return;
    if (!shortened.test(name)) others.add(name);
    else if (uses.has(name)) uses.get(name).push(owner);
    else uses.set(name, [owner]);
  }
}
