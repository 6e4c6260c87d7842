import { Deadline, type Deadlines } from "@hawser/core";

const PREFERRED = "webtransport";

/** Milliseconds by which it comes before the others. */
const HEAD_START = 200;

/**
 * Tries the transports to which a connection may move, all of them at once; but where WebTransport is one, the others wait
 * a little, or until it has failed.
 */
export class Probes extends Deadline {
  private readonly $deadlines: Deadlines;
  private readonly $probe: (name: string) => void;
  private $waiting: readonly string[];

  /**
   * @param names - of the transports
   * @param probe - tries one
   */
  constructor(deadlines: Deadlines, names: readonly string[], probe: (name: string) => void) {
    super();
    this.$deadlines = deadlines;
    this.$probe = probe;
    this.$waiting = names;
  }

  begin(): void {
    const names = this.$waiting;
    this.$waiting = names.filter((name) => name !== PREFERRED);
    if (names.includes(PREFERRED)) {
      this.$deadlines.start(this, HEAD_START);
      this.$probe(PREFERRED);
    } else {
      this.expire();
    }
  }

  /** An attempt has failed: those that wait need not wait any longer. */
  proceed(): void {
    this.$deadlines.stop(this);
    this.expire();
  }

  /** It is decided, or nobody wants to know any more. */
  stop(): void {
    this.$deadlines.stop(this);
    this.$waiting = [];
  }

  override expire(): void {
    const names = this.$waiting;
    this.$waiting = [];
    names.forEach(this.$probe);
  }
}
