import type { CloseReason } from "../codes.ts";
import { Deadline, type Deadlines } from "../deadlines.ts";
import { failure } from "../errors.ts";
import type { SessionHandler, SessionPort, Transport, TransportHandler } from "../ports.ts";
import type { Outlet, Turn } from "../turn.ts";
import type { Handshake } from "./handshake.ts";
import type { Heartbeat, HeartbeatPort } from "./heartbeat.ts";
import { Outbox } from "./outbox.ts";
import type { Revision } from "./revision.ts";
import type { Role } from "./role.ts";
import type { Upgrade, UpgradePort } from "./upgrade.ts";
import type { EngineData, EnginePacket, EnginePacketOptions } from "./wire.ts";

/** What a session is told once, shared by all sessions of a server or client. */
export interface SessionSettings {
  /** Which end this is. */
  readonly role: Role;
  readonly deadlines: Deadlines;
  readonly turn: Turn;
  readonly revision: Revision;
  /** Milliseconds within which an upgrade must be over. */
  readonly upgradeTimeout: number;
  /** Milliseconds within which a session that is closing must have sent what it still holds. */
  readonly closeTimeout: number;
  /** Called with each session that is over, before its handler is told. */
  readonly onEnd?: ((session: Session) => void) | undefined;
  /** Called before packets are handed to the transport, after the session's own observer. */
  readonly onFlush?: ((session: Session, packets: readonly EnginePacket[]) => void) | undefined;
  /** Called when nothing waits any more, after the session's own observer. */
  readonly onDrain?: ((session: Session) => void) | undefined;
}

/** Someone who watches a session's inside: the engine façade that applications and tools listen on. */
export interface SessionObserver {
  /** Whether someone expects to be told of a flush within the call that sent; coalescing is given up for them. Not when told of a drain. */
  readonly synchronous?: boolean;
  /** A packet arrived. */
  onPacket?(packet: EnginePacket): void;
  /** A packet is going to be put into the outbox; or what this returns, which says the same. */
  onPacketCreate?(packet: EnginePacket): EnginePacket | undefined;
  /** These packets wait, and the transport is about to be handed as many of them as fit in one payload. */
  onFlush?(packets: readonly EnginePacket[]): void;
  /** Nothing waits any more: the outbox is empty, and the transport is not backed up. */
  onDrain?(): void;
  /** A ping or pong of the peer arrived. */
  onHeartbeat?(): void;
  /** A candidate transport is being tried. */
  onUpgrading?(candidate: Transport): void;
  /** A server has answered the client's probe on the candidate. */
  onUpgradeProbed?(candidate: Transport): void;
  /** The candidate was answered, and a client moves to it; told by a session that is made to. */
  onUpgradeChosen?(candidate: Transport): void;
  /** The session moved to another transport. */
  onUpgrade?(transport: Transport): void;
  /** The attempt to move failed; the session goes on where it was. */
  onUpgradeError?(candidate: Transport, error: Error): void;
}

/**
 * `opening`: a client's session waits for OPEN. `open`: messages flow. `closing`: what was sent before `close()` is
 * still being sent. `closed`: the last state, entered once.
 */
export type SessionState = "opening" | "open" | "closing" | "closed";

/** What sessions that stay where they are have in common. */
const NO_UPGRADES: readonly Upgrade[] = [];

/** What a transport that the session has let go of reports to. */
export const DEAF: TransportHandler = {
  onTransportOpen() {},
  onTransportPacket() {},
  onTransportWritable() {},
  onTransportClose() {},
};

/**
 * Room 4: one Engine.IO session, at either end (`docs/protocol.md`, "Sessions"). It queues, keeps the heartbeat, moves
 * to another transport, and ends; it knows nothing of namespaces or events. As a deadline, it limits the states
 * `opening` and `closing`.
 */
export class Session extends Deadline implements SessionPort, TransportHandler, HeartbeatPort, UpgradePort, Outlet {
  /** The session id; empty on a client until the handshake. It is a secret between the two ends. */
  id: string;
  /** The transport that carries the session at present. */
  transport: Transport;
  /** What the server announced; on a client, once the session is open. */
  handshake: Handshake | undefined;
  /** Who watches, if anybody. */
  observer: SessionObserver | undefined;
  protected readonly $settings: SessionSettings;
  protected readonly $handler: SessionHandler;
  private readonly $outbox: Outbox = new Outbox();
  private $state: SessionState = "opening";
  private $flushAwaited = false;
  /** Whether something was sent since the last drain. */
  private $drainAwaited = false;
  /**
   * What is sent by whoever is just told of a drain leaves later: else each message would cause the next one within its own call, and the
   * stack has an end.
   */
  private $tellingOfDrain = false;
  protected $heartbeat: Heartbeat | undefined;
  /** Why the session is closing, if that is an error. */
  private $closeCause: Error | undefined;
  /** The attempts to move. Once a client switches there is one only. */
  protected $upgrades: readonly Upgrade[] = NO_UPGRADES;

