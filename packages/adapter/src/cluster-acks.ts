import { randomId } from "./cluster-requests.ts";
import type { ServerId } from "./cluster-message.ts";
import { after } from "./time-limit.ts";

/** The answers of one node's clients. */
interface NodeAcks {
  /** How many there will be, once the node has said so. */
  expected: number | undefined;
  received: number;
  /** Those that came before the node said how many there will be. */
  readonly early: unknown[];
}

/** A broadcast that asks the clients of other nodes for answers. */
export interface ClusterBroadcast {
  /** Told once for each node to how many clients it has sent the event. */
  readonly clientCountCallback: (clientCount: number) => void;
  /** Called with each answer. */
  readonly ack: (answer: unknown) => void;
}

/** A node's answers are handed on once it is known how many there are: then nothing that comes twice is counted twice. */
class PendingBroadcast {
  readonly #broadcast: ClusterBroadcast;
  readonly #timer: NodeJS.Timeout;
  readonly #awaited: Set<ServerId> | undefined;
  readonly #nodes = new Map<ServerId, NodeAcks>();

  constructor(
    broadcast: ClusterBroadcast,
    awaited: ReadonlySet<ServerId> | undefined,
    timeout: number,
    expire: () => void,
  ) {
    this.#broadcast = broadcast;
    this.#awaited = awaited && new Set(awaited);
    // It only frees memory, and need not keep the process alive.
    this.#timer = after(timeout, expire).unref();
  }

  /** A node has said to how many clients it has sent the event. */
  count(uid: ServerId, clientCount: number): void {
    const acks = this.#acksOf(uid);
    if (acks.expected !== undefined) {
      return;
    }
    acks.expected = clientCount;
    this.#awaited?.delete(uid);
    this.#broadcast.clientCountCallback(clientCount);
    for (const answer of acks.early.splice(0)) {
      this.ack(uid, answer);
    }
  }

  /** A client of a node has answered. */
  ack(uid: ServerId, answer: unknown): void {
    const acks = this.#acksOf(uid);
    if (acks.expected === undefined) {
      acks.early.push(answer);
    } else if (acks.received < acks.expected) {
      acks.received++;
      this.#broadcast.ack(answer);
    }
  }

  /** A node has gone: if it has not said anything yet, it will not. */
  forgo(uid: ServerId): void {
    if (this.#awaited?.has(uid)) {
      this.count(uid, 0);
    }
  }

  /** Whether every node has said how many answers there will be, and they are there. */
  get complete(): boolean {
    if (this.#awaited?.size !== 0) {
      return false;
    }
    for (const { expected, received } of this.#nodes.values()) {
      if (received !== expected) {
        return false;
      }
    }
    return true;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #acksOf(uid: ServerId): NodeAcks {
    let acks = this.#nodes.get(uid);
    if (!acks) {
      acks = { expected: undefined, received: 0, early: [] };
      this.#nodes.set(uid, acks);
    }
    return acks;
  }
}

/** The broadcasts to which answers of other nodes' clients are still to come. Each is forgotten when its time is up. */
export class ClusterAcks {
  readonly #pending = new Map<string, PendingBroadcast>();

  /** How many broadcasts wait for answers. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Waits for answers.
   *
   * @param broadcast - told of them
   * @param awaited - the nodes that are to take part, if it is known which they are
   * @param timeout - milliseconds to wait
   * @returns the id of the broadcast
   */
  open(broadcast: ClusterBroadcast, awaited: ReadonlySet<ServerId> | undefined, timeout: number): string {
    const id = randomId();
    this.#pending.set(id, new PendingBroadcast(broadcast, awaited, timeout, () => this.#end(id)));
    return id;
  }

  /** A node has said to how many clients it has sent the event. */
  count(id: string, uid: ServerId, clientCount: number): void {
    this.#update(id, (broadcast) => broadcast.count(uid, clientCount));
  }

  /** A client of a node has answered. */
  ack(id: string, uid: ServerId, answer: unknown): void {
    this.#update(id, (broadcast) => broadcast.ack(uid, answer));
  }

  /** A node has gone: nobody waits for it any more. */
  forgo(uid: ServerId): void {
    for (const id of [...this.#pending.keys()]) {
      this.#update(id, (broadcast) => broadcast.forgo(uid));
    }
  }

  /** There will be no more answers. */
  close(): void {
    for (const id of [...this.#pending.keys()]) {
      this.#end(id);
    }
  }

  #update(id: string, change: (broadcast: PendingBroadcast) => void): void {
    const broadcast = this.#pending.get(id);
    if (broadcast) {
      change(broadcast);
      if (broadcast.complete) {
        this.#end(id);
      }
    }
  }

  #end(id: string): void {
    this.#pending.get(id)?.end();
    this.#pending.delete(id);
  }
}
