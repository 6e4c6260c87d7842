import { StreamTransport } from "@hawser/core";
import type { WebTransportLike } from "../runtime/runtime.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportContext } from "./transport-context.ts";

/** One stream of a WebTransport session. */
export class WebTransportTransport extends StreamTransport {
  private $session: WebTransportLike | undefined;

  constructor(context: TransportContext) {
    const { binaryType, clock, network, sid } = context;
    super({
      maxPayload: Infinity,
      binaryType,
      garbageReason: "transport error",
      wrap: (error) => new TransportError("webtransport error", error),
      defer: (callback) => clock.defer(callback),
    });
    try {
      const session = network.openWebTransport(context.address(this.name), context.options(this.name));
      this.$session = session;
      this.$watch(session.closed);
      session.ready
        .then(() => session.createBidirectionalStream())
        .then((stream) => {
          this.$carry(stream);
          this.send([{ type: "open", data: sid && JSON.stringify({ sid }) }]);
        }, this.$fail);
    } catch (error) {
      // The platform has no WebTransport, for one.
      clock.defer(() => this.$end("transport error", error as Error));
    }
  }

  protected override $closeSession(): void {
    this.$session?.close();
  }

  protected override $onFinished(): void {
    this.$closeSession();
  }

  /** Not every server notices the end of a session, but all notice that of a stream. */
  protected override $onPeerFinished(): void {
    this.close();
    this.$report("transport close");
  }
}
