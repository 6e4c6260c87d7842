/**
 * Lets two processes that exchange plain values call each other's functions. One such table stands at each end.
 * The function is also sent to the page as source, so it may refer to nothing outside itself.
 */

/** A call of a function that the other end has passed over. */
export interface RemoteCall {
  readonly id: number;
  readonly args: unknown[];
}

export interface FunctionTable {
  /** Makes a value fit to travel: functions become numbers, errors their fields. Views of binary data stay what they are. */
  encode(value: unknown): any;
  /** Makes it usable again: a number becomes a function that calls the other end's. */
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

  const encode = (value: unknown): unknown => {
    if (typeof value === "function") return { "#function": idOf(value as () => unknown) };
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Error) return { "#error": { ...mapFields(value, encode), message: value.message } };
    // A Node.js Buffer is a view like any other once it has left.
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return { "#buffer": new Uint8Array(value) };
    if (Array.isArray(value)) return value.map(encode);
    const prototype = Object.getPrototypeOf(value) as unknown;
    // Events, requests and other objects of the platform stay behind.
    return prototype === null || prototype === Object.prototype ? mapFields(value, encode) : null;
  };

  const decode = (value: any): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(decode);
    if (ArrayBuffer.isView(value)) return value;
    if ("#buffer" in value) return (value["#buffer"] as Uint8Array).slice().buffer;
    if ("#error" in value) return Object.assign(new Error(), mapFields(value["#error"], decode));
    if (!("#function" in value)) return mapFields(value, decode);
    const id = value["#function"] as number;
    return (remote[id] ??= (...args) => call({ id, args: args.map(encode) }));
  };

  return { encode, decode, run: ({ id, args }) => void own[id]!(...args.map(decode)) };
}
