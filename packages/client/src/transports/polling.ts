import {
  CLOSE,
  decodeEnginePayload,
  encodeEnginePayload,
  type CloseReason,
  type EnginePacket,
  type Transport,
  type TransportHandler,
} from "@hawser/core";
import { debugFor } from "../debug.ts";
import type { HttpResponse } from "../runtime/runtime.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportContext } from "./transport-context.ts";

/** `pausing` until no request is in flight, then `paused`. `closing` until the server has been told. */
type PollingState = "opening" | "open" | "pausing" | "paused" | "closing" | "closed";

const STATUS_OK = 200;

const debug = debugFor("polling", "engine.io-client:polling", "engine.io-client:transport");

function nothing(): void {}

/**
 * HTTP long-polling: one GET waits for what the server has to say, and one POST at a time carries what the client has to
 * (`docs/protocol.md`, "Polling").
 */
export class PollingTransport implements Transport {
  handler!: TransportHandler;
  private readonly $context: TransportContext;
  private $state: PollingState = "opening";
  /** Aborts the GET that is in flight, if there is one. */
  private $abortGet: (() => void) | undefined;
  /** Aborts the POST that is in flight, if there is one. */
  private $abortPost: (() => void) | undefined;
  private $onPaused: () => void = nothing;

  constructor(context: TransportContext) {
    this.$context = context;
    this.$poll();
  }

  get name(): string {
    return "polling";
  }

  get writable(): boolean {
    return this.$state === "open" && !this.$abortPost;
  }

  send(packets: EnginePacket[]): void {
    // There is nothing to abort yet, but from now on a POST is under way: a Blob takes time to encode.
    this.$abortPost = nothing;
    encodeEnginePayload(packets, (payload) => {
      if (this.$state !== "closed") {
        debug("sends %o", payload);
        this.$abortPost = this.$request(payload, "xhr post error", () => {
          this.$abortPost = undefined;
          this.$onWritten(packets);
        });
      }
    });
  }

  close(): void {
    if (this.$state !== "closing" && this.$state !== "closed") {
      this.$state = "closing";
      if (!this.$abortPost) {
        this.send([CLOSE]);
      }
    }
  }

  abort(): void {
    this.$state = "closed";
    this.$abortGet?.();
    this.$abortPost?.();
  }

  pause(paused: () => void): void {
    this.$state = "pausing";
    this.$onPaused = paused;
    this.$settle();
  }

  resume(): void {
    if (this.$state === "pausing" || this.$state === "paused") {
      this.$state = "open";
      if (!this.$abortGet) {
        this.$poll();
      }
    }
  }

  private $poll(): void {
    debug("asks for packets");
    this.$abortGet = this.$request(undefined, "xhr poll error", (payload) => {
      this.$abortGet = undefined;
      this.$onPayload(payload);
    });
  }

  private $request(body: string | undefined, failure: string, done: (text: string) => void): () => void {
    const { name, $context: context } = this;
    const { clock } = context;
    const options = context.options(name);
    const settle = (response: HttpResponse): void => {
      clock.clearTimer(timer);
      if (response.status === STATUS_OK) {
        done(response.responseText);
      } else {
        this.$end("transport error", new TransportError(failure, response.status, response, response.error));
      }
    };
    const abort = context.network.request(context.url("http", name), options, body, settle);
    const timer =
      options.requestTimeout && clock.setTimer(() => settle({ status: 0, responseText: "" }), options.requestTimeout);
    return () => {
      clock.clearTimer(timer);
      abort();
    };
  }

  private $onPayload(payload: string): void {
    debug("received %o", payload);
    const violation = decodeEnginePayload(payload, this.$context.binaryType, (packet) => {
      if (this.$state === "opening") {
        this.$state = "open";
        this.handler.onTransportOpen(this);
      }
      if (packet.type === "close") {
        const details = "transport closed by the server";
        this.$end("transport close", new TransportError(details, details));
      } else {
        this.handler.onTransportPacket(this, packet);
      }
      return this.$state !== "closed";
    });
    if (violation) {
      this.$end("transport error", violation);
    } else if (this.$state === "open") {
      this.$poll();
    } else {
      this.$settle();
    }
  }

  private $onWritten(packets: readonly EnginePacket[]): void {
    if (this.$state === "open") {
      this.handler.onTransportWritable(this);
    } else if (this.$state !== "closing") {
      this.$settle();
    } else if (packets[0] === CLOSE) {
      this.$end("transport close");
    } else {
      this.send([CLOSE]);
    }
  }

  private $settle(): void {
    if (this.$state === "pausing" && !this.$abortGet && !this.$abortPost) {
      debug("paused");
      this.$state = "paused";
      this.$onPaused();
    }
  }

  private $end(reason: CloseReason, cause?: Error): void {
    if (this.$state !== "closed") {
      debug("closed: %s (%s)", reason, cause?.message ?? "no error");
      this.abort();
      this.handler.onTransportClose(this, reason, cause);
    }
  }
}
