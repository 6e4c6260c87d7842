import type { Session } from "@hawser/core";
import { ENGINE_PROTOCOL } from "@hawser/core";
import type { ResolvedEngineOptions, TransportName } from "./options.ts";
import { REJECTIONS, reject, type Rejection } from "./rejection.ts";
import { queryValue, type EngineRequest } from "./request.ts";

/** A request that may go on: to its session, or to begin one. */
export interface Admission {
  readonly transport: TransportName;
  readonly session: Session | undefined;
}

/** Whether a header value holds a character that RFC 9110 does not allow there. */
function hasIllegalCharacter(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) {
      return true;
    }
  }
  return false;
}

/**
 * Looks at a request in the order of `docs/protocol.md`, "Refused requests": the first thing that is wrong decides.
 *
 * @param upgrade - whether it asks for a WebSocket
 */
export function verify(
  request: EngineRequest,
  upgrade: boolean,
  options: ResolvedEngineOptions,
  sessions: ReadonlyMap<string, Session>,
): Admission | Rejection {
  const transport = queryValue(request, "transport");
  if (!(options.transports as (string | undefined)[]).includes(transport)) {
    return reject(REJECTIONS.UNKNOWN_TRANSPORT, { transport });
  }
  const { origin } = request.headers;
  if (origin !== undefined && hasIllegalCharacter(origin)) {
    return reject(REJECTIONS.BAD_REQUEST, { name: "INVALID_ORIGIN", origin });
  }
  const sid = queryValue(request, "sid");
  const rejection = sid
    ? verifySession(sid, transport, upgrade, sessions)
    : verifyHandshake(request, transport, upgrade);
  return rejection ?? { transport: transport as TransportName, session: sid ? sessions.get(sid) : undefined };
}

function verifySession(
  sid: string,
  transport: string | undefined,
  upgrade: boolean,
  sessions: ReadonlyMap<string, Session>,
): Rejection | undefined {
  const session = sessions.get(sid);
  if (!session) {
    return reject(REJECTIONS.UNKNOWN_SID, { sid });
  }
  const current = session.transport.name;
  if (upgrade) {
    // Only a session that is open on polling, and stays there so far, may be moved.
    return transport !== "websocket" || current !== "polling" || session.upgrading || session.state !== "open"
      ? reject(REJECTIONS.BAD_REQUEST, { name: "UPGRADE_FAILURE", transport, previousTransport: current })
      : undefined;
  }
  return transport !== current
    ? reject(REJECTIONS.BAD_REQUEST, { name: "TRANSPORT_MISMATCH", transport, previousTransport: current })
    : undefined;
}

function verifyHandshake(
  request: EngineRequest,
  transport: string | undefined,
  upgrade: boolean,
): Rejection | undefined {
  if (request.method !== "GET") {
    return reject(REJECTIONS.BAD_HANDSHAKE_METHOD, { method: request.method });
  }
  if ((transport === "websocket") !== upgrade) {
    return reject(REJECTIONS.BAD_REQUEST, { name: "TRANSPORT_HANDSHAKE_ERROR" });
  }
  return undefined;
}

/** Whatever is not the present revision counts as the one before. */
const PREVIOUS_PROTOCOL = 3;

/** Whether the client speaks a revision that this server does not; looked at after the application let it in. */
export function verifyRevision(request: EngineRequest): Rejection | undefined {
  const protocol = queryValue(request, "EIO");
  return protocol === String(ENGINE_PROTOCOL)
    ? undefined
    : reject(REJECTIONS.UNSUPPORTED_PROTOCOL_VERSION, { protocol: PREVIOUS_PROTOCOL });
}
