import { deserialize, serialize } from "node:v8";

/** What a bus looks at of a message; the rest is none of its business. */
export interface BusMessage {
  readonly uid: string;
}

/** Who is joined by a bus: an adapter. */
export interface BusMember<Message extends BusMessage, Response extends BusMessage> {
  readonly uid: string;
  /** Takes a message that another member has published. */
  onMessage(message: Message, offset: string): void;
  /** Takes a response that another member has sent to this one. */
  onResponse(response: Response): void;
}

/** One message on its way to one member. */
export interface BusDelivery<Payload> {
  readonly from: string;
  readonly to: string;
  readonly payload: Payload;
}

/** What becomes of a delivery: the delay of each copy, in milliseconds. `[0]` is as it should be, `[]` a loss. */
export type BusFaults<Payload> = (delivery: BusDelivery<Payload>) => readonly number[];

/**
 * Joins adapters within one process, as a backend joins those of several nodes: what one publishes, each of the others
 * receives as a copy of its own, in a later turn. It can lose, delay, repeat and reorder, and keeps what was published.
 *
 * @example
 * ```ts
 * class BusAdapter extends ClusterAdapterWithHeartbeat {
 *   doPublish = (message) => bus.publish(message);
 *   doPublishResponse = (uid, response) => bus.respond(uid, response);
 *   init() {
 *     bus.join({ uid: this.uid, onMessage: (…args) => this.onMessage(…args), onResponse: (…args) => this.onResponse(…args) });
 *     super.init();
 *   }
 * }
 * ```
 */
export class ClusterBus<Message extends BusMessage = BusMessage, Response extends BusMessage = BusMessage> {
  /** What becomes of each delivery. Default: it arrives, once and without delay. */
  faults: BusFaults<Message | Response> = () => [0];
  /** What publishing fails with, if it is to fail. */
  refusal: Error | undefined;
  readonly #members = new Map<string, BusMember<Message, Response>>();
  readonly #published: Buffer[] = [];

  /** What was published so far, in order: a message's offset is its place, counted from 1. */
  get published(): Message[] {
    return this.#published.map((bytes) => deserialize(bytes) as Message);
  }

  /** Joins a member; one of the same uid is replaced. */
  join(member: BusMember<Message, Response>): void {
    this.#members.set(member.uid, member);
  }

  /** Cuts a member off, without a word to the others. */
  leave(uid: string): void {
    this.#members.delete(uid);
  }

  /** Sends a message to all members but its sender. Resolves with its offset; rejects if the bus refuses, or it can't be copied. */
  async publish(message: Message): Promise<string> {
    const bytes = this.#take(message);
    this.#published.push(bytes);
    const offset = String(this.#published.length);
    for (const to of this.#members.keys()) {
      this.#send(message, bytes, to, (member, copy) => member.onMessage(copy as Message, offset));
    }
    return offset;
  }

  /** Sends a response to one member. */
  async respond(to: string, response: Response): Promise<void> {
    const bytes = this.#take(response);
    this.#send(response, bytes, to, (member, copy) => member.onResponse(copy as Response));
  }

  #take(payload: Message | Response): Buffer {
    if (this.refusal) {
      throw this.refusal;
    }
    return serialize(payload);
  }

  #send(
    payload: Message | Response,
    bytes: Buffer,
    to: string,
    receive: (member: BusMember<Message, Response>, copy: Message | Response) => void,
  ): void {
    if (to === payload.uid) {
      return;
    }
    const arrive = (): void => {
      const member = this.#members.get(to);
      if (member) {
        receive(member, deserialize(bytes) as Message | Response);
      }
    };
    for (const delay of this.faults({ from: payload.uid, to, payload })) {
      if (delay > 0) {
        setTimeout(arrive, delay);
      } else {
        queueMicrotask(arrive);
      }
    }
  }
}
