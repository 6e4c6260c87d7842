import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { BoundSession, type BoundConnection } from "./bound-session.ts";
import { Client, type ClientOwner } from "./client.ts";
import type { EngineSocket } from "./engine/engine-socket.ts";
import { queryOf, type EngineRequest } from "./engine/request.ts";
import type { RequestFacts } from "./engine/request-record.ts";

/** An engine that a server can be bound to. */
export interface BindableEngine {
  on(event: "connection", listener: (connection: BoundConnection) => void): unknown;
  close(): unknown;
}

/** A client whose connection is one of an engine that was bound to the server. */
export class BoundClient extends Client<BoundSession> {
  readonly #connection: BoundConnection;

  constructor(owner: ClientOwner, connection: BoundConnection) {
    super(owner, factsOf(connection), (handler) => new BoundSession(connection, handler));
    this.#connection = connection;
    // Its handshake is done.
    this.onMuxOpen();
  }

  /** The connection as its engine made it: what it offers beyond {@link BoundConnection} is between it and the application. */
  override get conn(): EngineSocket {
    return this.#connection as unknown as EngineSocket;
  }
}

function factsOf(connection: BoundConnection): RequestFacts {
  const known = connection.request as EngineRequest | undefined;
  const request = known ?? new IncomingMessage(new Socket());
  const { encrypted } = (request.connection ?? {}) as Partial<TLSSocket>;
  return {
    request,
    // What did not come by HTTP came by a transport that always encrypts.
    secure: known === undefined || encrypted === true,
    remoteAddress: connection.remoteAddress ?? "",
    get query() {
      return queryOf(request);
    },
  };
}
