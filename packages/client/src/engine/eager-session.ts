import { Session, type EnginePacket, type SessionState, type Transport } from "@hawser/core";

/**
 * A session that the application itself sends to and closes, at any time: what is sent before it is open waits, and so does the end
 * then, if anything was sent. Its handler is told of the end as soon as there is nothing left to send, not when the server has agreed.
 */
export class EagerSession extends Session {
  /** Whether `close()` was called while packets waited for the session to open. */
  private $closeAwaited = false;

  override get state(): SessionState {
    const state = super.state;
    return state === "opening" && this.$closeAwaited ? "closing" : state;
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
    if (super.state !== "opening") {
      super.flush();
    }
  }

  override close(cause?: Error): void {
    if (super.state === "opening" && this.queued.length > 0) {
      this.$closeAwaited = true;
    } else {
      super.close(cause);
    }
  }

  /** Does what has waited for the session to open. */
  release(): void {
    this.flush();
    if (this.$closeAwaited) {
      super.close();
    }
  }

  override onUpgradeChosen(candidate: Transport): void {
    super.onUpgradeChosen(candidate);
    this.observer?.onUpgradeChosen?.(candidate);
  }

  protected override $closeTransport(): void {
    const idle = this.transport.writable;
    super.$closeTransport();
    // Otherwise something is on its way, and may still fail.
    if (idle) {
      this.$handler.onSessionClose(this, "forced close");
    }
  }
}
