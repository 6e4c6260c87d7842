import {
  AdapterError,
  type AdapterLike,
  type PrivateSessionId,
  type RestoredSession,
  type Room,
} from "@hawser/adapter";
import { Deadline, type Deadlines } from "@hawser/core";
import { PacketType, isPacketValid } from "@hawser/parser";

/** Milliseconds that an adapter may take: its client waits, and so does all that was made for it. */
const PATIENCE = 10_000;

/** The moment by which an adapter must have said what it has. */
class RestoreDeadline extends Deadline {
  readonly #reject: (error: AdapterError) => void;

  constructor(reject: (error: AdapterError) => void) {
    super();
    this.#reject = reject;
  }

  override expire(): void {
    this.#reject(new AdapterError("ERR_RESTORE_TIMEOUT"));
  }
}

/** Whether an adapter stands on `socket.io-adapter`: those keep the server's encoder. */
function isForeign(adapter: AdapterLike): boolean {
  return "encoder" in adapter;
}

/**
 * Asks an adapter, of whatever origin, for a session.
 *
 * @param offset - of the last event that the client has received, if it has received any. Foreign adapters are not asked without one
 * @param deadlines - count how long it takes
 * @returns the session, if there is one. What an adapter rejects with is an error, unless it is a text: with those, the adapters for
 * Redis streams and MongoDB say that there is none. So is what takes longer than ten seconds, and what is no session: others may
 * write to the store where it was
 */
export async function restoreSession(
  adapter: AdapterLike,
  pid: PrivateSessionId,
  offset: string | undefined,
  deadlines: Deadlines,
): Promise<RestoredSession | undefined> {
  if (offset === undefined && isForeign(adapter)) {
    return undefined;
  }
  let restored: unknown;
  try {
    restored = (await inTime(() => adapter.restoreSession(pid, offset), deadlines)) ?? undefined;
  } catch (reason) {
    if (typeof reason === "string") {
      return undefined;
    }
    throw reason;
  }
  if (restored !== undefined && !isSession(restored)) {
    throw new AdapterError("ERR_RESTORED_SESSION");
  }
  return restored;
}

/** Settles as the promise of `ask` does, or rejects once the adapter has taken too long. */
function inTime<T>(ask: () => Promise<T>, deadlines: Deadlines): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = new RestoreDeadline(reject);
    deadlines.start(deadline, PATIENCE);
    const settle = async (): Promise<T> => ask();
    settle()
      .finally(() => deadlines.stop(deadline))
      .then(resolve, reject);
  });
}

function isSession(value: unknown): value is RestoredSession {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { sid, pid, rooms, missedPackets } = value as Partial<Record<keyof RestoredSession, unknown>>;
  return isId(sid) && isId(pid) && isListOf(isRoom, rooms) && isListOf(isEvent, missedPackets);
}

function isListOf(isItem: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Rooms are strings; JavaScript applications use numbers, too. */
function isRoom(value: unknown): value is Room {
  return typeof value === "string" || typeof value === "number";
}

/** What is no event would end the client's connection. */
function isEvent(data: unknown): boolean {
  return isPacketValid({ type: PacketType.EVENT, nsp: "/", data });
}
