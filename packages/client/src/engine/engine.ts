import type {
  BinaryType,
  CloseReason,
  EngineData,
  EnginePacket,
  Handshake,
  Session,
  SessionObserver,
  SessionState,
  Transport,
} from "@hawser/core";
import { GuardedEmitter } from "../user-code.ts";
import type { EngineConnection } from "./connection.ts";

/**
 * What happens inside a connection. All of it is told at once, not in a later turn. They are methods so that a listener may say what it
 * expects of a message: `(data: string) => …`.
 */
export interface EngineEvents {
  /** What the server said in its handshake. */
  handshake(handshake: Handshake): void;
  /** The handshake is done. */
  open(): void;
  /** The connection failed; `close` is next. */
  error(error: Error): void;
  /** The connection is over. */
  close(reason: CloseReason, details?: Error): void;
  /** A packet arrived. */
  packet(packet: EnginePacket): void;
  /** Something arrived. */
  heartbeat(): void;
  /** A packet is going to be sent. */
  packetCreate(packet: EnginePacket): void;
  /** Packets are handed to the transport. */
  flush(): void;
  /** Everything was handed to the transport. */
  drain(): void;
  /** A message arrived. */
  data(data: EngineData): void;
  /** A message arrived. */
  message(data: EngineData): void;
  /** The server sent its heartbeat. */
  ping(): void;
  /** The server's heartbeat is being answered. */
  pong(): void;
  /** Another transport is being tried. */
  upgrading(transport: Transport): void;
  /** The connection moved to another transport. */
  upgrade(transport: Transport): void;
  /** The connection could not move, and goes on where it was. */
  upgradeError(error: Error): void;
}

/** A connection as applications may watch it: `manager.engine`. */
export class Engine extends GuardedEmitter<EngineEvents, EngineEvents, EngineEvents> implements SessionObserver {
  protected readonly $connection: EngineConnection;
  protected readonly $session: Session;

  /** @internal */
  constructor(connection: EngineConnection) {
    super(connection.clock);
    this.$connection = connection;
    this.$session = connection.session;
    this.$session.observer = this;
  }

  /**
   * The session id, which is not the id of a socket, and a secret. `undefined` before the handshake and `null` after the end, although the
   * type, which is Socket.IO's, does not say so.
   */
  get id(): string {
    return (this.readyState === "closed" ? null : this.$session.id || undefined) as string;
  }

  /** What carries the connection at present; its `name` is `"polling"`, `"websocket"` or `"webtransport"`. */
  get transport(): Transport {
    return this.$session.transport;
  }

  get readyState(): SessionState {
    return this.$session.state;
  }

  /** The packets that wait for the transport to take them. */
  get writeBuffer(): readonly EnginePacket[] {
    return this.$session.queued;
  }

  /** What binary data that arrives is to be. Default: `nodebuffer` in Node.js, `arraybuffer` elsewhere */
  get binaryType(): BinaryType {
    return this.$connection.binaryType;
  }

  set binaryType(type: BinaryType) {
    this.$connection.binaryType = type;
  }

  /** Ends the connection once what was sent has left. A Manager connects again. */
  close(): this {
    this.$session.close();
    return this;
  }

  /** @internal */
  get synchronous(): boolean {
    return this.hasListeners("flush") || this.hasListeners("drain");
  }

  /** @internal */
  onOpen(): void {
    this.emitReserved("handshake", this.$session.handshake as Handshake);
    this.emitReserved("open");
  }

  /** @internal */
  onClose(reason: CloseReason, cause?: Error): void {
    if (reason === "transport error" && cause) {
      this.emitReserved("error", cause);
    }
    this.emitReserved("close", reason, cause);
  }

  /** @internal */
  onPacket(packet: EnginePacket): void {
    this.emitReserved("packet", packet);
    this.emitReserved("heartbeat");
    if (packet.type === "message") {
      // Nothing, as in Socket.IO, where the message is empty.
      const data = packet.data as EngineData;
      this.emitReserved("data", data);
      this.emitReserved("message", data);
    }
  }

  /** @internal */
  onPacketCreate(packet: EnginePacket): EnginePacket | undefined {
    this.emitReserved("packetCreate", packet);
    return undefined;
  }

  /** @internal */
  onFlush(): void {
    this.emitReserved("flush");
  }

  /** @internal */
  onDrain(): void {
    this.emitReserved("drain");
  }

  /** @internal */
  onHeartbeat(): void {
    this.emitReserved("ping");
    this.emitReserved("pong");
    this.$connection.onHeartbeat();
  }

  /** @internal */
  onUpgrading(candidate: Transport): void {
    this.emitReserved("upgrading", candidate);
  }

  /** @internal */
  onUpgrade(transport: Transport): void {
    this.$connection.onUpgrade(transport);
    this.emitReserved("upgrade", transport);
  }

  /** @internal */
  onUpgradeError(candidate: Transport, error: Error): void {
    this.$connection.onUpgradeError(candidate, error);
    this.emitReserved("upgradeError", Object.assign(error, { transport: candidate.name }));
  }
}
