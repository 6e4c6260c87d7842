import type { IncomingMessage } from "node:http";
import {
  messageData,
  SentCallbacks,
  type CloseReason,
  type EngineData,
  type EnginePacket,
  type EnginePacketOptions,
  type ServerSession,
  type SessionObserver,
  type Transport,
} from "@hawser/core";
import { debugFor, type Debugger } from "../debug.ts";
import type { Engine } from "./engine.ts";
import { GuardedEmitter } from "./guarded-emitter.ts";
import type { SessionRequest } from "./request-record.ts";
import type { EngineTransport } from "./transports/engine-transport.ts";

/** Says what happens to sessions that have an engine socket. */
export const debugSession: Debugger = debugFor("engine:socket", "engine:socket");

/** The states of an engine socket, as applications know them. */
export type EngineReadyState = "opening" | "open" | "closing" | "closed";

/** What applications find on a packet that was sent without options, and that they could not have written to. */
const DEFAULT_OPTIONS: EnginePacketOptions = Object.freeze({ compress: true });

/** Told that a message does not wait any more, with the transport that took it. */
export type SentCallback = (transport: Transport) => void;

/** The packet with options that listeners may write to. The recipients of a broadcast have them in common, as they have its frame. */
function withOwnOptions(packet: EnginePacket): EnginePacket {
  const options = { compress: true, ...packet.options };
  if (packet.prepared === undefined) {
    return { ...packet, options };
  }
  if (packet.options === undefined || Object.isFrozen(packet.options)) {
    packet.options = options;
  }
  return packet;
}

/**
 * A session as applications see it (`socket.conn`): made when one first asks for it, so that a connection nobody looks
 * into costs nothing more.
 *
 * Emits `packet(packet)`, `packetCreate(packet)`, `message(data)` and `data(data)`, `flush(packets)`, `drain()`,
 * `heartbeat()`, `upgrading(transport)`, `upgrade(transport)` and `close(reason, description)`.
 */
export class EngineSocket extends GuardedEmitter implements SessionObserver {
  /** The engine whose connection it is. */
  readonly server: Engine;
  readonly #session: ServerSession;
  readonly #record: SessionRequest;
  /** The callbacks of what was sent and may still wait. */
  #sent: SentCallbacks<SentCallback> | undefined;

  /** @internal Made by the engine, or by who is above it. */
  constructor(server: Engine, session: ServerSession, record: SessionRequest) {
    super(server.userErrors);
    this.server = server;
    this.#session = session;
    this.#record = record;
    session.observer = this;
  }

  /** The revision of the Engine.IO protocol: 4, or 3 for clients of Socket.IO 1 and 2. */
  get protocol(): number {
    return this.#session.protocol;
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

  /** Whether another transport is being tried. */
  get upgrading(): boolean {
    return this.#session.upgrading;
  }

  get readyState(): EngineReadyState {
    return this.#session.state;
  }

  /** The packets that wait for the transport to take them. */
  get writeBuffer(): readonly EnginePacket[] {
    return this.#session.queued;
  }

  /** The transport that carries the session at present. */
  get transport(): EngineTransport {
    const transport = this.#session.transport as EngineTransport;
    // Only who asks for it needs it there.
    transport.sid ??= this.id;
    return transport;
  }

  /** The request that began the session; an empty one over WebTransport. With `null` the library holds on to it no longer. */
  get request(): IncomingMessage {
    return this.#record.request;
  }

  set request(request: IncomingMessage | null) {
    this.#record.request = request;
  }

  /** The address of the client, as the connection told it; `undefined` over WebTransport. */
  get remoteAddress(): string {
    return this.#record.remoteAddress;
  }

  /**
   * How many bytes wait to leave, about: what was sent and is still queued here, and what the operating system has not
   * taken yet. `drain` tells when none do any more.
   */
  get bufferedAmount(): number {
    return this.#session.bufferedAmount;
  }

  /** Whether somebody listens for `flush` or `drain`, which tell of a write within the call that caused it. */
  get synchronous(): boolean {
    return this.listenerCount("flush") > 0 || this.listenerCount("drain") > 0;
  }

  /**
   * Sends a message.
   *
   * @param data - text or binary data; of anything else its text is sent
   * @param options - `compress`: whether the transport may compress it (default: true). May be left out
   * @param sent - called when it does not wait any more, with the transport; never, if the session ends before
   * @throws TypeError if `data` has no text, as a symbol has none
   */
  send(data: EngineData, options?: { compress?: boolean } | SentCallback, sent?: SentCallback): this {
    if (this.#session.state === "open") {
      const message = messageData(data);
      const callback = typeof options === "function" ? options : sent;
      if (callback) {
        this.#sent ??= new SentCallbacks(this.writeBuffer.length);
        this.#sent.add(callback);
      }
      const wishes = typeof options === "function" ? undefined : options;
      this.#session.sendPacket({ type: "message", data: message, options: wishes });
    }
    return this;
  }

  /** Same as {@link send}. */
  write(data: EngineData, options?: { compress?: boolean } | SentCallback, sent?: SentCallback): this {
    return this.send(data, options, sent);
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
    if (debugSession.enabled) {
      debugSession("session %s received %s %o", this.id, packet.type, packet.data);
    }
    this.tell("packet", packet);
    if (packet.type === "message") {
      this.tell("data", packet.data);
      this.tell("message", packet.data);
    }
  }

  onPacketCreate(packet: EnginePacket): EnginePacket {
    if (debugSession.enabled) {
      debugSession("session %s sends %s %o", this.id, packet.type, packet.data);
    }
    this.#sent?.countPacket();
    if (this.listenerCount("packetCreate") === 0) {
      packet.options ??= DEFAULT_OPTIONS;
      return packet;
    }
    const own = withOwnOptions(packet);
    this.tell("packetCreate", own);
    return own;
  }

  onFlush(packets: readonly EnginePacket[]): void {
    // The transport is ready again, whatever waits.
    this.#callBack();
    this.tell("flush", packets);
  }

  onDrain(): void {
    this.tell("drain");
    this.#callBack();
  }

  /** Tells who asked of messages that wait no more. */
  #callBack(): void {
    for (const callback of this.#sent?.take(this.writeBuffer.length) ?? []) {
      this.userErrors.contain({ phase: "engine", event: "send" }, () => callback(this.transport));
    }
  }

  onHeartbeat(): void {
    this.tell("heartbeat");
  }

  onUpgradeProbed(candidate: Transport): void {
    debugSession("session %s tries %s", this.id, candidate.name);
    this.tell("upgrading", candidate);
  }

  onUpgrade(transport: Transport): void {
    debugSession("session %s has moved to %s", this.id, transport.name);
    this.tell("upgrade", transport);
  }

  onUpgradeError(candidate: Transport, error: Error): void {
    debugSession("session %s has not moved to %s: %s", this.id, candidate.name, error.message);
  }

  /** @internal The session is over. */
  onClose(reason: CloseReason, description?: Error): void {
    debugSession("session %s is over: %s", this.id, reason);
    this.tell("close", reason, description);
  }
}
