import { ClusterAdapter } from "./cluster-adapter.ts";
import {
  MessageType,
  type ClusterMessage,
  type ClusterResponse,
  type Offset,
  type OutgoingMessage,
  type ServerId,
} from "./cluster-message.ts";
import { ClusterNodes } from "./cluster-nodes.ts";
import type { AdapterNamespace } from "./contract.ts";
import { within } from "./time-limit.ts";

/** How nodes notice each other. */
export interface ClusterAdapterOptions {
  /** Milliseconds of saying nothing after which a node says that it is there. Default: 5,000. */
  heartbeatInterval?: number | undefined;
  /** Milliseconds of silence after which another node counts as gone. Default: 10,000. */
  heartbeatTimeout?: number | undefined;
}

const DEFAULT_INTERVAL = 5_000;
const DEFAULT_TIMEOUT = 10_000;

/** How long a node that closes waits for its farewell to be on its way, in milliseconds. */
const FAREWELL_TIMEOUT = 1_000;

/** What is no node, but only sends: a process that emits to the clients of all servers without being one. */
const EMITTER_UID: ServerId = "emitter";

/**
 * A cluster adapter for a backend that can't tell which nodes there are: they tell each other, by messages of their own. A
 * node that says farewell, or nothing for too long, is not waited for any longer.
 */
export abstract class ClusterAdapterWithHeartbeat extends ClusterAdapter {
  readonly #interval: number;
  readonly #nodes: ClusterNodes;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(nsp: AdapterNamespace, options: ClusterAdapterOptions = {}) {
    super(nsp);
    this.#interval = options.heartbeatInterval ?? DEFAULT_INTERVAL;
    this.#nodes = new ClusterNodes(options.heartbeatTimeout ?? DEFAULT_TIMEOUT, (uid) => this.onNodeGone(uid));
  }

  /** Tells the others that this node is there, and asks who else is. */
  override init(): Promise<void> | void {
    this.publish({ type: MessageType.INITIAL_HEARTBEAT });
  }

  /**
   * Says farewell.
   *
   * @returns resolves when that is on its way, or can't be: the others then notice the silence
   */
  override close(): Promise<void> | void {
    const farewell = this.publishAndReturnOffset({ type: MessageType.ADAPTER_CLOSE });
    clearTimeout(this.#heartbeat);
    this.#nodes.clear();
    void super.close();
    return within(farewell, FAREWELL_TIMEOUT, "ERR_PUBLISH_TIMEOUT").then(
      () => {},
      () => {},
    );
  }

  /** How many nodes have been heard of, and this one. */
  override serverCount(): Promise<number> {
    return Promise.resolve(1 + this.#nodes.size);
  }

  protected override knownNodes(): ReadonlySet<ServerId> {
    return this.#nodes.uids;
  }

  // Whoever owns the connection to the bus calls these from outside.

  override onMessage(message: ClusterMessage, offset?: Offset): void {
    super.onMessage(message, offset);
  }

  override onResponse(response: ClusterResponse): void {
    super.onResponse(response);
  }

  override publish(message: OutgoingMessage): void {
    if (!this.isClosed()) {
      this.#putHeartbeatOff();
      super.publish(message);
    }
  }

  protected override onAccepted(message: ClusterMessage | ClusterResponse, offset?: Offset): void {
    if (message.type === MessageType.ADAPTER_CLOSE) {
      this.#nodes.leave(message.uid);
      return;
    }
    if (message.uid !== EMITTER_UID) {
      this.#nodes.hear(message.uid);
    }
    if (message.type === MessageType.INITIAL_HEARTBEAT) {
      this.publish({ type: MessageType.HEARTBEAT });
    } else {
      super.onAccepted(message, offset);
    }
  }

  /** Whoever has just said something need not say that it is there. */
  #putHeartbeatOff(): void {
    if (this.#heartbeat) {
      this.#heartbeat.refresh();
    } else {
      this.#heartbeat = setTimeout(() => this.publish({ type: MessageType.HEARTBEAT }), this.#interval).unref();
    }
  }
}
