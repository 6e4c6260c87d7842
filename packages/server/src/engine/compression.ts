/** Compression of HTTP responses, as far as the client accepts it. */

import type { Transform } from "node:stream";
import {
  createBrotliCompress,
  createDeflate,
  createGzip,
  constants,
  deflate,
  gzip,
  type InputType,
  type ZlibOptions,
} from "node:zlib";

/** An encoding of an HTTP response. */
export type Encoding = "br" | "gzip" | "deflate";

/** Whether, and from which size, responses are compressed; further members are options of `zlib`. */
export interface HttpCompressionOptions extends ZlibOptions {
  /** Bytes below which a response is sent as it is. Default: 1,024. */
  threshold?: number;
}

/**
 * The first of `offered` that the client accepts.
 *
 * @param accepted - the request's `Accept-Encoding`
 * @param offered - encodings, the best first
 */
export function chooseEncoding(accepted: string | undefined, offered: readonly Encoding[]): Encoding | undefined {
  const refusals = /;\s*q=0(\.0*)?$/;
  const names = (accepted ?? "")
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !refusals.test(part))
    .map((part) => part.split(";")[0]);
  return offered.find((encoding) => names.includes(encoding));
}

/** The best that Brotli can do takes 40 times as long as gzip, for each request of anybody; this is as fast, and still smaller. */
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };

/** A stream that compresses what passes through it. */
export function compressor(encoding: Encoding): Transform {
  switch (encoding) {
    case "br":
      return createBrotliCompress(BROTLI_OPTIONS);
    case "gzip":
      return createGzip();
    case "deflate":
      return createDeflate();
  }
}

/**
 * Compresses a payload.
 *
 * @param done - receives the result; or undefined if it failed, which leaves the payload to be sent as it is
 */
export function compressPayload(
  payload: InputType,
  encoding: "gzip" | "deflate",
  options: ZlibOptions,
  done: (compressed: Buffer | undefined) => void,
): void {
  const compress = encoding === "gzip" ? gzip : deflate;
  compress(payload, options, (error, compressed) => done(error ? undefined : compressed));
}
