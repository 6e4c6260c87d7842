/** The two revisions of the engine's protocol, written by hand. */

import { decodePayload, encodePayload } from "@hawser/testing";

export interface Wire {
  readonly revision: 3 | 4;
  /** The body of a POST. */
  payload(...frames: readonly (string | Buffer)[]): string;
  /** The packets in the body of an answer, which holds no bytes. */
  split(payload: string): string[];
  /** The bytes of a message, as a frame of a WebSocket. */
  frame(bytes: Buffer): Buffer;
  /** The body of a POST of `application/octet-stream`. */
  octets(text: string): Buffer;
  /** What the server answers to CONNECT, for a namespace in the form that packets have. */
  connected(namespace: string): RegExp;
}

/** Revision 4 has no payloads of bytes: what is sent means nothing. */
const wire4: Wire = {
  revision: 4,
  payload: (...frames) => encodePayload(frames),
  split: (payload) => decodePayload(payload) as string[],
  frame: (bytes) => bytes,
  octets: (text) => Buffer.from(text),
  connected: (namespace) => new RegExp(`^40${namespace}\\{`),
};

const wire3: Wire = {
  revision: 3,
  payload: (...frames) =>
    frames
      .map((frame) => (typeof frame === "string" ? frame : `b4${frame.toString("base64")}`))
      .map((text) => `${text.length}:${text}`)
      .join(""),
  split(payload) {
    const packets: string[] = [];
    for (let rest = payload; rest !== "";) {
      const colon = rest.indexOf(":");
      if (colon === -1) throw new Error(`not a payload: ${payload}`);
      const end = colon + 1 + Number(rest.slice(0, colon));
      packets.push(rest.slice(colon + 1, end));
      rest = rest.slice(end);
    }
    return packets;
  },
  frame: (bytes) => Buffer.concat([Buffer.of(4), bytes]),
  octets: (text) => Buffer.concat([Buffer.of(0, ...Array.from(String(text.length), Number), 255), Buffer.from(text)]),
  connected: (namespace) => new RegExp(`^40${namespace}$`),
};

export const wires = { 3: wire3, 4: wire4 } as const;
