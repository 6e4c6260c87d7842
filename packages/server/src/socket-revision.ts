/** The revisions of the Socket.IO protocol that a server speaks, each with the revision of Engine.IO that brings it. */

import { parse } from "node:querystring";
import type { SocketId } from "@hawser/adapter";
import type { ConnectReply } from "@hawser/core";
import type { ConnectErrorPacket, ConnectPacket } from "@hawser/parser";
import { generateId } from "./engine/ids.ts";
import { pathOf } from "./engine/request.ts";

/** What a client asks for in its CONNECT packet. */
export interface ConnectRequest {
  readonly nsp: string;
  readonly auth: Record<string, unknown>;
}

/** What differs between the revisions, for a server. One object is chosen with the connection and asked from then on. */
export interface SocketRevision {
  /** Whether a client is in the namespace `/` without asking. */
  readonly joinsRoot: boolean;
  /** Whether a client can tell which socket it had, and so recover it. */
  readonly recovers: boolean;
  /** Reads a client's wish to join. */
  readConnect(packet: ConnectPacket): ConnectRequest;
  /** Makes the id of a socket. */
  makeId(nsp: string, sessionId: string): SocketId;
  /** What a client that is let in is told. */
  reply(reply: ConnectReply): ConnectReply | undefined;
  /** What a client is told that a middleware keeps out. */
  refusal(message: string, data?: unknown): ConnectErrorPacket["data"];
}

/** Revision 5, on Engine.IO 4: clients of Socket.IO 3 and 4. */
const REVISION_5: SocketRevision = {
  joinsRoot: false,
  recovers: true,
  readConnect: ({ nsp, data }) => ({ nsp, auth: data ?? {} }),
  makeId: generateId,
  reply: (reply) => reply,
  refusal: (message, data) => (data === undefined ? { message } : { message, data }),
};

/** Revision 4, on Engine.IO 3: clients of Socket.IO 1 and 2. What they would send as `auth` is the query of the namespace. */
const REVISION_4: SocketRevision = {
  joinsRoot: true,
  recovers: false,
  readConnect({ nsp }) {
    const path = pathOf(nsp);
    return { nsp: path, auth: { ...parse(nsp.slice(path.length + 1)) } };
  },
  makeId: (nsp, sessionId) => (nsp === "/" ? sessionId : `${nsp}#${sessionId}`),
  reply: () => undefined,
  refusal: (message, data) => (data || message) as ConnectErrorPacket["data"],
};

/**
 * The revision of a connection.
 *
 * @param engineProtocol - the revision of its Engine.IO
 */
export function socketRevisionOf(engineProtocol: number | undefined): SocketRevision {
  return engineProtocol === 3 ? REVISION_4 : REVISION_5;
}
