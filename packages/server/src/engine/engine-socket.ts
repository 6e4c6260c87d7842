import type { IncomingMessage } from "node:http";
import type { CloseReason, EngineData, EnginePacket, Session, SessionObserver, Transport } from "@hawser/core";
import { GuardedEmitter } from "./guarded-emitter.ts";
import type { RequestRecord } from "./request-record.ts";
import type { UserErrors } from "../user-errors.ts";

/** The states of an engine socket, as applications know them. */
export type EngineReadyState = "opening" | "open" | "closing" | "closed";

/**
 * A session as applications see it (`socket.conn`): made when one first asks for it, so that a connection nobody looks
 * into costs nothing more.
 *
 * Emits `packet(packet)`, `packetCreate(packet)`, `message(data)` and `data(data)`, `flush(packets)`, `drain()`,
 * `heartbeat()`, `upgrading(transport)`, `upgrade(transport)` and `close(reason, description)`.
 */
export class EngineSocket extends GuardedEmitter implements SessionObserver {
  /** The revision of the Engine.IO protocol. */
  readonly protocol = 4;
  readonly #session: Session;
  readonly #record: RequestRecord;

  constructor(session: Session, record: RequestRecord, userErrors: UserErrors) {
    super(userErrors);
    this.#session = session;
    this.#record = record;
    session.observer = this;
  }

  /** The session id: a secret between server and client. */
  get id(): string {
    return this.#session.id;
  }

  /** Whether the session has moved to another transport: only one that began on polling is offered that. */
  get upgraded(): boolean {
    const { handshake, transport } = this.#session;
    return handshake !== undefined && handshake.upgrades.length > 0 && transport.name !== "polling";
  }

  get readyState(): EngineReadyState {
    return this.#session.state;
  }

  /** The transport that carries the session at present. */
  get transport(): Transport {
    return this.#session.transport;
  }

  /** The request that began the session; an empty one over WebTransport. */
  get request(): IncomingMessage {
    return this.#record.request;
  }

  /** The address of the client, as the connection told it; `undefined` over WebTransport. */
  get remoteAddress(): string {
    return this.#record.remoteAddress;
  }

  /** Whether somebody listens for `flush` or `drain`, which tell of a write within the call that caused it. */
  get synchronous(): boolean {
    return this.listenerCount("flush") > 0 || this.listenerCount("drain") > 0;
  }

  /**
   * Sends a message.
   *
   * @param data - text or binary data
   * @param options - `compress`: whether the transport may compress it (default: true)
   */
  send(data: EngineData, options?: { compress?: boolean }): this {
    this.#session.send(data, options);
    return this;
  }

  /** Same as {@link send}. */
  write(data: EngineData, options?: { compress?: boolean }): this {
    return this.send(data, options);
  }

  /**
   * Ends the session; its sockets are told `forced close`, and the client may come back.
   *
   * @param discard - whether what waits to be sent is thrown away. Default: false
   */
  close(discard = false): void {
    if (discard) {
      this.#session.abort();
    } else {
      this.#session.close();
    }
  }

  onPacket(packet: EnginePacket): void {
    this.tell("packet", packet);
    if (packet.type === "message") {
      this.tell("data", packet.data);
      this.tell("message", packet.data);
    }
  }

  onPacketCreate(packet: EnginePacket): void {
    this.tell("packetCreate", packet);
  }

  onFlush(packets: readonly EnginePacket[]): void {
    this.tell("flush", packets);
  }

  onDrain(): void {
    this.tell("drain");
  }

  onHeartbeat(): void {
    this.tell("heartbeat");
  }

  onUpgrading(candidate: Transport): void {
    this.tell("upgrading", candidate);
  }

  onUpgrade(transport: Transport): void {
    this.tell("upgrade", transport);
  }

  /** @internal The session is over. */
  onClose(reason: CloseReason, description?: Error): void {
    this.tell("close", reason, description);
  }
}
