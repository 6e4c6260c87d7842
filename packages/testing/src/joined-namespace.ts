import type {
  AckFunction,
  AckOptions,
  ClientLinkHandler,
  DisconnectReason,
  Link,
  SendFlags,
  UserCodePhase,
  Welcome,
} from "@hawser/core";
import type { EventData } from "@hawser/parser";

/** What an application does with an event; it may call the acknowledgement, if there is one, as the last argument. */
export type JoinedListener = (...args: unknown[]) => void;

/** A callback that was given along with an event: each call of it, with its arguments. */
export type Answers = readonly unknown[][];

function show(data: EventData): string {
  const items = data.map((item) =>
    ArrayBuffer.isView(item)
      ? `<${Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString("hex")}>`
      : JSON.stringify(item),
  );
  return `[${items.join(",")}]`;
}

/**
 * One namespace at one end, with as much of a socket as room 2 needs: it emits, calls listeners, and writes down what
 * the link tells it. What listeners throw ends here, as in the shells.
 */
export class JoinedNamespace<End extends Link = Link> implements ClientLinkHandler {
  readonly nsp: string;
  readonly link: End;
  /** The data of the events that arrived. */
  readonly received: EventData[] = [];
  /** What else is to be done when the namespace was left. */
  onLeave: (reason: DisconnectReason) => void = () => {};
  /** What else is to be done when the namespace was joined, on a client. */
  onJoin: () => void = () => {};
  readonly #log: string[];
  readonly #left: (namespace: JoinedNamespace<End>, reason: DisconnectReason) => void;
  readonly #listeners = new Map<string | number, JoinedListener>();

  /**
   * @param log - of the end to which the namespace belongs
   * @param left - called first of all when the namespace was left
   * @param createLink - makes the link that reports to this object
   */
  constructor(
    nsp: string,
    log: string[],
    left: (namespace: JoinedNamespace<End>, reason: DisconnectReason) => void,
    createLink: (handler: ClientLinkHandler) => End,
  ) {
    this.nsp = nsp;
    this.#log = log;
    this.#left = left;
    this.link = createLink(this);
  }

  /** Calls `listener` for each event of that name; one listener for each name. */
  on(event: string | number, listener: JoinedListener): void {
    this.#listeners.set(event, listener);
  }

  /** Sends an event. */
  emit(...data: EventData): void {
    this.link.emit(data, {});
  }

  /** Sends an event with wishes. */
  emitWith(flags: SendFlags, ...data: EventData): void {
    this.link.emit(data, flags);
  }

  /**
   * Sends an event and waits for the answer.
   *
   * @param options - default: an error comes first, and there is no time limit
   */
  ask(data: EventData, options: AckOptions = { errorFirst: true }): Answers {
    const answers: unknown[][] = [];
    this.link.emit(data, {}, (...args) => void answers.push(args), options);
    return answers;
  }

  onLinkEvent(data: EventData, ack: AckFunction | undefined): void {
    this.#log.push(`event ${this.nsp} ${show(data)}`);
    this.received.push(data);
    const [name, ...args] = data;
    try {
      this.#listeners.get(name)?.(...args, ...(ack ? [ack] : []));
    } catch (error) {
      this.onUserError(error, "event");
    }
  }

  onLinkOutgoing(): void {
    // What is sent, the transcript tells.
  }

  onLinkWelcome({ sid }: Welcome): void {
    this.#log.push(`welcome ${this.nsp} ${sid}`);
  }

  onLinkConnect(): void {
    this.#log.push(`connect ${this.nsp}`);
    this.onJoin();
  }

  onLinkRefused(error: Error): void {
    this.#log.push(`refused ${this.nsp} ${error.message}`);
  }

  onLinkLost(reason: DisconnectReason): void {
    this.#log.push(`lost ${this.nsp} ${reason}`);
  }

  onLinkClose(reason: DisconnectReason): void {
    this.#log.push(`leave ${this.nsp} ${reason}`);
    this.#left(this, reason);
    this.onLeave(reason);
  }

  onUserError(error: unknown, phase: UserCodePhase): void {
    this.#log.push(`${phase} threw ${String(error)}`);
  }
}
