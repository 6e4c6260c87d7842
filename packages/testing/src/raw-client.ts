import { Agent } from "node:http";
import { decodePayload, encodePayload, type Frame, type FrameMatcher } from "./engine-frames.ts";
import { rawRequest, type RawRequestOptions, type RawResponse } from "./raw-http.ts";
import { PATIENCE } from "./patience.ts";
import { RawWebSocket } from "./raw-websocket.ts";
import { ReceiveQueue, type WaitOptions } from "./receive-queue.ts";

export interface RawClientOptions {
  /** Default: `"/socket.io/"`. */
  path?: string;
  /** Added to the query of every request; `EIO` is 4 unless it says otherwise. */
  query?: Record<string, string>;
  /** Added to the headers of every request. */
  headers?: Record<string, string>;
  /** Whether a ping is answered by itself; it is not queued then. Default: false. */
  answerPings?: boolean;
  /** Milliseconds for an answer, and for a frame that is waited for. Default: 10 000. */
  timeout?: number;
}

/** One request: its query is added to the client's, where `undefined` leaves a parameter out. */
export interface RawClientRequest extends RawRequestOptions {
  query?: Record<string, string | undefined>;
}

/** The data of an OPEN packet. */
export interface RawHandshake {
  sid: string;
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  maxPayload: number;
}

/**
 * A client that speaks Engine.IO protocol 4 and Socket.IO by hand, over real sockets. Frames are written as in the
 * protocol documents: `"2probe"`, `'42["hello"]'`, a Buffer for binary data.
 *
 * `get`, `post` and `openWebSocket` do one thing each and show its bytes. `connect`, `upgrade`, `join` and `send` are made of
 * them. Whatever arrives by any of them is queued until `next` takes it.
 */
export class RawClient {
  /** Everything that arrived. */
  readonly received: ReceiveQueue;
  /** What the server announced. */
  handshake: RawHandshake | undefined;
  /** The WebSocket that carries the session, once there is one. */
  webSocket: RawWebSocket | undefined;
  readonly #origin: string;
  readonly #options: Required<RawClientOptions>;
  readonly #agent: Agent = new Agent({ keepAlive: true });
  readonly #sockets: Set<RawWebSocket> = new Set();
  readonly #closing: AbortController = new AbortController();
  #polling: Promise<void> | undefined;
  #pollAgain = false;