  /**
   * @param settings - shared by all sessions of this server or client
   * @param handler - the room above
   * @param transport - carries the session from now on
   * @param id - the session id, on a server
   */
  constructor(settings: SessionSettings, handler: SessionHandler, transport: Transport, id = "") {
    super();
    this.$settings = settings;
    this.$handler = handler;
    this.id = id;
    this.transport = transport;
    transport.handler = this;
  }

  get state(): SessionState {
    return this.$state;
  }

  /** Whether a packet sent now would leave in this turn; the measure for volatile events. */
  get writable(): boolean {
    return this.$state === "open" && this.transport.writable && !this.$switching;
  }

  /** The packets that are still to be handed to the transport. */
  get queued(): readonly EnginePacket[] {
    return this.$outbox.packets;
  }

  /**
   * Whether the session is open and the peer's heartbeat on time. If it is late although no timer has said so yet, as
   * after a laptop slept, the session ends in the coming turn.
   */
  alive(): boolean {
    if (this.$state !== "open") {
      return false;
    }
    if (this.$heartbeat?.overdue) {
      this.$settings.turn.awaitDrain({ drain: () => this.abort("ping timeout") });
      return false;
    }
    return true;
  }

  // ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A client gives up if the handshake is not done in time.
   *
   * @param timeout - milliseconds
   */
  expectOpen(timeout: number): void {
    this.$settings.deadlines.start(this, timeout);
  }

  protected $opened(handshake: Handshake): void {
    const { deadlines, revision, role } = this.$settings;
    this.$state = "open";
    deadlines.stop(this);
    this.$heartbeat = role.createHeartbeat(revision, deadlines, this, handshake);
    this.$heartbeat.start();
    this.$handler.onSessionOpen(this);
  }

  // ── down: from room 3 to the transport ───────────────────────────────────────────────────────────────────────

  /**
   * Sends a message in this turn, or as soon as the transport can take it. Ignored unless the session is open.
   *
   * @param data - one frame of the codec
   * @param options - how it wishes to be sent
   */
  send(data: EngineData, options?: EnginePacketOptions): void {
    this.sendPacket({ type: "message", data, options });
  }

  /** Sends a packet that may be shared with other sessions, as a broadcast's is. Ignored unless the session is open. */
  sendPacket(packet: EnginePacket): void {
    if (this.$state === "open") {
      this.$push(packet);
    }
  }

  protected $push(packet: EnginePacket): void {
    this.$outbox.push(this.observer?.onPacketCreate?.(packet) ?? packet);
    if (this.observer?.synchronous && !this.$tellingOfDrain) {
      this.flush();
    } else if (!this.$flushAwaited) {
      this.$flushAwaited = true;
      this.$settings.turn.awaitFlush(this);
    }
  }

  /** Hands what waits to the transport, if it can take it. */
  flush(): void {
    this.$flushAwaited = false;
    if (this.$state === "closed" || this.$switching) {
      return;
    }
    if (this.$outbox.length > 0) {
      if (!this.transport.writable) {
        return;
      }
      this.observer?.onFlush?.(this.$outbox.packets);
      this.$settings.onFlush?.(this, this.$outbox.packets);
      // The observer may have sent more, and so flushed, or have ended the session.
      if (this.$outbox.length > 0 && this.transport.writable) {
        this.transport.send(
          this.$settings.role.takePackets(this.$outbox, this.transport, this.handshake?.maxPayload ?? Infinity),
        );
        this.$drainAwaited = true;
      }
    }
    // Between two polls nothing can be written, yet nothing waits either.
    const passedOn = this.transport.writable || !this.transport.bufferedAmount;
    if (this.$drainAwaited && this.$outbox.length === 0 && passedOn) {
      this.$drainAwaited = false;
      this.$tellingOfDrain = true;
      this.observer?.onDrain?.();
      this.$settings.onDrain?.(this);
      this.$tellingOfDrain = false;
    }
    if (this.$state === "closing" && this.$outbox.length === 0 && !this.$switching) {
      this.$closeTransport();
    }
  }

  // ── up: from the transport to room 3 ─────────────────────────────────────────────────────────────────────────

  onTransportOpen(): void {
    // The session opens by the OPEN packet, not when its transport does.
  }

  onTransportPacket(_transport: Transport, packet: EnginePacket): void {
    if (this.$state === "closed") {
      return;
    }
    this.observer?.onPacket?.(packet);
    switch (packet.type) {
      case "message":
        // What arrives while closing was sent before the peer could know: it is still delivered.
        this.$handler.onSessionMessage(this, packet.data ?? "");
        break;
      case "ping":
      case "pong":
        // A session that closes neither answers a ping nor minds one that is out of place: it ends in time anyway.
        if (this.$state !== "closing" && this.$heartbeat?.receive(packet.type)) {
          this.observer?.onHeartbeat?.();
        }
        break;
      case "open":
        this.$receiveOpen(packet);
        break;
      default:
      // `upgrade`, `noop` and a stray `close` mean nothing here.
    }
  }

