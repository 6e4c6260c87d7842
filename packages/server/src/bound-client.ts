import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { BoundSession, type BoundConnection } from "./bound-session.ts";
import { Client, type ClientOwner } from "./client.ts";
import type { EngineSocket } from "./engine/engine-socket.ts";
import { queryOf, type EngineRequest, type Query } from "./engine/request.ts";
import type { RequestFacts } from "./engine/request-record.ts";
import { socketRevisionOf, type SocketRevision } from "./socket-revision.ts";

/** An engine that a server can be bound to. */
export interface BindableEngine {
  on(event: "connection", listener: (connection: BoundConnection) => void): unknown;
  close(): unknown;
}

/** A client whose connection is one of an engine that was bound to the server. */
export class BoundClient extends Client<BoundSession> {
  readonly #connection: BoundConnection;

  constructor(owner: ClientOwner, connection: BoundConnection) {
    super(owner, new BoundRequest(connection), (handler) => new BoundSession(connection, handler));
    this.#connection = connection;
    // Its handshake is done.
    this.onMuxOpen();
  }

  /** The connection as its engine made it: what it offers beyond {@link BoundConnection} is between it and the application. */
  override get conn(): EngineSocket {
    return this.#connection as unknown as EngineSocket;
  }

  override get revision(): SocketRevision {
    return socketRevisionOf(this.#connection.protocol);
  }
}

/** What an engine's connection tells of its request. */
class BoundRequest implements RequestFacts {
  readonly remoteAddress: string;
  readonly secure: boolean;
  readonly request: EngineRequest;

  constructor(connection: BoundConnection) {
    const known = connection.request as EngineRequest | undefined;
    this.request = known ?? new IncomingMessage(new Socket());
    this.remoteAddress = connection.remoteAddress ?? "";
    // What did not come by HTTP came by a transport that always encrypts.
    this.secure = known === undefined || (known.connection as Partial<TLSSocket> | undefined)?.encrypted === true;
  }

  get query(): Query {
    return queryOf(this.request);
  }
}