  /** @param origin - of the server, such as `http://127.0.0.1:3000` */
  constructor(origin: string, options: RawClientOptions = {}) {
    this.#origin = origin;
    this.#options = { path: "/socket.io/", query: {}, headers: {}, answerPings: false, timeout: PATIENCE, ...options };
    this.received = new ReceiveQueue(origin, this.#options.timeout);
  }

  /** The session id. */
  get sid(): string | undefined {
    return this.handshake?.sid;
  }

  /** The address of a request. */
  url(query: Record<string, string | undefined> = {}): URL {
    const url = new URL(this.#options.path, this.#origin);
    const parameters = { EIO: "4", ...this.#options.query, sid: this.sid, ...query };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    return url;
  }

  // ── one step at a time ───────────────────────────────────────────────────────────────────────────────────────

  /** Sends one HTTP request with any method; nothing of the answer is queued. */
  request({ query, headers, signal, ...rest }: RawClientRequest = {}): Promise<RawResponse> {
    return rawRequest(this.url({ transport: "polling", ...query }), {
      timeout: this.#options.timeout,
      agent: this.#agent,
      ...rest,
      signal: AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]),
      headers: { ...this.#options.headers, ...headers },
    });
  }

  /** Polls once. The frames of an answer with status 200 are queued. */
  async get(request: RawClientRequest = {}): Promise<RawResponse> {
    const response = await this.request(request);
    if (response.status === 200) {
      for (const frame of decodePayload(response.body)) {
        this.#receive(frame);
      }
    }
    return response;
  }

  /** Posts a body as it is. */
  post(body: string | Uint8Array, { headers, ...rest }: RawClientRequest = {}): Promise<RawResponse> {
    const type = { "content-type": "text/plain;charset=UTF-8" };
    return this.request({ ...rest, method: "POST", headers: { ...type, ...headers }, body });
  }

  /** Opens a WebSocket, with the session id if there is one. It does not carry the session yet. */
  async openWebSocket({ query, headers }: Pick<RawClientRequest, "query" | "headers"> = {}): Promise<RawWebSocket> {
    const url = this.url({ transport: "websocket", ...query });
    url.protocol = "ws:";
    const socket = await RawWebSocket.open(url, {
      headers: { ...this.#options.headers, ...headers },
      timeout: this.#options.timeout,
      // The first frames may come before anybody knows that the WebSocket is open.
      onFrame: (frame, reply) => this.#receive(frame, async (answer) => reply(answer)),
    });
    this.#sockets.add(socket);
    void socket.closed.then(({ code, reason }) => {
      if (socket === this.webSocket) {
        this.received.end(`the WebSocket closed with ${code} ${reason}`.trimEnd());
      }
    });
    return socket;
  }

  /** Takes the next frame, or the next one that `matcher` means; see {@link ReceiveQueue.next}. */
  next(matcher?: FrameMatcher, options?: WaitOptions): Promise<Frame> {
    return this.received.next(matcher, options);
  }

  // ── the usual sequences ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * Opens a session, and over polling keeps a GET waiting from then on.
   *
   * @param transport - default: `"websocket"`
   */
  async connect(transport: "polling" | "websocket" = "websocket"): Promise<RawHandshake> {
    if (transport === "websocket") {
      this.webSocket = await this.openWebSocket();
    } else {
      expectStatus(await this.get(), "the handshake");
    }
    const open = await this.next(/^0/);
    this.handshake = JSON.parse(open.toString().slice(1)) as RawHandshake;
    if (transport === "polling") {
      this.startPolling();
    }
    return this.handshake;
  }

  /** Keeps a GET waiting, until {@link stopPolling}, an upgrade or a failure. A `6` that it brings is not queued. */
  startPolling(): void {
    this.#pollAgain = true;
    this.#polling ??= this.#poll()
      .catch((error: unknown) => this.received.end(String(error)))
      .finally(() => (this.#polling = undefined));
  }

  /** Sends no further GET, and waits until the last one is answered. */
  async stopPolling(): Promise<void> {
    this.#pollAgain = false;
    await this.#polling;
  }

  /** Moves the session to a WebSocket: `2probe`, `3probe`, no request in flight any more, `5`. */
  async upgrade(): Promise<RawWebSocket> {
    const socket = await this.openWebSocket();
    socket.send("2probe");
    await this.next("3probe");
    await this.stopPolling();
    socket.send("5");
    this.webSocket = socket;
    return socket;
  }

  /**
   * Joins a namespace.
   *
   * @param namespace - default: `"/"`
   * @param auth - what CONNECT carries
   * @returns what the server's CONNECT carries
   * @throws Error if the server refuses
   */
  async join(namespace = "/", auth?: object): Promise<{ sid: string; pid?: string }> {
    const prefix = namespace === "/" ? "" : `${namespace},`;
    await this.send(`40${prefix}${auth ? JSON.stringify(auth) : ""}`);
    const isReply = (frame: Frame): boolean =>
      typeof frame === "string" && ["40", "44"].some((type) => frame.startsWith(`${type}${prefix}{`));
    const reply = String(await this.next(isReply));
    if (reply.startsWith("44")) {
      throw new Error(`the server refused ${namespace}: ${reply}`);
    }
    return JSON.parse(reply.slice(2 + prefix.length)) as { sid: string; pid?: string };
  }

  /**
   * Sends frames by whatever carries the session: each in a frame of the WebSocket, or all in one POST.
   *
   * @throws Error if the POST is not answered with 200
   */
  async send(...frames: Frame[]): Promise<void> {
    if (this.webSocket) {
      for (const frame of frames) {
        this.webSocket.send(frame);
      }
    } else {
      expectStatus(await this.post(encodePayload(frames)), "the POST");
    }
  }

  /** Destroys every connection without a word to the server. To end the session in order, send `1` or close the WebSocket. */
  async close(): Promise<void> {
    this.#pollAgain = false;
    this.#closing.abort(new Error("the client was closed"));
    this.received.end("the client was closed");
    for (const socket of this.#sockets) {
      socket.terminate();
    }
    await Promise.all([this.#polling, ...[...this.#sockets].map((socket) => socket.closed)]);
    this.#agent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #poll(): Promise<void> {
    while (this.#pollAgain) {
      expectStatus(await this.get({ timeout: Infinity }), "the GET");
    }
  }

  #receive(frame: Frame, reply: (answer: Frame) => Promise<void> = (answer) => this.send(answer)): void {
    const answered = frame === "2" && this.#options.answerPings;
    this.received.push(frame, answered || (frame === "6" && this.#polling !== undefined));
    if (answered) {
      reply("3").catch((error: unknown) => this.received.end(`the ping could not be answered: ${String(error)}`));
    }
  }
}

function expectStatus({ status, body }: RawResponse, what: string): void {
  if (status !== 200) {
    throw new Error(`${what} was answered with ${status}: ${body}`);
  }
}