  private $receiveOpen(packet: EnginePacket): void {
    const { role } = this.$settings;
    if (!role.decodeHandshake || this.$state !== "opening") {
      return;
    }
    const handshake = role.decodeHandshake(packet.data);
    if ("code" in handshake) {
      this.abort("parse error", handshake);
      return;
    }
    this.handshake = handshake;
    this.id = handshake.sid;
    this.$opened(handshake);
  }

  onTransportWritable(): void {
    this.flush();
  }

  // ── moving to another transport ──────────────────────────────────────────────────────────────────────────────

  /**
   * Whether an attempt may begin to move the session to a transport of that name: while it is open, each name is tried
   * once at a time, and none while a client switches.
   */
  mayUpgradeTo(name: string): boolean {
    return (
      this.$state === "open" && !this.$switching && this.$upgrades.every(({ candidate }) => candidate.name !== name)
    );
  }

  /**
   * Begins to move the session to `candidate`: a client's transport that is opening, or one that a client opened on a
   * server with this session's id. Of several attempts, the first to succeed ends the others.
   *
   * @returns whether the attempt has begun; if not, the candidate is the caller's to end
   */
  upgradeTo(candidate: Transport): boolean {
    if (!this.mayUpgradeTo(candidate.name)) {
      return false;
    }
    const { role, deadlines, upgradeTimeout } = this.$settings;
    this.$upgrades = [...this.$upgrades, role.beginUpgrade(deadlines, this, candidate, upgradeTimeout)];
    this.observer?.onUpgrading?.(candidate);
    return true;
  }

  onUpgradeChosen(candidate: Transport): void {
    this.$abandonUpgrades(candidate);
  }

  adopt(candidate: Transport): void {
    const old = this.transport;
    this.transport = candidate;
    candidate.handler = this;
    old.handler = DEAF;
    this.$abandonUpgrades();
    old.abort();
    this.observer?.onUpgrade?.(candidate);
    this.flush();
  }

  onUpgradeFailed(candidate: Transport, error: Error): void {
    this.$upgrades = this.$upgrades.filter((upgrade) => upgrade.candidate !== candidate);
    this.transport.resume?.();
    this.observer?.onUpgradeError?.(candidate, error);
    this.flush();
  }

  /** Whether what is sent waits for a client's switch to be over. */
  private get $switching(): boolean {
    // Asked with each flush: a look beyond the end of an array is slow.
    return this.$upgrades.length > 0 && (this.$upgrades[0] as Upgrade).switching;
  }

  /** Gives up all attempts, but for the one with `chosen`. */
  private $abandonUpgrades(chosen?: Transport): void {
    const upgrades = this.$upgrades;
    this.$upgrades = chosen ? upgrades.filter(({ candidate }) => candidate === chosen) : NO_UPGRADES;
    for (const upgrade of upgrades) {
      if (upgrade.candidate !== chosen) {
        upgrade.abandon();
      }
    }
  }

  // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Ends the session with the reason `forced close`. What was sent before still leaves first, for as long as
   * `closeTimeout` allows; `onSessionClose` follows when it is over.
   *
   * @param cause - the error behind it, if any
   */
  close(cause?: Error): void {
    if (this.$state === "opening") {
      this.abort("forced close", cause);
    } else if (this.$state === "open") {
      this.$state = "closing";
      this.$closeCause = cause;
      this.$settings.deadlines.start(this, this.$settings.closeTimeout);
      this.flush();
    }
  }

  /**
   * Ends the session at once. What was sent in this turn leaves first if the transport can take it; what waits for the transport is lost.
   *
   * @param reason - what `onSessionClose` is told. Default: `forced close`
   * @param cause - the error behind it, if any
   */
  abort(reason: CloseReason = "forced close", cause?: Error): void {
    if (this.$flushAwaited) {
      this.flush();
    }
    if (this.$state !== "closed") {
      this.transport.handler = DEAF;
      this.transport.abort();
      this.$end(reason, cause);
    }
  }

  onTransportClose(_transport: Transport, reason: CloseReason, cause?: Error): void {
    if (this.$state === "closing") {
      this.$end("forced close", this.$closeCause);
    } else {
      this.$end(reason, cause);
    }
  }

  override expire(): void {
    if (this.$state === "opening") {
      this.abort("transport error", failure("ERR_CONNECT_TIMEOUT"));
    } else {
      this.abort("forced close", this.$closeCause);
    }
  }

  /** Ends the transport in an orderly way; nothing waits any more. */
  protected $closeTransport(): void {
    for (const upgrade of this.$upgrades) {
      upgrade.onSessionClosing();
    }
    this.transport.close();
  }

  private $end(reason: CloseReason, cause?: Error): void {
    if (this.$state === "closed") {
      return;
    }
    this.$state = "closed";
    this.$settings.deadlines.stop(this);
    this.$heartbeat?.stop();
    this.$abandonUpgrades();
    this.transport.handler = DEAF;
    this.$drainAwaited = false;
    this.$settings.onEnd?.(this);
    this.$handler.onSessionClose(this, reason, cause);
    // Those who are told may look at what was not sent.
    this.$outbox.takeAll();
  }
}
