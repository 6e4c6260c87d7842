import {
  AdapterError,
  type AdapterLike,
  type PrivateSessionId,
  type RestoredSession,
  type Room,
} from "@hawser/adapter";
import { PacketType, isPacketValid } from "@hawser/parser";

/** Whether an adapter stands on `socket.io-adapter`: those keep the server's encoder. */
function isForeign(adapter: AdapterLike): boolean {
  return "encoder" in adapter;
}

/**
 * Asks an adapter, of whatever origin, for a session.
 *
 * @param offset - of the last event that the client has received, if it has received any. Foreign adapters are not asked without one
 * @returns the session, if there is one. What an adapter rejects with is an error, unless it is a text: with those, the adapters for
 * Redis streams and MongoDB say that there is none. So is what is no session: others may write to the store where it was
 */
export async function restoreSession(
  adapter: AdapterLike,
  pid: PrivateSessionId,
  offset: string | undefined,
): Promise<RestoredSession | undefined> {
  if (offset === undefined && isForeign(adapter)) {
    return undefined;
  }
  let restored: unknown;
  try {
    restored = (await adapter.restoreSession(pid, offset)) ?? undefined;
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
