import { randomBytes } from "node:crypto";
import { AdapterError } from "./adapter-error.ts";
import type { MessageType, ServerId } from "./cluster-message.ts";
import { after } from "./time-limit.ts";

/** The nodes of which something is awaited: which they are, or, where that is not known, how many. */
export type AwaitedNodes = ReadonlySet<ServerId> | number;

/** The types of what answers a question. */
export type AnswerType = MessageType.FETCH_SOCKETS_RESPONSE | MessageType.SERVER_SIDE_EMIT_RESPONSE;

/** Told of the answers once all are there; with an error, they are those that came nevertheless. */
export type RequestOutcome = (error: AdapterError | null, answers: unknown[]) => void;

/** An id that nobody can guess: 16 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(8).toString("hex");
}

/** One question that was put to all other nodes, each of which answers once. */
class ClusterRequest {
  readonly type: AnswerType;
  readonly answers: unknown[] = [];
  readonly #settle: RequestOutcome;
  readonly #timer: NodeJS.Timeout;
  readonly #answered = new Set<ServerId>();
  readonly #missing: Set<ServerId> | undefined;
  readonly #expected: number;

  constructor(type: AnswerType, nodes: AwaitedNodes, timeout: number, settle: RequestOutcome, expire: () => void) {
    this.type = type;
    this.#settle = settle;
    this.#missing = typeof nodes === "number" ? undefined : new Set(nodes);
    this.#expected = typeof nodes === "number" ? nodes : nodes.size;
    this.#timer = after(timeout, expire);
  }

  /** Takes the answers of a node; a second time, none. */
  answer(uid: ServerId, answers: readonly unknown[]): void {
    if (this.#answered.has(uid)) {
      return;
    }
    this.#answered.add(uid);
    this.#missing?.delete(uid);
    for (const answer of answers) {
      this.answers.push(answer);
    }
  }

  /** A node has gone, and will not answer. */
  forgo(uid: ServerId): void {
    this.#missing?.delete(uid);
  }

  get complete(): boolean {
    return this.#missing ? this.#missing.size === 0 : this.#answered.size >= this.#expected;
  }

  /** How far it got, in Socket.IO's words. */
  get shortfall(): string {
    return this.#missing
      ? `missing ${this.#missing.size} responses`
      : `only ${this.#answered.size} responses received out of ${this.#expected}`;
  }

  settle(error: AdapterError | null): void {
    clearTimeout(this.#timer);
    if (error) {
      error.responses = this.answers;
    }
    this.#settle(error, this.answers);
  }
}

/** The questions to which answers are still to come. Each ends: with its answers, or when its time is up. */
export class ClusterRequests {
  readonly #pending = new Map<string, ClusterRequest>();

  /** How many questions wait for answers. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Waits for answers.
   *
   * @param type - of the answers
   * @param nodes - who is to answer
   * @param timeout - milliseconds to wait
   * @param settle - told of the outcome, once
   * @returns the id of the question
   */
  open(type: AnswerType, nodes: AwaitedNodes, timeout: number, settle: RequestOutcome): string {
    const id = randomId();
    const expire = (): void => this.#end(id, new AdapterError("ERR_CLUSTER_TIMEOUT", request.shortfall));
    const request = new ClusterRequest(type, nodes, timeout, settle, expire);
    this.#pending.set(id, request);
    return id;
  }

  /** A node has answered a question. What nobody waits for, or no longer, is ignored. */
  answer(id: string, type: AnswerType, uid: ServerId, answers: readonly unknown[]): void {
    const request = this.#pending.get(id);
    if (request?.type === type) {
      request.answer(uid, answers);
      this.#endIfComplete(id, request);
    }
  }

  /** A question could not be put. */
  fail(id: string, error: AdapterError): void {
    this.#end(id, error);
  }

  /** A node has gone: nobody waits for it any more. */
  forgo(uid: ServerId): void {
    for (const [id, request] of [...this.#pending]) {
      request.forgo(uid);
      this.#endIfComplete(id, request);
    }
  }

  /** There will be no more answers. */
  close(): void {
    for (const id of [...this.#pending.keys()]) {
      this.#end(id, new AdapterError("ERR_ADAPTER_CLOSED"));
    }
  }

  #endIfComplete(id: string, request: ClusterRequest): void {
    if (request.complete) {
      this.#end(id, null);
    }
  }

  #end(id: string, error: AdapterError | null): void {
    const request = this.#pending.get(id);
    if (request) {
      this.#pending.delete(id);
      request.settle(error);
    }
  }
}
