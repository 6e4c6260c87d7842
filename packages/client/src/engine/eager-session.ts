import { Session, type EnginePacket, type SessionState, type Transport } from "@hawser/core";

/**
 * A session that the application itself sends to and closes, at any time: what is sent before it is open waits, and so does the end as
 * long as anything is to leave or on its way. Its handler is told of the end then, not when the server has agreed.
 */
export class EagerSession extends Session {
  /** Whether `close()` was called while something was still to leave, or on its way. */
  private $closeAwaited = false;

  override get state(): SessionState {
    const state = super.state;
    return this.$closeAwaited && state !== "closed" ? "closing" : state;
  }

  /** Whether nothing is to leave or on its way. */
  private get $idle(): boolean {
    return this.queued.length === 0 && (super.state === "opening" || this.transport.writable);
  }

  override sendPacket(packet: EnginePacket): void {
    if (this.state === "opening") {
      this.$push(packet);
    } else {
      super.sendPacket(packet);
    }
  }

  override flush(): void {
    // Nothing leaves as soon as the transport could take it: the server speaks first.
    if (super.state === "opening") {
      return;
    }
    super.flush();
    if (this.$closeAwaited && this.$idle) {
      super.close();
    }
  }

  override close(cause?: Error): void {
    if (this.$idle) {
      super.close(cause);
    } else if (!this.$closeAwaited) {
      this.$closeAwaited = true;
      if (super.state === "open") {
        this.$limitClosing();
      }
    }
  }

  /** Does what has waited for the session to open. */
  release(): void {
    if (this.$closeAwaited) {
      this.$limitClosing();
    }
    this.flush();
  }

  /** The heartbeat may go on although nothing leaves any more. */
  private $limitClosing(): void {
    const { deadlines, closeTimeout } = this.$settings;
    deadlines.start(this, closeTimeout);
  }

  override onUpgradeChosen(candidate: Transport): void {
    super.onUpgradeChosen(candidate);
    this.observer?.onUpgradeChosen?.(candidate);
  }

  protected override $closeTransport(): void {
    super.$closeTransport();
    this.$handler.onSessionClose(this, "forced close");
  }
}
