import { randomBytes } from "node:crypto";
import { Adapter } from "./adapter.ts";
import type {
  AdapterNamespace,
  BroadcastOptions,
  BroadcastPacket,
  PrivateSessionId,
  RecoveryGap,
  RestoredSession,
  Room,
  SessionToPersist,
  SocketId,
} from "./contract.ts";
import { RecoveryLog } from "./recovery-log.ts";

/** How long, and how much, is remembered for clients that lost their connection. */
export interface RecoveryOptions {
  /** Milliseconds for which a client may be gone. Default: 120,000. */
  maxDisconnectionDuration?: number;
  /** Events remembered for each namespace. Default: 100,000. */
  maxPackets?: number;
  /** Bytes of encoded events remembered for each namespace. Default: 67,108,864 (64 MiB). */
  maxBytes?: number;
}

interface KeptSession {
  readonly session: SessionToPersist;
  readonly until: number;
  /** Where the log stood when the client joined: what it missed if it has not received anything. */
  readonly position: number;
}

/** Where a session that was given out came from. */
interface Origin {
  readonly kept: KeptSession;
  /** Where the log stood then: what comes later was missed, too. */
  readonly position: number;
}

const DEFAULTS: Required<RecoveryOptions> = {
  maxDisconnectionDuration: 120_000,
  maxPackets: 100_000,
  maxBytes: 64 * 1024 * 1024,
};

/**
 * The adapter for a single node whose clients may recover: it keeps the sessions of those who lost their connection, and
 * the events that they might miss. Each event that is not volatile carries its offset as one more argument.
 */
export class SessionAwareAdapter extends Adapter {
  readonly #log: RecoveryLog;
  readonly #duration: number;
  readonly #sessions = new Map<PrivateSessionId, KeptSession>();
  readonly #positions = new Map<SocketId, number>();
  readonly #origins = new WeakMap<RestoredSession, Origin>();

  constructor(nsp: AdapterNamespace, options: RecoveryOptions = {}) {
    super(nsp);
    const { maxDisconnectionDuration, maxPackets, maxBytes } = { ...DEFAULTS, ...options };
    this.#duration = maxDisconnectionDuration;
    const limits = { maxAge: maxDisconnectionDuration, maxPackets, maxBytes };
    this.#log = new RecoveryLog(randomBytes(4).toString("base64url"), limits, Date.now);
  }

  override addAll(id: SocketId, rooms: Set<Room>): Promise<void> | void {
    if (!this.#positions.has(id)) {
      this.#positions.set(id, this.#log.position);
    }
    return super.addAll(id, rooms);
  }

  override delAll(id: SocketId): void {
    this.#positions.delete(id);
    super.delAll(id);
  }

  override broadcast(packet: BroadcastPacket, options: BroadcastOptions): void {
    const { data } = packet;
    if (options.flags?.volatile) {
      if (typeof data[data.length - 1] === "string") {
        // Clients take a string at the end for an offset, so it had better be one.
        data.push(this.#log.offsetOf(this.#log.position));
      }
      this.deliver(packet, options);
      return;
    }
    data.push(this.#log.offsetOf(this.#log.position + 1));
    const prepared = this.deliver(packet, options);
    this.#log.append(options, data, this.nsp.sizeOf(prepared));
  }

  override persistSession(session: SessionToPersist): void {
    this.#forgetExpired();
    this.#sessions.set(session.pid, {
      session,
      until: Date.now() + this.#duration,
      position: this.#positions.get(session.sid) ?? this.#log.position,
    });
  }

  /** Brings a session back; it can't be claimed again, unless it is returned. */
  override restoreSession(
    pid: PrivateSessionId,
    offset: string | undefined,
  ): Promise<RestoredSession | null | undefined> {
    this.#forgetExpired();
    const kept = this.#sessions.get(pid);
    if (!kept || kept.until <= Date.now()) {
      return Promise.resolve(null);
    }
    this.#sessions.delete(pid);
    const position = offset === undefined ? kept.position : this.#log.positionOf(offset);
    const missedPackets = position === undefined ? undefined : this.#log.since(position, new Set(kept.session.rooms));
    if (!missedPackets) {
      return Promise.resolve(null);
    }
    if (offset === undefined) {
      // It may be cut off again before it receives anything.
      this.#positions.set(kept.session.sid, kept.position);
    }
    const restored = { ...kept.session, missedPackets };
    this.#origins.set(restored, { kept, position: this.#log.position });
    return Promise.resolve(restored);
  }

  /** Takes a session back that was not made use of; it expires when it would have. */
  returnSession(restored: RestoredSession): void {
    const origin = this.#origins.get(restored);
    this.#positions.delete(restored.sid);
    if (origin) {
      this.#sessions.set(restored.pid, origin.kept);
    }
  }

  /** What is emitted before the client is in its rooms again was missed, too. */
  openGap(): RecoveryGap {
    return {
      close: (restored) => {
        const origin = this.#origins.get(restored);
        const passed = origin && this.#log.since(origin.position, new Set(restored.rooms));
        for (const data of passed ?? []) {
          restored.missedPackets.push(data);
        }
      },
      abandon: () => {},
    };
  }

  /**
   * Sessions are kept in the order in which they end, so those that have expired are at the front. (One that was returned is behind, and
   * goes when those before it have.)
   */
  #forgetExpired(): void {
    const now = Date.now();
    for (const [pid, { until }] of this.#sessions) {
      if (until > now) {
        break;
      }
      this.#sessions.delete(pid);
    }
  }
}
