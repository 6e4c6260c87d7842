/** Requests as rows write them. */

/** The address of a polling handshake. */
export const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";

/** A request for a WebSocket, byte by byte. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "\r\n",
  ].join("\r\n");
}

/** A request that begins a session on a WebSocket. */
export const WEBSOCKET_HANDSHAKE: string = upgradeRequest("/socket.io/?EIO=4&transport=websocket");
