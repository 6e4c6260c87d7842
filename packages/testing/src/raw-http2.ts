import type { IncomingHttpHeaders } from "node:http";
import { connect, type ClientHttp2Session, type SecureClientSessionOptions } from "node:http2";
import type { RawRequestOptions, RawResponse } from "./raw-http.ts";

export interface RawHttp2Request extends Omit<RawRequestOptions, "agent"> {
  /** Whether the body goes on after `body`, and never ends. Default: false. */
  unfinished?: boolean;
}

/** One HTTP/2 connection, over TLS or in clear, on which requests are sent as they are given. */
export class RawHttp2 {
  /** Settles when the connection is closed, by whichever end. */
  readonly closed: Promise<void>;
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    this.closed = new Promise((resolve) => session.on("close", resolve));
  }

  /**
   * Opens a connection.
   *
   * @param origin - of the server; the scheme decides about TLS
   * @param options - of TLS
   * @throws Error if the connection fails, or the server does not speak HTTP/2
   */
  static open(origin: string, options: SecureClientSessionOptions = {}): Promise<RawHttp2> {
    return new Promise((resolve, reject) => {
      const session = connect(origin, options);
      session.on("error", reject);
      session.once("remoteSettings", () => resolve(new RawHttp2(session)));
    });
  }

  /**
   * Sends one request. Any status is an answer.
   *
   * @param path - with the query
   * @throws Error if the stream breaks, or is not over in time
   */
  request(path: string, options: RawHttp2Request = {}): Promise<RawResponse> {
    const { method = "GET", headers = {}, body, signal, timeout = Infinity, unfinished = false } = options;
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(
        { ":method": method, ":path": path, ...headers },
        { endStream: body === undefined && !unfinished, ...(signal && { signal }) },
      );
      const late = (): unknown => stream.destroy(new Error(`${method} ${path} was not over within ${timeout} ms`));
      const timer = timeout < Infinity ? setTimeout(late, timeout) : undefined;
      let status = 0;
      let answered: IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      stream.on("response", ({ ":status": code = 0, ...others }) => {
        status = code;
        answered = { ...(others as IncomingHttpHeaders) };
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("close", () => {
        clearTimeout(timer);
        const bytes = Buffer.concat(chunks);
        const rawHeaders = Object.entries(answered).flatMap(([name, value]) => [name, String(value)]);
        resolve({ status, headers: answered, rawHeaders, bytes, body: bytes.toString() });
      });
      if (unfinished) {
        stream.write(body ?? "");
      } else if (body !== undefined) {
        stream.end(body);
      }
    });
  }

  /** Ends the connection in order, once the requests that are under way are answered. */
  end(): void {
    this.#session.close();
  }

  /** Destroys the connection, with whatever is under way on it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.destroy();
    await this.closed;
  }
}
