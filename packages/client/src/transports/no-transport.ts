import type { Transport, TransportHandler } from "@hawser/core";
import type { TransportContext } from "./transport-context.ts";

/** What a connection begins with where the application wants no transport that this client has: it fails. */
export class NoTransport implements Transport {
  handler!: TransportHandler;
  readonly writable = false;

  constructor({ clock }: TransportContext) {
    clock.defer(() => {
      this.handler.onTransportClose(this, "transport error", new Error("No transports available"));
    });
  }

  get name(): string {
    return "none";
  }

  send(): void {}

  close(): void {}

  abort(): void {}
}
