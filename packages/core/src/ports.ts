/**
 * The narrow interfaces through which the core touches the world. The core declares them; the shells
 * (and `@hawser/testing`) provide them.
 */

import type { EngineData, EnginePacket, EnginePacketOptions } from "./engine/wire.ts";
import type { CloseReason } from "./codes.ts";

/** An armed timer; opaque to the core. */
export type TimerHandle = unknown;

/** Time, injected: the core never reads the wall clock or arms a timer by itself. */
export interface Clock {
  /** The present, in milliseconds from any fixed origin; must keep counting while timers are throttled. */
  now(): number;
  /** Calls `callback` once, `delay` milliseconds from now. */
  setTimer(callback: () => void, delay: number): TimerHandle;
  /** Disarms a timer; a no-op when it has fired already. */
  clearTimer(handle: TimerHandle): void;
  /** Calls `callback` after the present stack has unwound and before any further I/O. */
  defer(callback: () => void): void;
}

/**
 * Room 5 as room 4 sees it: something that carries engine packets in order.
 *
 * A transport reports to its `handler`, and only there. It never calls back synchronously from its own constructor.
 */
export interface Transport {
  /** `"polling"`, `"websocket"`, … as in the `transport` query parameter. */
  readonly name: string;
  /** Who is told of what arrives. The session sets itself; during an upgrade, the upgrade does for the candidate. */
  handler: TransportHandler;
  /** Whether `send` may be called now: open, not waiting for a poll, not backed up. */
  readonly writable: boolean;
  /** How many bytes it has taken but not yet handed to the operating system; left out by one that can't tell. */
  readonly bufferedAmount?: number;
  /** Sends `packets` in order. Called only while `writable`. The array is the transport's from then on. */
  send(packets: EnginePacket[]): void;
  /**
   * Ends the transport in an orderly way: what was sent before still arrives, and the peer is told in the transport's own manner.
   * Reports `onTransportClose` once it is done. Calling it again changes nothing.
   */
  close(): void;
  /** Ends the transport at once: what is not yet written may be lost, and it reports nothing afterwards. */
  abort(): void;
  /**
   * Stops reading without losing a packet, and calls `paused` when nothing is in flight any more.
   * A polling client waits for its requests; other transports may not have it.
   */
  pause?(paused: () => void): void;
  /** Takes up reading again after `pause`; the upgrade failed. */
  resume?(): void;
}

/** What a transport tells the room above it. */
export interface TransportHandler {
  /** The transport is ready to carry packets (a client's transport that finished opening). */
  onTransportOpen(transport: Transport): void;
  /** One packet arrived. */
  onTransportPacket(transport: Transport, packet: EnginePacket): void;
  /** `writable` turned true. */
  onTransportWritable(transport: Transport): void;
  /** The transport is gone; called at most once, and nothing follows. */
  onTransportClose(transport: Transport, reason: CloseReason, cause?: Error): void;
}

/** Room 4 as room 3 sees it: a session of this library, or of another engine that was bound to a server. */
export interface SessionPort {
  /** The session id; empty on a client until the handshake. */
  readonly id: string;
  /** Whether a packet sent now would leave in this turn. */
  readonly writable: boolean;
  /** Whether the session is open and the peer's heartbeat on time. */
  alive(): boolean;
  /** Sends a message; ignored unless the session is open. */
  send(data: EngineData, options?: EnginePacketOptions): void;
  /** Sends a packet that may be shared with other sessions. */
  sendPacket(packet: EnginePacket): void;
  /** Ends the session once what was sent has left. */
  close(cause?: Error): void;
  /** Ends the session at once. */
  abort(reason?: CloseReason, cause?: Error): void;
}

/** Room 3 as room 4 sees it. */
export interface SessionHandler {
  /** The handshake is done. */
  onSessionOpen(session: SessionPort): void;
  /** A message arrived. */
  onSessionMessage(session: SessionPort, data: EngineData): void;
  /** The session is over; called once, and nothing follows. */
  onSessionClose(session: SessionPort, reason: CloseReason, cause?: Error): void;
}
