import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { ChaosLane, type LaneFaults } from "./chaos-lane.ts";
import { resetSocket } from "./reset-socket.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What the network does to the connections. Times and rates apply to each direction by itself. */
export interface ChaosFaults {
  /** Milliseconds that everything takes from one side to the other. Default: 0. */
  latency: number;
  /** Milliseconds of which a random part is added. It never changes the order. Default: 0. */
  jitter: number;
  /** The largest piece, in bytes: what is read is passed on in pieces of random sizes up to this. Default: Infinity. */
  slice: number;
  /** Bytes per second, more than 0. Default: Infinity. */
  bandwidth: number;
  /**
   * Where nothing is forwarded, neither bytes nor the end of a connection, and nobody is told: half-open in one
   * direction, a black hole in both. What was sent meanwhile arrives when the silence is over. Default: `"nowhere"`.
   */
  silent: "nowhere" | "toServer" | "toClient" | "both";
  /** Whether a new connection is reset as soon as it is accepted. Default: false. */
  refuse: boolean;
}

export interface ChaosProxyOptions extends Partial<ChaosFaults> {
  /** Where sizes and jitter are drawn from. Default: one with the seed of this run, see `HAWSER_SEED`. */
  random?: SeededRandom;
}

/**
 * A TCP proxy on 127.0.0.1 that misbehaves as told. Faults can be changed at any time, for the connections that exist
 * and those to come.
 *
 * Each direction of each connection draws from a generator of its own, in the order in which connections were accepted;
 * how the kernel cuts a stream into reads is beyond the seed's reach.
 */
export class ChaosProxy {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Where the faults are drawn from; `random.replay` tells how to repeat the run. */
  readonly random: SeededRandom;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #connections: Set<Connection> = new Set();
  #faults: ChaosFaults;
  #accepted = 0;

  private constructor(server: Server, targetPort: number, { random, ...faults }: ChaosProxyOptions) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#targetPort = targetPort;
    this.random = random ?? new SeededRandom();
    this.#faults = {
      latency: 0,
      jitter: 0,
      slice: Infinity,
      bandwidth: Infinity,
      silent: "nowhere",
      refuse: false,
      ...faults,
    };
    server.on("connection", (client) => this.#onConnection(client));
  }

  /**
   * Starts a proxy.
   *
   * @param targetPort - where it forwards to, on 127.0.0.1
   * @param options - the faults to begin with
   */
  static start(targetPort: number, options: ChaosProxyOptions = {}): Promise<ChaosProxy> {
    return new Promise((resolve, reject) => {
      // Each direction ends by itself, as the peers have it.
      const server = createServer({ allowHalfOpen: true, noDelay: true });
      server.on("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(new ChaosProxy(server, targetPort, options)));
    });
  }

  /** The address to give to a client. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The faults at present. */
  get faults(): Readonly<ChaosFaults> {
    return this.#faults;
  }

  /** How many connections are open, on either side. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many connections were ever accepted, refused ones included. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Changes some faults; the others stay. What is already on its way keeps its delay. */
  set(faults: Partial<ChaosFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
    for (const connection of this.#connections) {
      connection.faults = this.#faults;
    }
  }

  /** Resets (RST) every connection that is open, on both sides; what is on its way is lost. */
  reset(): void {
    for (const connection of this.#connections) {
      connection.reset();
    }
  }

  /** Ends everything it opened, and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.reset();
    await closed;
    await Promise.all([...this.#connections].map((connection) => connection.closed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onConnection(client: Socket): void {
    const number = this.#accepted++;
    if (this.#faults.refuse) {
      client.on("error", () => {});
      resetSocket(client);
      return;
    }
    const server = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const connection = new Connection(client, server, this.#faults, this.random.fork(number));
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

/** A client's connection and the one to the target that belongs to it. */
class Connection {
  /** Settles when both sides are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toServer: ChaosLane;
  readonly #toClient: ChaosLane;

  constructor(client: Socket, server: Socket, faults: ChaosFaults, random: SeededRandom) {
    this.#client = client;
    this.#server = server;
    this.#toServer = new ChaosLane(client, server, laneFaults(faults, "toServer"), random.fork(0));
    this.#toClient = new ChaosLane(server, client, laneFaults(faults, "toClient"), random.fork(1));
    this.closed = Promise.all([client, server].map((socket) => new Promise((resolve) => socket.on("close", resolve))));
  }

  set faults(faults: ChaosFaults) {
    this.#toServer.faults = laneFaults(faults, "toServer");
    this.#toClient.faults = laneFaults(faults, "toClient");
  }

  reset(): void {
    this.#toServer.destroy();
    this.#toClient.destroy();
    resetSocket(this.#client);
    resetSocket(this.#server);
  }
}

function laneFaults(
  { latency, jitter, slice, bandwidth, silent }: ChaosFaults,
  lane: "toServer" | "toClient",
): LaneFaults {
  return { latency, jitter, slice, bandwidth, silent: silent === "both" || silent === lane };
}
