import {
  decodeEnginePacket,
  type EngineData,
  type EnginePacket,
  type Transport as TransportPort,
  type TransportHandler,
} from "@hawser/core";
import type { EngineOptions } from "../options.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportContext } from "../transports/transport-context.ts";
import { GuardedEmitter } from "../user-code.ts";

/** Why a transport was closed, where that is no error. */
export interface CloseDetails {
  description: string;
  context?: unknown;
}

/** What a {@link Transport} tells. */
export interface TransportReservedEvents {
  /** It can carry packets. */
  open: () => void;
  /** It failed, and is closed. */
  error: (error: TransportError) => void;
  /** A packet arrived. */
  packet: (packet: EnginePacket) => void;
  /** It is closed. */
  close: (details?: CloseDetails) => void;
  /** A transport that polls asks for packets. */
  poll: () => void;
  /** A transport that polls has got its answer. */
  pollComplete: () => void;
  /** It can carry packets again. */
  drain: () => void;
}

/** `pausing` and `paused` are for transports from which a connection moves on. */
export type TransportState = "opening" | "open" | "pausing" | "paused" | "closed";

/**
 * The base of transports that an application makes itself, for the option `transports`. A subclass opens and closes what carries the
 * packets, writes them, and calls `onOpen`, `onData`, `onError` and `onClose`. Its prototype has the name.
 *
 * After `write` it is to set `writable` and call `emitReserved("drain")` when it can take more.
 */
export abstract class Transport
  extends GuardedEmitter<TransportReservedEvents, TransportReservedEvents, TransportReservedEvents>
  implements TransportPort
{
  /** @internal */
  handler!: TransportHandler;
  /** Whether packets may be written now. */
  writable = false;
  /** Whether it carries binary data as it is, by the option `forceBase64`. */
  protected readonly supportsBinary: boolean;
  protected readyState: TransportState = "opening";
  private readonly $context: TransportContext;

  /** @param context - what the connection hands to each transport */
  constructor(context: TransportContext) {
    super(context.clock);
    this.$context = context;
    this.supportsBinary = !this.opts.forceBase64;
    // The subclass is not made yet.
    context.clock.defer(() => this.open());
  }

  /** As in the query parameter `transport`. */
  abstract get name(): string;

  /** Begins to open; calls `onOpen` when that is done. */
  protected abstract doOpen(): void;

  /** Closes what carries the packets. */
  protected abstract doClose(): void;

  /** Writes packets, in order. */
  protected abstract write(packets: EnginePacket[]): void;

  /** The options that concern this transport. */
  protected get opts(): EngineOptions {
    return this.$context.options(this.name);
  }

  /** The query parameters of a request made now: they hold the session id as soon as there is one. */
  get query(): Record<string, string> {
    return Object.fromEntries(new URL(this.$context.url("http", this.name)).searchParams);
  }

  /** Opens it; the connection does. */
  open(): this {
    if (this.readyState === "opening") {
      this.doOpen();
    }
    return this;
  }

  /** Closes it; the connection does. */
  close(): this {
    if (this.readyState !== "closed") {
      this.doClose();
      this.onClose();
    }
    return this;
  }

  /** @internal */
  abort(): void {
    if (this.readyState !== "closed") {
      this.readyState = "closed";
      this.doClose();
    }
  }

  /** Sends packets, if it is open; the connection does. */
  send(packets: EnginePacket[]): void {
    if (this.readyState === "open") {
      this.write(packets);
    }
  }

  /**
   * Stops reading, because the connection is about to move on.
   *
   * @param onPause - to be called when nothing is on its way any more
   */
  pause(onPause: () => void): void {
    onPause();
  }

  /** To be called when it can carry packets. */
  protected onOpen(): void {
    if (this.readyState === "opening") {
      this.readyState = "open";
      this.writable = true;
      this.emitReserved("open");
    }
  }

  /** To be called with what has arrived, which is one packet. */
  protected onData(data: EngineData): void {
    const packet = decodeEnginePacket(data, this.$context.binaryType);
    if ("code" in packet) {
      this.onError("parse error", packet);
    } else {
      this.onPacket(packet);
    }
  }

  /** To be called with a packet that has arrived. */
  protected onPacket(packet: EnginePacket): void {
    if (this.readyState !== "closed") {
      this.emitReserved("packet", packet);
    }
  }

  /** To be called when it is closed. */
  protected onClose(details?: CloseDetails): void {
    if (this.readyState !== "closed") {
      this.readyState = "closed";
      this.emitReserved("close", details);
    }
  }

  /** To be called when it has failed; it is closed then. */
  protected onError(reason: string, description: unknown, context?: unknown): this {
    if (this.readyState !== "closed") {
      this.emitReserved("error", new TransportError(reason, description, context));
    }
    return this;
  }

  /**
   * The address of the server.
   *
   * @param scheme - `http`, `ws` or the like, as it is to be
   * @param query - the parameters
   */
  protected createUri(scheme: string, query: Record<string, unknown> = {}): string {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const address = this.$context.address(this.name).replace("https", scheme);
    return `${address}?${parameters.toString()}`.replace(/\?$/, "");
  }

  protected override emitReserved<Name extends keyof TransportReservedEvents>(
    event: Name,
    ...args: Parameters<TransportReservedEvents[Name]>
  ): void {
    super.emitReserved(event, ...(args as never));
    const [subject] = args;
    switch (event) {
      case "open":
        this.handler.onTransportOpen(this);
        break;
      case "packet":
        this.handler.onTransportPacket(this, subject as EnginePacket);
        break;
      case "drain":
        this.handler.onTransportWritable(this);
        break;
      case "error":
        this.abort();
        this.handler.onTransportClose(this, "transport error", subject as TransportError);
        break;
      case "close":
        this.handler.onTransportClose(this, "transport close", errorOf(subject as CloseDetails | undefined));
        break;
      default:
      // `poll` and `pollComplete` are nobody's business but the transport's.
    }
  }
}

function errorOf(details: CloseDetails | undefined): TransportError | undefined {
  return details && new TransportError(details.description, details.description, details.context);
}
