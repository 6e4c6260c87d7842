import type { ProtocolError } from "@hawser/parser";
import type { ViolationCode } from "../violations.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Transport } from "../ports.ts";
import type { Handshake } from "./handshake.ts";
import type { Heartbeat, HeartbeatPort } from "./heartbeat.ts";
import type { Outbox } from "./outbox.ts";
import type { Revision } from "./revision.ts";
import type { Upgrade, UpgradePort } from "./upgrade.ts";
import type { EnginePacket } from "./wire.ts";

/**
 * What a session does as a server or as a client. One object is chosen where the session is made and asked from then on,
 * so that neither end carries the other's half.
 */
export interface Role {
  /** Makes the heartbeat of a session that has opened. */
  createHeartbeat(revision: Revision, deadlines: Deadlines, port: HeartbeatPort, handshake: Handshake): Heartbeat;
  /** Begins to move a session to `candidate`. */
  beginUpgrade(deadlines: Deadlines, port: UpgradePort, candidate: Transport, timeout: number): Upgrade;
  /** Takes from the outbox what `transport` is to send next. */
  takePackets(outbox: Outbox, transport: Transport, maxPayload: number): EnginePacket[];
  /** Reads the data of OPEN; a client does. */
  decodeHandshake?(data: unknown): Handshake | ProtocolError<ViolationCode>;
}
