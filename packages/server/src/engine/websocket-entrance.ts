import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Turn } from "@hawser/core";
import type { ResolvedEngineOptions } from "./options.ts";
import { queryOf, type EngineRequest } from "./request.ts";
import type { ResponseHeaders } from "./response-headers.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import { revisionOf } from "./verify.ts";
import type { WebSocketEngine } from "./ws-door.ts";

function ignoreError(): void {
  // A connection that breaks while its request is looked at is noticed when it is answered.
}

/** An upgrade request arrived, and nothing is decided yet. */
export function holdUpgrade(socket: Duplex): void {
  socket.on("error", ignoreError);
}

/** Where WebSockets come in: the 101, the headers that go with it, and the transport that comes of it. */
export class WebSocketEntrance {
  /** The largest frame, in bytes, that the WebSockets which come in here take. */
  readonly maxPayload: number;
  readonly #ws: WebSocketEngine;
  readonly #turn: Turn;
  /** What middlewares want to go with the 101. */
  readonly #moreHeaders = new WeakMap<IncomingMessage, readonly string[]>();

  constructor(options: ResolvedEngineOptions, turn: Turn, headers: ResponseHeaders) {
    const { wsEngine: WebSocketEngineClass, maxHttpBufferSize, perMessageDeflate } = options;
    this.maxPayload = maxHttpBufferSize;
    this.#turn = turn;
    this.#ws = new WebSocketEngineClass({
      noServer: true,
      clientTracking: false,
      maxPayload: maxHttpBufferSize,
      perMessageDeflate,
    });
    this.#ws.on?.("headers", (lines, request) => {
      lines.push(...(this.#moreHeaders.get(request) ?? []));
      const added: Record<string, string | number> = {};
      headers.decorate(added, request);
      for (const [name, value] of Object.entries(added)) {
        lines.push(`${name}: ${value}`);
      }
    });
  }

  /**
   * Answers an upgrade request with 101.
   *
   * @param moreHeaders - what middlewares want to go with it, as lines
   * @param accepted - told the transport that comes of it; not called for a request that is no proper WebSocket's
   */
  accept(
    request: EngineRequest,
    socket: Duplex,
    head: Buffer,
    moreHeaders: readonly string[],
    accepted: (transport: WebSocketTransport) => void,
  ): void {
    if (moreHeaders.length > 0) {
      this.#moreHeaders.set(request, moreHeaders);
    }
    // Held back so that the 101 and what follows in this turn leave in one write.
    socket.cork();
    this.#ws.handleUpgrade(request, socket, head, (webSocket) => {
      socket.removeListener("error", ignoreError);
      accepted(new WebSocketTransport(webSocket, socket, revisionOf(request), !queryOf(request)["b64"]));
    });
    this.#turn.awaitFlush({ flush: () => socket.uncork() });
  }

  close(): void {
    this.#ws.close();
  }
}
