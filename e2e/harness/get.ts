import { get as httpGet, type IncomingHttpHeaders } from "node:http";
import { get as httpsGet, type RequestOptions } from "node:https";
import { buffer } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: string;
}

/** Asks for a URL and gives what came, as it came: nothing is followed, cached or decompressed. */
export function get(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? httpsGet : httpGet)(url, { agent: false, ...options }, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode!, headers: response.headers, bytes, body: bytes.toString() }),
        reject,
      );
    });
    request.on("error", reject);
  });
}
