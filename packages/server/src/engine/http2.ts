/** What is different where requests come over HTTP/2: each is a stream, and many of them share a connection. */

import type { ServerResponse } from "node:http";
import type { Http2ServerResponse, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Server as NetServer } from "node:net";

function streamOf(response: ServerResponse | Http2ServerResponse): ServerHttp2Stream | undefined {
  return "stream" in response ? response.stream : undefined;
}

/** Whether the client has broken off the request that `response` belongs to. */
export function isBrokenOff(response: ServerResponse): boolean {
  return streamOf(response)?.destroyed ?? response.destroyed;
}

/** Takes nothing more of the request once `response` has left; to be called before its head is written. */
export function closeAfterwards(response: ServerResponse): void {
  const stream = streamOf(response);
  if (stream) {
    stream.once("finish", () => stream.close());
  } else {
    response.setHeader("Connection", "close");
  }
}

/** The connections of an HTTP/2 server: its `close()` waits for them all, but does not ask any of them to end. */
export class Http2Sessions {
  readonly #open = new Set<ServerHttp2Session>();

  /** @param server - any server; those that do not speak HTTP/2 have no such connections */
  constructor(server: NetServer) {
    server.on("session", (session: ServerHttp2Session) => {
      this.#open.add(session);
      session.once("close", () => this.#open.delete(session));
      if (!server.listening) {
        session.close();
      }
    });
  }

  /** Lets each end as soon as the requests on it are answered. */
  close(): void {
    for (const session of this.#open) {
      session.close();
    }
  }
}
