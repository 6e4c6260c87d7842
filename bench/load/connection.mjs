import { randomBytes } from "node:crypto";
import net from "node:net";
import { clientFrame, FrameReader } from "./frames.mjs";

const CONNECT = clientFrame("40");
const PONG = clientFrame("3");
const [OPEN, PING, MESSAGE] = Buffer.from("024");
const [CONNECTED] = Buffer.from("0");
const END_OF_HEADERS = "\r\n\r\n";

/** One buffer for all reads of all connections: what was read is dealt with before the next read. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

/** A client's WebSocket connection to the main namespace. Losing it is fatal for the process. */
export class Connection {
  /** Told of each text but those of the handshake and the heartbeat. @type {(bytes: Buffer, start: number, end: number) => void} */
  onText = unexpected;
  #reader = new FrameReader((bytes, start, end) => this.#receiveText(bytes, start, end));
  /** The response to the upgrade as far as it came; undefined once it is complete. @type {string | undefined} */
  #response = "";
  /** @type {net.Socket} */
  #socket;
  /** @type {() => void} */
  #onOpen;

  /**
   * @param {number} port
   * @returns {Promise<Connection>} when the server has answered the CONNECT packet
   */
  static open(port) {
    return new Promise((resolve) => {
      const connection = new Connection(port, () => resolve(connection));
    });
  }

  /**
   * @param {number} port
   * @param {() => void} onOpen
   */
  constructor(port, onOpen) {
    this.#onOpen = onOpen;
    this.#socket = net.connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#receive(length) },
    });
    this.#socket.on("close", () => {
      throw new Error("the server closed a connection");
    });
    this.#socket.write(upgradeRequest(port));
  }

  /** @param {Buffer} frame */
  send(frame) {
    this.#socket.write(frame);
  }

  /**
   * @param {number} length
   * @returns {true} go on reading
   */
  #receive(length) {
    if (this.#response === undefined) this.#reader.receive(readBuffer, 0, length);
    else this.#receiveResponse(length);
    return true;
  }

  /** @param {number} length */
  #receiveResponse(length) {
    const before = this.#response?.length ?? 0;
    const response = this.#response + readBuffer.toString("latin1", 0, length);
    const headersEnd = response.indexOf(END_OF_HEADERS);
    this.#response = response;
    if (headersEnd === -1) return;
    if (!response.startsWith("HTTP/1.1 101 ")) throw new Error(`no upgrade: ${response}`);
    this.#response = undefined;
    this.#reader.receive(readBuffer, headersEnd + END_OF_HEADERS.length - before, length);
  }

  /**
   * @param {Buffer} bytes
   * @param {number} start
   * @param {number} end
   */
  #receiveText(bytes, start, end) {
    if (bytes[start] === PING && end - start === 1) {
      this.send(PONG);
    } else if (bytes[start] === OPEN) {
      this.send(CONNECT);
    } else if (bytes[start] === MESSAGE && bytes[start + 1] === CONNECTED) {
      this.#onOpen();
    } else {
      this.onText(bytes, start, end);
    }
  }
}

/** @param {number} port */
function upgradeRequest(port) {
  return [
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "",
    "",
  ].join("\r\n");
}

/**
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @returns {never}
 */
export function unexpected(bytes, start, end) {
  throw new Error(`unexpected packet: ${bytes.toString("utf8", start, end)}`);
}
