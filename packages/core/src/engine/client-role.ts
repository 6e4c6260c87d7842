import { AnsweringHeartbeat } from "./answering-heartbeat.ts";
import { ClientUpgrade } from "./client-upgrade.ts";
import { decodeHandshake } from "./handshake.ts";
import { fittingPackets } from "./payload-size.ts";
import type { Role } from "./role.ts";

/** The client's end of a session: it reads the handshake, and minds how large a payload the server takes. */
export const CLIENT_ROLE: Role = {
  createHeartbeat: (_revision, deadlines, port, { pingInterval, pingTimeout }) =>
    new AnsweringHeartbeat(deadlines, port, pingInterval + pingTimeout),
  beginUpgrade: (deadlines, port, candidate, timeout) => new ClientUpgrade(deadlines, port, candidate, timeout),
  takePackets: (outbox, transport, maxPayload) =>
    transport.name === "polling" ? outbox.take(fittingPackets(outbox.packets, maxPayload)) : outbox.takeAll(),
  decodeHandshake,
};
