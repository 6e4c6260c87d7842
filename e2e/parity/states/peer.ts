/** The raw client of one pair: it brings a state about, and knows what is under way. */

import { Agent } from "node:http";
import type { Frame, RawRequestOptions } from "@hawser/testing";
import { until, withTimeout } from "../../harness/waiting.ts";
import type { Bench, View } from "./bench.ts";
import { HalfPost, PATIENCE, WholeRequest, type Answer } from "./exchange.ts";
import { Line } from "./line.ts";
import type { Wire } from "./wire.ts";

/** Packets that are part of no conversation: they are never waited for. */
const SILENT = new Set(["2", "6"]);

/** A parameter that is left out if it is undefined. */
export type Query = Record<string, string | undefined>;

/** How often a GET that waits during an upgrade is answered, in milliseconds, with a margin. */
const RELEASE_INTERVAL = 90;

export class Peer {
  readonly bench: Bench;
  /** How packets are written. */
  wire: Wire;
  /** The id of the session; nothing before there is one. */
  sid: string | undefined;
  /** The GET that waits. */
  get: WholeRequest | undefined;
  /** The POST that is half sent. */
  post: HalfPost | undefined;
  /** The WebSocket that carries the session, or is to. */
  line: Line | undefined;
  /** Whether the server answers GETs that wait because the session is being moved. */
  releases = false;
  /** The packets of messages that have come and were not waited for. */
  readonly heard: Frame[] = [];
  /** Until when the state lasts, by the clock of `performance`. */
  #validUntil = Infinity;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #requests: WholeRequest[] = [];
  readonly #lines: Line[] = [];

  constructor(bench: Bench) {
    this.bench = bench;
    this.wire = bench.wire;
  }

  /** What the server's application has seen of the session. */
  get view(): View | undefined {
    return this.sid === undefined ? undefined : this.bench.view(this.sid);
  }

  /** Whether the state may have gone by itself. */
  get expired(): boolean {
    return performance.now() > this.#validUntil;
  }

  // ── one step at a time ───────────────────────────────────────────────────────────────────────────────────────

