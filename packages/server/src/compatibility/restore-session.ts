import type { AdapterLike, PrivateSessionId, RestoredSession } from "@hawser/adapter";

/** Whether an adapter stands on `socket.io-adapter`: those keep the server's encoder. */
function isForeign(adapter: AdapterLike): boolean {
  return "encoder" in adapter;
}

/**
 * Asks an adapter, of whatever origin, for a session.
 *
 * @param offset - of the last event that the client has received, if it has received any. Foreign adapters are not asked without one
 * @returns the session, if there is one. What an adapter rejects with is an error, unless it is a text: with those, the adapters for
 * Redis streams and MongoDB say that there is none
 */
export async function restoreSession(
  adapter: AdapterLike,
  pid: PrivateSessionId,
  offset: string | undefined,
): Promise<RestoredSession | undefined> {
  if (offset === undefined && isForeign(adapter)) {
    return undefined;
  }
  try {
    return (await adapter.restoreSession(pid, offset)) ?? undefined;
  } catch (reason) {
    if (typeof reason === "string") {
      return undefined;
    }
    throw reason;
  }
}
