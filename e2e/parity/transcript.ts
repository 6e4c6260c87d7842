/** What an observer saw, in words that are the same for every run: ids, ports and times are masked. */

/** An id of a session or of a socket, as both implementations make them: 20 characters, and never a plain word. */
const ID = /(?<![\w-])(?=[\w-]{0,19}[A-Z])[\w-]{20}(?![\w-])/g;

/**
 * Lines in lanes. Each lane is one observer, whose lines have an order; what two observers see has none between them.
 */
export class Transcript {
  readonly #lanes = new Map<string, string[]>();
  readonly #ids = new Map<string, Map<string, string>>();
  readonly #masks = new Map<string, string>();
  #closed = false;

  /** Shows `value` as `token` from now on, wherever it stands. */
  mask(value: string | number, token: string): void {
    this.#masks.set(String(value), token);
  }

  /** Adds a line to a lane. */
  note(lane: string, ...values: unknown[]): void {
    if (this.#closed) return;
    const line = values.map((value, index) => (index === 0 && typeof value === "string" ? value : show(value)));
    const lines = this.#lanes.get(lane) ?? [];
    this.#lanes.set(lane, lines);
    lines.push(this.#masked(lane, line.join(" ")));
  }

  /** What comes from now on is not part of it. */
  close(): void {
    this.#closed = true;
  }

  /** All lanes, one after the other. */
  get lines(): string[] {
    const lanes = [...this.#lanes].sort(([one], [other]) => (one < other ? -1 : 1));
    return lanes.flatMap(([lane, lines]) => lines.map((line) => `${lane}: ${line}`));
  }

  #masked(lane: string, line: string): string {
    let masked = line;
    for (const [value, token] of this.#masks) masked = masked.replaceAll(value, token);
    return masked.replace(ID, (id) => this.#tokenOf(lane, id));
  }

  /** Ids are numbered as a lane meets them, so that one that comes back is known again. */
  #tokenOf(lane: string, id: string): string {
    const ids = this.#ids.get(lane) ?? new Map<string, string>();
    this.#ids.set(lane, ids);
    const token = ids.get(id) ?? `<id ${ids.size + 1}>`;
    ids.set(id, token);
    return token;
  }
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Writes a value so that two are written alike if a user's code would take them for the same. */
export function show(value: unknown): string {
  if (typeof value === "function") return "ƒ";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Buffer.isBuffer(value)) return `Buffer<${hex(value)}>`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer<${hex(new Uint8Array(value))}>`;
  if (value instanceof Uint8Array) return `Uint8Array<${hex(value)}>`;
  if (value instanceof Set) return `Set{${[...value].map(show).join(", ")}}`;
  if (value instanceof Map) return `Map{${[...value].map(([key, item]) => `${show(key)} → ${show(item)}`).join(", ")}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if ("description" in value && typeof value.description === "string") return `details(${show(value.description)})`;
  if (value instanceof Error) return showError(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return "<an object>";
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${show(item)}`)
    .join(", ")}}`;
}

/** By what Socket.IO documents of its errors; further properties are nobody's harm. */
function showError(error: Error): string {
  const { data, type, description } = error as { data?: unknown; type?: unknown; description?: unknown };
  const details = [
    data === undefined ? "" : ` data ${show(data)}`,
    type === undefined ? "" : ` type ${show(type)}`,
    typeof description === "number" ? ` status ${description}` : "",
  ];
  return `Error(${show(error.message)}${details.join("")})`;
}
