import type { ViolationCode } from "./violations.ts";

/** What one connection may hold at most. */
export interface BudgetLimits {
  /** Bytes read from the peer that no handler has seen yet, each message counting {@link MESSAGE_OVERHEAD} more. */
  readonly inbound: number;
  /** Namespaces that are joined or being joined. */
  readonly namespaces: number;
}

/** What a waiting message costs beyond its bytes, so that a flood of empty ones is not free. */
export const MESSAGE_OVERHEAD = 64;

/**
 * The account of one connection. Everything that a peer can make the library keep is charged here before it is
 * allocated; a charge that is refused is a violation, and closes the connection.
 */
export class Budget {
  private readonly $limits: BudgetLimits;
  private $inbound = 0;
  private $namespaces = 0;

  constructor(limits: BudgetLimits) {
    this.$limits = limits;
  }

  /** Charges one message of `bytes`; returns the violation if that is too much. */
  chargeInbound(bytes: number): ViolationCode | undefined {
    this.$inbound += bytes + MESSAGE_OVERHEAD;
    return this.$inbound > this.$limits.inbound ? "ERR_BUDGET_INBOUND" : undefined;
  }

  /**
   * Says that the messages charged so far have been handled.
   *
   * @param unfinished - what those were charged that are parts of a packet still to come. Default: 0
   */
  settleInbound(unfinished = 0): void {
    this.$inbound = unfinished;
  }

  /** Charges one namespace; returns the violation if that is one too many. */
  chargeNamespace(): ViolationCode | undefined {
    if (this.$namespaces >= this.$limits.namespaces) {
      return "ERR_BUDGET_NAMESPACES";
    }
    this.$namespaces++;
    return undefined;
  }

  /** Says that a namespace was left. */
  releaseNamespace(): void {
    this.$namespaces--;
  }
}
