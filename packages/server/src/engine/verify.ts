import type { ServerSession } from "@hawser/core";
import type { ResolvedEngineOptions, TransportName } from "./options.ts";
import { REJECTIONS, reject, type Rejection } from "./rejection.ts";
import { queryValue, type EngineRequest } from "./request.ts";
import { REVISION_3, REVISION_4, type EngineRevision } from "./revisions.ts";

/** A request that may go on: to its session, or to begin one. */
export interface Admission {
  readonly transport: TransportName;
  readonly session: ServerSession | undefined;
}

/** Whatever holds a session. */
export interface SessionHolder {
  readonly session: ServerSession;
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
export function verifyRequest(
  request: EngineRequest,
  upgrade: boolean,
  options: ResolvedEngineOptions,
  connections: ReadonlyMap<string, SessionHolder>,
): Admission | Rejection {
  const transport = queryValue(request, "transport");
  // WebTransport sessions come in elsewhere.
  if (transport === "webtransport" || !(options.transports as (string | undefined)[]).includes(transport)) {
    return reject(REJECTIONS.UNKNOWN_TRANSPORT, { transport });
  }
  const { origin } = request.headers;
  if (origin !== undefined && hasIllegalCharacter(origin)) {
    return reject(REJECTIONS.BAD_REQUEST, { name: "INVALID_ORIGIN", origin });
  }
  const sid = queryValue(request, "sid");
  const rejection = sid
    ? verifySession(request, sid, transport, upgrade, connections)
    : verifyHandshake(request, transport, upgrade);
  return (
    rejection ?? { transport: transport as TransportName, session: sid ? connections.get(sid)?.session : undefined }
  );
}

function verifySession(
  request: EngineRequest,
  sid: string,
  transport: string | undefined,
  upgrade: boolean,
  connections: ReadonlyMap<string, SessionHolder>,
): Rejection | undefined {
  const session = connections.get(sid)?.session;
  if (!session) {
    return reject(REJECTIONS.UNKNOWN_SID, { sid });
  }
  const current = session.transport.name;
  const { protocol } = revisionOf(request);
  if (protocol !== session.protocol) {
    return reject(REJECTIONS.BAD_REQUEST, { name: "PROTOCOL_MISMATCH", protocol, previousProtocol: session.protocol });
  }
  if (upgrade) {
    // Only a session that is on polling, and not moving to a WebSocket already, may be moved.
    return transport !== "websocket" || current !== "polling" || !session.mayUpgradeTo(transport)
      ? reject(REJECTIONS.BAD_REQUEST, { name: "UPGRADE_FAILURE", transport, previousTransport: current })
      : undefined;
  }
  // A WebSocket takes no requests, by whatever name.
  return transport !== "polling" || current !== "polling"
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

/** The revision that a request speaks: what is not the present one counts as the one before. */
export function revisionOf(request: EngineRequest): EngineRevision {
  return queryValue(request, "EIO") === String(REVISION_4.protocol) ? REVISION_4 : REVISION_3;
}

/** Whether the client speaks a revision that this server does not; looked at after the application let it in. */
export function verifyRevision(request: EngineRequest, allowEIO3: boolean): Rejection | undefined {
  const { protocol } = revisionOf(request);
  return protocol === REVISION_4.protocol || allowEIO3
    ? undefined
    : reject(REJECTIONS.UNSUPPORTED_PROTOCOL_VERSION, { protocol });
}
