/**
 * Lets two processes that exchange JSON call each other's functions and send each other binary. One such table stands
 * at each end. The function is also sent to the page as source, so it may refer to nothing outside itself.
 */

/** A call of a function that the other end has passed over. */
export interface RemoteCall {
  readonly id: number;
  readonly args: unknown[];
}

export interface FunctionTable {
  /** Makes a value fit for JSON: functions become numbers, errors their fields, binary base64. */
  encode(value: unknown): any;
  /** Makes it usable again: what was a function becomes one that calls the other end's. */
  decode(value: any): any;
  /** Carries out a call that the other end has asked for. */
  run(call: RemoteCall): void;
}

export function createFunctionTable(call: (call: RemoteCall) => void): FunctionTable {
  const own: ((...args: unknown[]) => unknown)[] = [];
  const remote: ((...args: unknown[]) => void)[] = [];

  const idOf = (value: (...args: unknown[]) => unknown): number => {
    const known = own.indexOf(value);
    return known >= 0 ? known : own.push(value) - 1;
  };

  const mapFields = (value: object, map: (field: unknown) => unknown): object =>
    Object.fromEntries(Object.entries(value).map(([key, field]) => [key, map(field)]));

  const toBase64 = (binary: Uint8Array): string => {
    let text = "";
    for (let start = 0; start < binary.length; start += 4096) {
      text += String.fromCharCode(...binary.subarray(start, start + 4096));
    }
    return btoa(text);
  };

  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  const encode = (value: unknown): unknown => {
    if (typeof value === "function") return { "#function": idOf(value as () => unknown) };
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Error) return { "#error": { ...mapFields(value, encode), message: value.message } };
    // A Node.js Buffer is a view like any other once it has left.
    if (ArrayBuffer.isView(value)) {
      return { "#view": toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    }
    if (value instanceof ArrayBuffer) return { "#buffer": toBase64(new Uint8Array(value)) };
    if (Array.isArray(value)) return value.map(encode);
    const prototype = Object.getPrototypeOf(value) as unknown;
    // Events, requests and other objects of the platform stay behind.
    return prototype === null || prototype === Object.prototype ? mapFields(value, encode) : null;
  };

  const decode = (value: any): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(decode);
    if ("#view" in value) return fromBase64(value["#view"] as string);
    if ("#buffer" in value) return fromBase64(value["#buffer"] as string).buffer;
    if ("#error" in value) return Object.assign(new Error(), mapFields(value["#error"], decode));
    if (!("#function" in value)) return mapFields(value, decode);
    const id = value["#function"] as number;
    return (remote[id] ??= (...args) => call({ id, args: args.map(encode) }));
  };

  return { encode, decode, run: ({ id, args }) => void own[id]!(...args.map(decode)) };
}
