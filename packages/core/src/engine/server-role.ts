import { violation } from "../errors.ts";
import { AnsweringHeartbeat } from "./answering-heartbeat.ts";
import { PingingHeartbeat } from "./pinging-heartbeat.ts";
import type { Role } from "./role.ts";
import { ServerUpgrade } from "./server-upgrade.ts";

/** The heartbeat of a server whose clients ping: a pong from one of them is a violation. */
class ServerAnsweringHeartbeat extends AnsweringHeartbeat {
  override receive(type: "ping" | "pong"): boolean {
    if (type === "pong") {
      this.$port.abort("transport error", violation("ERR_HEARTBEAT_DIRECTION"));
      return false;
    }
    return super.receive(type);
  }
}

/** The server's end of a session: it answers the client's wish to upgrade. */
export const SERVER_ROLE: Role = {
  createHeartbeat: ({ pinger }, deadlines, port, { pingInterval, pingTimeout }) =>
    pinger === "server"
      ? new PingingHeartbeat(deadlines, port, pingInterval, pingTimeout)
      : new ServerAnsweringHeartbeat(deadlines, port, pingInterval + pingTimeout),
  beginUpgrade: (deadlines, port, candidate, timeout) => new ServerUpgrade(deadlines, port, candidate, timeout),
  // A client reads what a server answers as a stream: there is no limit to mind.
  takePackets: (outbox) => outbox.takeAll(),
};
