import {
  decodeEnginePacket,
  encodeEnginePacket,
  type CloseReason,
  type EngineData,
  type EnginePacket,
  type EnginePacketOptions,
  type Transport,
  type TransportHandler,
} from "@hawser/core";
import { debugFor } from "../debug.ts";
import type { WebSocketLike } from "../runtime/runtime.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportContext } from "./transport-context.ts";

const debug = debugFor("websocket", "engine.io-client:websocket", "engine.io-client:transport");

type WebSocketState = "opening" | "open" | "closed";

/** A WebSocket: one packet in each message (`docs/protocol.md`, "WebSocket"). */
export class WebSocketTransport implements Transport {
  handler!: TransportHandler;
  private $state: WebSocketState = "opening";
  private readonly $binary: boolean;
  private $socket: WebSocketLike | undefined;
  /** Those of the packet that is being encoded, which takes no time where binary data needs no base64. */
  private $options: EnginePacketOptions | undefined;
  private readonly $write = (encoded: EngineData): void => this.$socket?.send(encoded, this.$options);

  constructor(context: TransportContext) {
    const { clock, network } = context;
    const options = context.options(this.name);
    this.$binary = !options.forceBase64;
    try {
      const socket = network.openWebSocket(context.url("ws", this.name), options);
      this.$socket = socket;
      socket.binaryType = context.binaryType;
      // The listeners stay for good: a WebSocket that is closed while it opens has an error to report.
      socket.onopen = () => {
        if (this.$state === "opening") {
          debug("open");
          this.$state = "open";
          this.handler.onTransportOpen(this);
        }
      };
      socket.onmessage = ({ data }) => {
        debug("received %o", data);
        const packet = decodeEnginePacket(data, context.binaryType);
        if ("code" in packet) {
          this.$end("transport error", packet);
        } else if (this.$state === "open") {
          this.handler.onTransportPacket(this, packet);
        }
      };
      socket.onclose = (event) => {
        const details = "websocket connection closed";
        this.$end("transport close", new TransportError(details, details, event));
      };
      socket.onerror = (event) => this.$fail(event, event.error);
    } catch (error) {
      // A page of `https:` may not open `ws:`, for one.
      clock.defer(() => this.$fail(error, error));
    }
  }

  get name(): string {
    return "websocket";
  }

  get writable(): boolean {
    return this.$state === "open";
  }

  send(packets: EnginePacket[]): void {
    for (const packet of packets) {
      debug("sends %s %o", packet.type, packet.data);
      this.$options = packet.options;
      encodeEnginePacket(packet, this.$binary, this.$write);
    }
  }

  close(): void {
    this.$socket?.close();
  }

  abort(): void {
    this.$state = "closed";
    if (this.$socket?.terminate) {
      this.$socket.terminate();
    } else {
      this.$socket?.close();
    }
  }

  private $fail(description: unknown, cause: unknown): void {
    this.$end("transport error", new TransportError("websocket error", description, undefined, cause));
  }

  private $end(reason: CloseReason, cause: Error): void {
    if (this.$state !== "closed") {
      debug("closed: %s (%s)", reason, cause.message);
      this.abort();
      this.handler.onTransportClose(this, reason, cause);
    }
  }
}
