import { Emitter, type Clock, type EventNames, type EventParams, type EventsMap } from "@hawser/core";

/**
 * An emitter whose listeners may throw: what they throw surfaces as uncaught, as the page or the process expects, but in
 * a turn of its own, so that it stops nothing else and nobody takes it for an error of the connection.
 */
export class GuardedEmitter<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap,
> extends Emitter<Listen, Emit, Reserved> {
  /** @internal */ readonly $clock: Clock;

  constructor(clock: Clock) {
    super();
    this.$clock = clock;
  }

  /** @internal The application threw. */
  onUserError(error: unknown): void {
    this.$clock.defer(() => {
      throw error;
    });
  }

  protected override emitReserved<Name extends EventNames<Reserved>>(
    event: Name,
    ...args: EventParams<Reserved, Name>
  ): void {
    try {
      super.emitReserved(event, ...args);
    } catch (error) {
      this.onUserError(error);
    }
  }
}
