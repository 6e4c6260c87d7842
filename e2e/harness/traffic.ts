/** How many bytes go over the wire. */

import type { Socket } from "node:net";
import type { Server } from "socket.io";
import type { Listenable } from "./waiting.ts";

export interface Traffic {
  /** How many bytes the server has written since the last time. */
  written(): number;
  /** How many bytes the server has read since the last time. */
  read(): number;
}

/** Counts on all connections of a server that begin from now on. */
export function trafficOf(io: Server): Traffic {
  const connections: Socket[] = [];
  (io.httpServer as Listenable).on("connection", (connection: Socket) => connections.push(connection));
  const counter = (direction: "bytesWritten" | "bytesRead"): (() => number) => {
    let counted = 0;
    return () => {
      const before = counted;
      counted = connections.reduce((sum, connection) => sum + connection[direction], 0);
      return counted - before;
    };
  };
  return { written: counter("bytesWritten"), read: counter("bytesRead") };
}
