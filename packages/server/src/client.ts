import type { IncomingMessage } from "node:http";
import {
  Budget,
  Deadline,
  ServerMux,
  violation,
  type BudgetLimits,
  type CloseReason,
  type ServerMuxOwner,
  type ServerMuxSettings,
  type SessionHandler,
  type SessionPort,
  type ViolationCode,
} from "@hawser/core";
import { PACKET_VIOLATIONS, PacketType, type Frame, type Packet, type ProtocolError } from "@hawser/parser";
import type { CompatibleClient, WriteOptions } from "./compatibility/names.ts";
import { writeFrames } from "./compatibility/write-frames.ts";
import { debugFor } from "./debug.ts";
import type { EngineSocket } from "./engine/engine-socket.ts";
import type { RequestFacts } from "./engine/request-record.ts";
import type { SocketRevision } from "./socket-revision.ts";
import type { AnySocket } from "./socket.ts";

const debug = debugFor("client", "socket.io:client");

/** The server, as far as its connections deal with it. */
export interface ClientOwner {
  readonly muxSettings: ServerMuxSettings;
  readonly limits: BudgetLimits;
  /** Milliseconds within which a client must have joined a namespace. */
  readonly joinTimeout: number;
  /** A client wants to join a namespace; returns the violation, if it may not even ask. */
  join(client: Client, nsp: string, auth: Record<string, unknown>): ProtocolError<ViolationCode> | undefined;
}

/**
 * One connection: the sockets of a client that share a session. It is also the deadline by which the client must have
 * joined a namespace.
 */
export abstract class Client<S extends SessionPort = SessionPort>
  extends Deadline
  implements ServerMuxOwner, CompatibleClient
{
  readonly mux: ServerMux<S>;
  /** @internal What is known of the request that began the session. */
  readonly record: RequestFacts;
  readonly #owner: ClientOwner;
  readonly #sockets: AnySocket[] = [];

  constructor(owner: ClientOwner, record: RequestFacts, createSession: (handler: SessionHandler) => S) {
    super();
    this.#owner = owner;
    this.record = record;
    this.mux = new ServerMux(owner.muxSettings, this, new Budget(owner.limits), createSession);
  }

  /** The session, as applications see it. */
  abstract get conn(): EngineSocket;

  /** @internal How the client speaks Socket.IO. */
  abstract get revision(): SocketRevision;

  /** The session id. */
  get id(): string {
    return this.mux.session.id;
  }

  /** The request that began the session. */
  get request(): IncomingMessage {
    return this.record.request;
  }

  /** The client's sockets by their ids. */
  get sockets(): Map<string, AnySocket> {
    return new Map(this.#sockets.map((socket) => [socket.id, socket]));
  }

  /** The client's sockets by their namespaces. */
  get nsps(): Map<string, AnySocket> {
    return new Map(this.#sockets.map((socket) => [socket.nsp.name, socket]));
  }

  /** A namespace was joined: the client is here to stay. */
  add(socket: AnySocket): void {
    this.#sockets.push(socket);
    this.mux.deadlines.stop(this);
  }

  /** A namespace was left. */
  remove(socket: AnySocket): void {
    const index = this.#sockets.indexOf(socket);
    if (index !== -1) {
      this.#sockets.splice(index, 1);
    }
  }

  /** Leaves all namespaces, telling the client so, and then closes the connection. */
  disconnect(): void {
    debug("closing session %s", this.id);
    for (const socket of [...this.#sockets]) {
      socket.disconnect();
    }
    this.mux.session.close();
  }

  override expire(): void {
    debug("session %s has joined no namespace in time", this.id);
    this.mux.session.close();
  }

  // ── what packages written for Socket.IO reach for ────────────────────────────────────────────────────────────────

  /** @internal */
  get server(): ClientOwner {
    return this.#owner;
  }

  /** @internal */
  _disconnect(): void {
    this.disconnect();
  }

  /** @internal */
  writeToEngine(encodedPackets: readonly Frame[] | Frame, options: WriteOptions): void {
    writeFrames(this.mux.session, encodedPackets, options);
  }

  // ── what the mux tells ───────────────────────────────────────────────────────────────────────────────────────

  onMuxOpen(): void {
    this.mux.deadlines.start(this, this.#owner.joinTimeout);
    if (this.revision.joinsRoot) {
      this.mux.receiveImplied({ type: PacketType.CONNECT, nsp: "/" });
    }
  }

  onMuxUnrouted(packet: Packet): ProtocolError<ViolationCode> | undefined {
    if (packet.type !== PacketType.CONNECT) {
      return violation("ERR_PACKET_ORDER");
    }
    const { nsp, auth } = this.revision.readConnect(packet);
    debug("session %s asks for the namespace %o", this.id, nsp);
    return this.mux.links.has(nsp) ? violation("ERR_PACKET_ORDER") : this.#owner.join(this, nsp, auth);
  }

  onMuxViolation(error: ProtocolError): void {
    debug("session %s broke the protocol: %s", this.id, error.code);
    const undecodable = error.code in PACKET_VIOLATIONS;
    if (undecodable) {
      for (const socket of [...this.#sockets]) {
        socket.onConnectionError(error);
      }
    }
    const { session } = this.mux;
    const endsNow = session.writable;
    session.close(error);
    if (!endsNow) {
      // The client may not poll for a while, or ever: its sockets are gone all the same.
      for (const socket of [...this.#sockets]) {
        socket.link.leave(undecodable ? "forced close" : "forced server close", error);
      }
    }
  }

  onMuxClose(reason: CloseReason, _cause?: Error): void {
    debug("session %s is over: %s", this.id, reason);
    this.mux.deadlines.stop(this);
  }
}
