/**
 * Binary values inside JSON: they leave the tree as attachments, and a placeholder `{"_placeholder":true,"num":n}`
 * stands where each was (`docs/protocol.md`, "Attachments").
 */

/** What the codec knows of a browser's `Blob` or `File`, which this package must not depend on. */
export interface BlobLike {
  readonly size: number;
  readonly type: string;
}

/** A value that travels as an attachment. */
export type BinaryData = ArrayBuffer | ArrayBufferView | BlobLike;

/** One message of the engine: text, or one attachment. */
export type Frame = string | BinaryData;

interface Placeholder {
  _placeholder: true;
  num: number;
}

type Tree = Record<string, unknown>;

/** Deeper trees than this are refused when they come from a peer. */
const MAX_DEPTH = 1000;

/** Whether an object itself has a property: to be called on it. `Object.hasOwn` is younger than the browsers that are promised. */
const { hasOwnProperty: hasOwn } = Object.prototype;

/** Tells what an object is, of whatever realm: to be called on it. */
export const toStringTag: () => string = Object.prototype.toString;

/** Whether `value` travels as an attachment. */
export function isBinary(value: object): value is BinaryData {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) {
    return false;
  }
  const tag = toStringTag.call(value);
  // An ArrayBuffer of another realm (a frame, a vm context) fails `instanceof`.
  return tag === "[object Blob]" || tag === "[object File]" || tag === "[object ArrayBuffer]";
}

/**
 * What stands for `value` in JSON: the result of its `toJSON` method, if it has one. As in `JSON.stringify`, the result
 * is not asked again, so that a method which returns its own object ends.
 */
function expand(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" && !isBinary(value) ? (toJSON.call(value) as unknown) : value;
}

/** Whether a binary value stands anywhere in `value`. */
export function hasBinary(value: unknown): boolean {
  const expanded = expand(value);
  if (typeof expanded !== "object" || expanded === null) {
    return false;
  }
  if (Array.isArray(expanded)) {
    for (let index = 0; index < expanded.length; index++) {
      if (hasBinary(expanded[index])) {
        return true;
      }
    }
    return false;
  }
  if (isBinary(expanded)) {
    return true;
  }
  for (const key in expanded) {
    if (hasOwn.call(expanded, key) && hasBinary((expanded as Tree)[key])) {
      return true;
    }
  }
  return false;
}

/** Assigns an own property; a plain assignment to a key named `__proto__` would change the prototype instead. */
function setOwn(target: Tree, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/**
 * Copies `value` with each binary value replaced by a placeholder.
 *
 * @param value - the data of a packet
 * @param attachments - receives the binary values in the order in which they were met
 */
export function deconstruct(value: unknown, attachments: BinaryData[]): unknown {
  const expanded = expand(value);
  if (typeof expanded !== "object" || expanded === null) {
    return expanded;
  }
  if (Array.isArray(expanded)) {
    return expanded.map((item) => deconstruct(item, attachments));
  }
  if (isBinary(expanded)) {
    const placeholder: Placeholder = { _placeholder: true, num: attachments.length };
    attachments.push(expanded);
    return placeholder;
  }
  const copy: Tree = {};
  for (const key of Object.keys(expanded)) {
    const member = (expanded as Tree)[key];
    // A `toJSON` that comes along would be asked again, for the copy.
    if (key !== "toJSON" || typeof member !== "function") {
      setOwn(copy, key, deconstruct(member, attachments));
    }
  }
  return copy;
}

function isPlaceholder(value: object): value is Placeholder {
  return (value as Partial<Placeholder>)._placeholder === true;
}

/** Why a tree could not be put together again. */
export type ReconstructFailure = "ERR_PLACEHOLDER" | "ERR_NESTING";

/**
 * Puts attachments back in place of their placeholders. Each attachment must be used exactly once, so that a peer can
 * neither name one that it did not send nor make one stand in many places.
 */
export class Reconstruction {
  /** Set when the tree is not acceptable; the data is then to be thrown away. */
  failure: ReconstructFailure | undefined;
  private $unused: number;
  private readonly $attachments: (BinaryData | undefined)[];

  constructor(attachments: BinaryData[]) {
    this.$attachments = attachments;
    this.$unused = attachments.length;
  }

  /** The data with its attachments in place; look at `failure` before using it. */
  apply(data: unknown): unknown {
    const result = this.$visit(data, 0);
    if (this.$unused > 0) {
      this.failure ??= "ERR_PLACEHOLDER";
    }
    return result;
  }

  private $visit(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null || this.failure) {
      return value;
    }
    if (depth > MAX_DEPTH) {
      this.failure = "ERR_NESTING";
      return value;
    }
    if (isPlaceholder(value)) {
      return this.$take(value.num);
    }
    for (const key of Object.keys(value)) {
      const child = (value as Tree)[key];
      const replaced = this.$visit(child, depth + 1);
      if (replaced !== child) {
        setOwn(value as Tree, key, replaced);
      }
    }
    return value;
  }

  private $take(index: unknown): unknown {
    const attachment = typeof index === "number" ? this.$attachments[index] : undefined;
    if (attachment === undefined) {
      this.failure = "ERR_PLACEHOLDER";
      return undefined;
    }
    this.$attachments[index as number] = undefined;
    this.$unused--;
    return attachment;
  }
}
