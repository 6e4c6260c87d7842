import type { Socket } from "node:net";

/**
 * Breaks a connection off with a RST. One whose own end is on its way is destroyed instead: Node answers a reset at that
 * moment with an error and never closes the socket.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
