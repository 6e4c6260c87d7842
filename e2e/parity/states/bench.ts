/** The server of a walk, seen from within: what it has read and answered, and what it has told its listeners. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Server, Socket } from "socket.io";
import type { World } from "../world.ts";
import { wires, type Wire } from "./wire.ts";

/** The largest body and frame that the server takes, in bytes. */
export const MAX_PAYLOAD = 1_000;

/** Names a request for both ends. */
export const NAME_HEADER = "x-request";

/** A session as the server's application sees it. */
export interface Conn {
  readonly id: string;
  readonly readyState: "opening" | "open" | "closing" | "closed";
  readonly transport: { readonly name: string };
  close(discard?: boolean): void;
}

/** What the application has seen of one session. */
export class View {
  conn: Conn | undefined;
  /** The reasons that `disconnect` listeners were told, by namespace. */
  readonly left = new Map<string, string>();
  /** Events that were handed to listeners, in order. */
  readonly delivered: string[] = [];
  /** The namespaces that were joined, once at least. */
  readonly joined = new Set<string>();
  /** Whether whoever asks for `/chat` waits. */
  holdsChat = false;
  /** Those who wait; each lets one in. */
  readonly waiting: (() => void)[] = [];
}

/** A request as it arrived. */
export interface Arrival {
  /** Whether it is answered, or broken off by the server. */
  readonly settled: () => boolean;
  /** Settles when it is over on the server, in whatever way. */
  readonly closed: Promise<void>;
}

export class Bench {
  readonly wire: Wire;
  readonly port: number;
  readonly #io: Server;
  readonly #views = new Map<string, View>();
  readonly #arrivals = new Map<string, { promise: Promise<Arrival>; resolve: (arrival: Arrival) => void }>();
  #names = 0;

  private constructor(io: Server, port: number, revision: 3 | 4) {
    this.#io = io;
    this.port = port;
    this.wire = wires[revision];
  }

  static async open(world: World, revision: 3 | 4): Promise<Bench> {
    const { io, http, port } = await world.serve({ allowEIO3: revision === 3, maxHttpBufferSize: MAX_PAYLOAD });
    const bench = new Bench(io, port, revision);
    http.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
      bench.#onArrival(request, {
        settled: () => response.writableEnded || request.socket.destroyed,
        closed: new Promise((resolve) => response.on("close", resolve)),
      });
    });
    http.prependListener("upgrade", (request: IncomingMessage, socket: Duplex) => {
      bench.#onArrival(request, {
        settled: () => socket.destroyed,
        closed: new Promise((resolve) => socket.on("close", resolve)),
      });
    });
    io.engine.on("connection", (conn: Conn) => (bench.view(conn.id).conn = conn));
    for (const namespace of ["/", "/chat", "/proof"]) {
      io.of(namespace).on("connection", (socket) => bench.#onConnection(namespace, socket));
    }
    io.of("/chat").use((socket, next) => {
      const view = bench.#viewOf(socket);
      if (view.holdsChat) view.waiting.push(next);
      else next();
    });
    return bench;
  }

  /** How many sessions there are. */
  get sessions(): number {
    return this.#io.engine.clientsCount;
  }

  /** What the application has seen of a session. */
  view(id: string): View {
    const view = this.#views.get(id) ?? new View();
    this.#views.set(id, view);
    return view;
  }

  /** A name for a request that is about to be sent. */
  name(): string {
    return String(++this.#names);
  }

  /** Waits until the server has the head of a request. */
  arrival(name: string): Promise<Arrival> {
    return this.#expect(name).promise;
  }

  #viewOf(socket: Socket): View {
    return this.view((socket.conn as unknown as Conn).id);
  }

  #onConnection(namespace: string, socket: Socket): void {
    const view = this.#viewOf(socket);
    view.joined.add(namespace);
    socket.on("disconnect", (reason) => view.left.set(namespace, reason));
    socket.on("note", () => view.delivered.push("note"));
    socket.on("ask", (answer: () => void) => answer());
    socket.on("echo", () => socket.emit("echoed"));
    // Told before a session ends for what can't be read; printed if nobody listens.
    socket.on("error", () => {});
  }

  #expect(name: string) {
    const known = this.#arrivals.get(name);
    if (known) return known;
    let resolve: (arrival: Arrival) => void = () => {};
    const promise = new Promise<Arrival>((done) => (resolve = done));
    const expected = { promise, resolve };
    this.#arrivals.set(name, expected);
    return expected;
  }

  #onArrival({ headers }: IncomingMessage, arrival: Arrival): void {
    this.#expect(String(headers[NAME_HEADER])).resolve(arrival);
  }
}
