import type { Duplex } from "node:stream";
import { DEAF, type CloseReason, type EnginePacket, type TransportHandler } from "@hawser/core";
import { debugFor } from "../../debug.ts";
import type { EngineTransport } from "./engine-transport.ts";
import type { EngineRevision } from "../revisions.ts";
import { TransportError } from "../transport-error.ts";
import { binaryFrame, takesFrames, textFrame, type RawData, type WebSocket } from "../ws-door.ts";

const debug = debugFor("engine:ws", "engine:ws", "engine:transport");

/** Leads from a `ws` object or its connection to the transport, without a closure for each. */
const kTransport = Symbol("transport");

/** For `ws`, whose default is to compress if the client takes that. */
const UNCOMPRESSED = { compress: false };

interface Held {
  [kTransport]: WebSocketTransport;
}

/** The frame of a packet for a client that takes binary frames; the recipients of a broadcast share it where they can. */
function frameOf(packet: EnginePacket, revision: EngineRevision): Buffer {
  if (!revision.bareBinaryFrames && typeof packet.data === "object") {
    return binaryFrame(revision.encodePacket(packet, true) as Buffer);
  }
  if (packet.prepared) {
    return packet.prepared as Buffer;
  }
  const data = revision.encodePacket(packet, true);
  const frame = typeof data === "string" ? textFrame(data) : binaryFrame(data as ArrayBuffer);
  if (packet.prepared === null) {
    packet.prepared = frame;
  }
  return frame;
}

/** One WebSocket connection that carries a session, one packet a frame (`docs/protocol.md`, "WebSocket"). */
export class WebSocketTransport implements EngineTransport {
  readonly name = "websocket";
  declare sid: string;
  /** A session that has ended by the time the WebSocket is there does not take it. */
  handler: TransportHandler = DEAF;
  readonly socket: WebSocket;
  /** Whether the client takes binary frames; if not, binary data becomes base64 text. */
  readonly supportsBinary: boolean;
  readonly #revision: EngineRevision;
  /** The connection itself, if frames may be written to it directly. */
  readonly #connection: Duplex | undefined;
  #state: "open" | "closing" | "closed" = "open";
  #backedUp = false;

  /**
   * @param socket - as `ws` made it
   * @param connection - what `socket` reads from and writes to
   * @param revision - how packets are written
   * @param supportsBinary - whether the client takes binary frames
   */
  constructor(socket: WebSocket, connection: Duplex, revision: EngineRevision, supportsBinary: boolean) {
    this.socket = socket;
    this.#revision = revision;
    this.supportsBinary = supportsBinary;
    if (supportsBinary && takesFrames(socket)) {
      this.#connection = connection;
      (connection as Duplex & Held)[kTransport] = this;
    }
    (socket as WebSocket & Held)[kTransport] = this;
    socket.on("message", onMessage);
    socket.on("close", onClose);
    socket.on("error", onError);
  }

  get protocol(): number {
    return this.#revision.protocol;
  }

  get readyState(): "open" | "closing" | "closed" {
    return this.#state;
  }

  get writable(): boolean {
    return this.#state === "open" && !this.#backedUp;
  }

  get bufferedAmount(): number {
    return this.#connection ? this.#connection.writableLength : this.socket.bufferedAmount;
  }

  send(packets: EnginePacket[]): void {
    if (debug.enabled) {
      packets.forEach(({ type, data }) => debug("sends %s %o", type, data));
    }
    if (!this.#connection) {
      this.#sendThroughSocket(packets);
    } else if (packets.length === 1) {
      this.#write(frameOf(packets[0] as EnginePacket, this.#revision));
    } else {
      this.#connection.cork();
      for (const packet of packets) {
        this.#write(frameOf(packet, this.#revision));
      }
      this.#connection.uncork();
    }
  }

  close(): void {
    if (this.#state === "open") {
      this.#state = "closing";
      this.socket.close();
    }
  }

  abort(): void {
    this.#state = "closed";
    // The peer is told by a close frame; `ws` cuts the connection if it does not answer.
    this.socket.close();
  }

  #write(frame: Buffer): void {
    const connection = this.#connection as Duplex;
    if (connection.writable && !connection.write(frame) && !this.#backedUp) {
      this.#backedUp = true;
      connection.once("drain", onDrain);
    }
  }

  /** For sockets with an extension, clients without binary frames, and engines other than `ws`. */
  #sendThroughSocket(packets: EnginePacket[]): void {
    this.#backedUp = true;
    const last = packets.length - 1;
    packets.forEach((packet, index) => {
      const data = this.#revision.encodePacket(packet, this.supportsBinary) as string;
      const sent = (error?: Error | null): void => this.#onSent(index === last, error);
      if (this.socket.extensions && packet.options?.compress === false) {
        this.socket.send(data, UNCOMPRESSED, sent);
      } else {
        // Not every engine knows options in between.
        this.socket.send(data, sent);
      }
    });
  }

  #onSent(isLast: boolean, error: Error | null | undefined): void {
    if (error) {
      this.closed("transport error", new TransportError("write error", error));
    } else if (isLast) {
      this.drained();
    }
  }

  /** @internal */
  receive(data: RawData, isBinary: boolean): void {
    const frame = isBinary ? (data as Buffer) : (data as Buffer).toString();
    if (debug.enabled) {
      debug("received %o", frame);
    }
    const packet = this.#revision.decodePacket(frame);
    if ("code" in packet) {
      this.closed("parse error", packet);
      this.socket.close();
    } else {
      this.handler.onTransportPacket(this, packet);
    }
  }

  /** @internal */
  drained(): void {
    this.#backedUp = false;
    if (this.#state === "open") {
      this.handler.onTransportWritable(this);
    }
  }

  /** @internal */
  closed(reason: CloseReason, cause?: Error): void {
    if (this.#state !== "closed") {
      debug("closed: %s (%s)", reason, cause?.message ?? "no error");
      this.#state = "closed";
      this.handler.onTransportClose(this, reason, cause);
    }
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as WebSocket & Held)[kTransport].receive(data, isBinary);
}

function onClose(this: WebSocket): void {
  (this as WebSocket & Held)[kTransport].closed("transport close");
}

function onError(this: WebSocket, error: Error): void {
  (this as WebSocket & Held)[kTransport].closed("transport error", new TransportError(String(error), error));
}

function onDrain(this: Duplex): void {
  (this as Duplex & Held)[kTransport].drained();
}
