/** What `require("hawser-client")` gives: `io`, with everything else as its properties. */

import { io } from "./io.ts";
import { PollingTransport } from "./transports/polling.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import { WebTransportTransport } from "./transports/webtransport.ts";

export { io as default } from "./io.ts";

Object.assign(io, {
  Fetch: PollingTransport,
  NodeXHR: PollingTransport,
  XHR: PollingTransport,
  NodeWebSocket: WebSocketTransport,
  WebSocket: WebSocketTransport,
  WebTransport: WebTransportTransport,
});
