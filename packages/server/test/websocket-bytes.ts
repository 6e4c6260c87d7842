/** What a WebSocket client writes, byte by byte, for connections that no library would make. */

export interface UpgradeRequest {
  /** Default: `/socket.io/?EIO=4&transport=websocket`. */
  url?: string;
  /** Replaces or adds headers; `undefined` leaves one out. */
  headers?: Record<string, string | undefined>;
}

/** An upgrade request as it stands on the wire. */
export function upgradeRequest({
  url = "/socket.io/?EIO=4&transport=websocket",
  headers,
}: UpgradeRequest = {}): string {
  const all: Record<string, string | undefined> = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `GET ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** The types of frames (RFC 6455 §5.2). */
export const OPCODES = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameOptions {
  /** Default: text. */
  opcode?: number;
  /** Whether it ends its message. Default: true. */
  final?: boolean;
  /** Whether it is masked, as a client's frames must be. Default: true. */
  masked?: boolean;
}

/** One frame; the mask is all zeros, so that the payload can be read. */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODES.text, final = true, masked = true } = options;
  const data = Buffer.from(payload);
  const header = [(final ? 0x80 : 0) | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (data.length < 126) {
    header.push(maskBit | data.length);
  } else if (data.length < 65_536) {
    header.push(maskBit | 126, data.length >> 8, data.length & 0xff);
  } else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(data.length));
    header.push(maskBit | 127, ...length);
  }
  return Buffer.concat([Buffer.from(header), Buffer.alloc(masked ? 4 : 0), data]);
}

/** Frames in one piece, so that one write, and usually one read, holds them all. */
export function frames(...payloads: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    payloads.map((payload) => frame(payload, typeof payload === "string" ? {} : { opcode: OPCODES.binary })),
  );
}