  /** Sends an HTTP request of the session. */
  request(method: string, query: Query = {}, options: RawRequestOptions = {}): WholeRequest {
    const request = new WholeRequest(this.bench, this.#url("http", { transport: "polling", ...query }), this.#agent, {
      ...options,
      method,
    });
    this.#requests.push(request);
    return request;
  }

  /** Posts packets. */
  send(...frames: (string | Buffer)[]): WholeRequest {
    return this.sendBody(this.wire.payload(...frames));
  }

  /** Posts a body as it is. */
  sendBody(body: string | Buffer, query: Query = {}, headers: Record<string, string> = {}): WholeRequest {
    const type = { "content-type": "text/plain;charset=UTF-8" };
    return this.request("POST", query, { body, headers: { ...type, ...headers } });
  }

  /** Opens a WebSocket. */
  async open(query: Query = {}): Promise<Line> {
    const line = await Line.open(this.bench, this.#url("ws", { transport: "websocket", ...query }));
    this.#lines.push(line);
    return line;
  }

  /** Reads the packets of an answer to a GET; a message is kept. What is left says how the GET was answered. */
  read({ status, body }: Answer): string[] {
    const packets = status === 200 ? this.wire.split(body) : [];
    return packets.filter((packet) => !this.#keep(packet));
  }

  /** Takes the packets that a WebSocket has brought; a message is kept. */
  readFrom(line: Line): Frame[] {
    const packets = line.frames.waiting;
    for (let count = 0; count < packets.length; count++) void line.frames.next();
    return packets.filter((packet) => !this.#keep(packet));
  }

  /** Waits until all that was sent is read, and all that the server says to it at once is there. */
  async settle(): Promise<void> {
    for (const line of this.#lines) await line.settle();
    // What the server does in the turns after the one in which it answered.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  // ── the usual sequences ──────────────────────────────────────────────────────────────────────────────────────

  /** Begins a session over polling, in `/` and `/proof`. */
  async beginOnPolling(): Promise<void> {
    this.read(await this.#answered(this.request("GET")));
    await this.#answered(this.send(...this.#connects));
    for (const expected of this.#connected) await this.hear(expected);
  }

  /** Begins a session on a WebSocket, in `/` and `/proof`. */
  async beginOnWebSocket(): Promise<void> {
    this.line = await this.open();
    this.#keep(await this.line.frames.next());
    this.line.send(...this.#connects);
    for (const expected of this.#connected) await this.hear(expected);
  }

  /** Sends a GET that waits. */
  async wait(): Promise<void> {
    this.get = this.request("GET");
    await this.get.arrived();
  }

  /** Sends half a POST. */
  async halfPost(): Promise<void> {
    const { pathname, search } = new URL(this.#url("http", { transport: "polling" }));
    this.post = await HalfPost.start(this.bench, pathname + search, this.wire.payload('42/proof,["echo"]'));
    await this.post.arrived();
  }

  /** Asks the server on a WebSocket whether the session may move there. */
  async probe(): Promise<void> {
    this.line = await this.open();
    this.line.send("2probe");
    await this.line.frames.next("3probe");
    this.releases = true;
  }

  /** Sends a GET that waits although the session is being moved, for as long as that lasts. */
  async waitWhileMoving(): Promise<void> {
    // A first GET tells when the server releases those that wait, and so how long the next one will.
    const first = this.request("GET");
    await first.arrived();
    let lastSeen = performance.now();
    await until(() => {
      if (!first.settled) lastSeen = performance.now();
      return first.settled;
    }, "a GET to be released");
    this.read(await this.#answered(first));
    await this.wait();
    this.#validUntil = lastSeen + RELEASE_INTERVAL;
  }

  /** Moves the session to the WebSocket. */
  async move(): Promise<void> {
    this.line?.send("5");
    await until(() => this.view?.conn?.transport.name === "websocket", "the session to move");
    this.releases = false;
  }

  /** Waits for a message on the transport that carries the session; others are kept. */
  async hear(expected: RegExp): Promise<void> {
    for (;;) {
      const index = this.heard.findIndex((frame) => typeof frame === "string" && expected.test(frame));
      if (index !== -1) {
        this.heard.splice(index, 1);
        return;
      }
      if (this.view?.conn?.transport.name === "websocket") {
        this.#keep(await this.#line.frames.next());
      } else {
        const get = this.get ?? this.request("GET");
        this.get = undefined;
        const answer = await this.#answered(get);
        const rest = this.read(answer).filter((packet) => !SILENT.has(packet));
        if (answer.status !== 200 || rest.length > 0) throw new Error(`a GET brought ${answer.status} ${answer.body}`);
      }
    }
  }

  /** Lets an event go to the server and another one come back. */
  async exchange(): Promise<void> {
    if (!this.view?.joined.has("/proof"))
      await this.#say("40/proof,").then(() => this.hear(this.wire.connected("/proof,")));
    await this.#say('42/proof,["echo"]');
    await this.hear(/^42\/proof,\["echoed"\]$/);
  }

  /** Ends all that is under way, and sees to it that the server forgets the session. */
  async end(): Promise<void> {
    this.post?.abort();
    for (const request of this.#requests) request.abort();
    for (const line of this.#lines) line.cut();
    this.view?.conn?.close(true);
    this.#agent.destroy();
    await until(() => this.bench.sessions === 0, "the server to forget the session", PATIENCE);
  }

  get #line(): Line {
    if (!this.line) throw new Error("there is no WebSocket");
    return this.line;
  }

  /** A client of revision 3 is in `/` without asking. */
  get #connects(): string[] {
    return this.wire.revision === 3 ? ["40/proof,"] : ["40", "40/proof,"];
  }

  get #connected(): RegExp[] {
    return [this.wire.connected(""), this.wire.connected("/proof,")];
  }

  #url(scheme: string, query: Query): string {
    const url = new URL(`${scheme}://127.0.0.1:${this.bench.port}/socket.io/`);
    const parameters = { EIO: String(this.wire.revision), sid: this.sid, ...query };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url.href;
  }

  /** Says something on the transport that carries the session. */
  async #say(packet: string): Promise<void> {
    if (this.view?.conn?.transport.name === "websocket") {
      this.#line.send(packet);
      return;
    }
    if (this.post) {
      // The server reads no other one while this one is under way; it says the same as the exchange does.
      this.post.finish();
      await withTimeout(this.post.answer, "the POST to be answered", PATIENCE);
      this.post = undefined;
      return;
    }
    await this.#answered(this.send(packet));
  }

  async #answered(request: WholeRequest): Promise<Answer> {
    const answer = await withTimeout(request.answer, `the answer to a ${request.method}`, PATIENCE);
    if (!answer) throw new Error(`a ${request.method} was broken off`);
    return answer;
  }

  /** Keeps a message, learns the session's id from OPEN; returns whether it was one of them. */
  #keep(packet: Frame): boolean {
    if (typeof packet === "string" && packet.startsWith("0{")) {
      this.sid ??= (JSON.parse(packet.slice(1)) as { sid: string }).sid;
      return false;
    }
    const isSaid = typeof packet !== "string" || /^[4b]|^3$/.test(packet);
    if (isSaid) this.heard.push(packet);
    return isSaid;
  }
}
