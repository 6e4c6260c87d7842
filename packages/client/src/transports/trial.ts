import {
  Deadline,
  type CloseReason,
  type Deadlines,
  type EnginePacket,
  type Session,
  type Transport,
  type TransportHandler,
} from "@hawser/core";

/**
 * Tries one transport after the other, until the server answers on one of them: that one carries the session. Nobody is told of
 * those that fail, or do not answer in time, unless it is the last one.
 */
export class Trial extends Deadline implements TransportHandler {
  private readonly $deadlines: Deadlines;
  private readonly $session: Session;
  private readonly $next: (failed: Transport) => Transport | undefined;
  private readonly $patience: number;

  /**
   * @param session - on the first transport, which is opening
   * @param next - makes the next transport, if one is left
   * @param patience - milliseconds to wait for the server on each of them
   */
  constructor(
    deadlines: Deadlines,
    session: Session,
    next: (failed: Transport) => Transport | undefined,
    patience: number,
  ) {
    super();
    this.$deadlines = deadlines;
    this.$session = session;
    this.$next = next;
    this.$patience = patience;
    this.$begin(session.transport);
  }

  /** It is decided, or nobody wants to know any more. */
  stop(): void {
    this.$deadlines.stop(this);
  }

  onTransportOpen(): void {
    // The server may still not answer.
  }

  onTransportPacket(transport: Transport, packet: EnginePacket): void {
    this.stop();
    transport.handler = this.$session;
    this.$session.onTransportPacket(transport, packet);
  }

  onTransportWritable(): void {}

  onTransportClose(failed: Transport, reason: CloseReason, cause?: Error): void {
    if (!this.$proceed(failed)) {
      this.stop();
      this.$session.onTransportClose(failed, reason, cause);
    }
  }

  override expire(): void {
    const { transport } = this.$session;
    if (this.$proceed(transport)) {
      transport.abort();
    }
  }

  private $proceed(failed: Transport): boolean {
    const next = this.$next(failed);
    if (next) {
      this.$session.transport = next;
      this.$begin(next);
    }
    return next !== undefined;
  }

  private $begin(transport: Transport): void {
    transport.handler = this;
    this.$deadlines.start(this, this.$patience);
  }
}
