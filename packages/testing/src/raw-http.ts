import { request as httpRequest, type Agent, type IncomingHttpHeaders } from "node:http";

/** An HTTP answer, whole and uninterpreted. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  /** The bytes as UTF-8. */
  readonly body: string;
}

export interface RawRequestOptions {
  /** Default: `"GET"`. */
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Breaks the request off: the connection is destroyed. */
  signal?: AbortSignal;
  /** Milliseconds until the answer must be complete. Default: no limit. */
  timeout?: number;
  agent?: Agent;
}

/**
 * Sends one HTTP request as it is given. Any status is an answer.
 *
 * @throws Error if the connection fails, breaks, or the answer is not complete in time
 */
export function rawRequest(url: URL | string, options: RawRequestOptions = {}): Promise<RawResponse> {
  const { method = "GET", headers = {}, body, signal, timeout = Infinity, agent } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, ...(agent && { agent }), ...(signal && { signal }) });
    const timer =
      timeout < Infinity
        ? setTimeout(
            () => request.destroy(new Error(`${method} ${String(url)} was not answered within ${timeout} ms`)),
            timeout,
          )
        : undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on("error", fail);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        const bytes = Buffer.concat(chunks);
        const { statusCode = 0, headers: responseHeaders, rawHeaders } = response;
        resolve({ status: statusCode, headers: responseHeaders, rawHeaders, bytes, body: bytes.toString() });
      });
    });
    request.end(body);
  });
}
