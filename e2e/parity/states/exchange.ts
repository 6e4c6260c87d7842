/** What a client sends by HTTP: whole requests, and POSTs of which a half is sent. */

import { rawRequest, RawTcp, type RawRequestOptions } from "@hawser/testing";
import type { Agent } from "node:http";
import { withTimeout } from "../../harness/waiting.ts";
import { NAME_HEADER, type Arrival, type Bench } from "./bench.ts";

/** Milliseconds within which whatever is certain to come must come. */
export const PATIENCE = 12_000;

/** What a client gets. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request that was sent, as both ends know it. */
export abstract class Exchange {
  readonly method: string;
  protected readonly name: string;
  readonly #arrival: Promise<Arrival>;
  #settled: () => boolean = () => false;

  constructor(bench: Bench, method: string) {
    this.method = method;
    this.name = bench.name();
    this.#arrival = bench.arrival(this.name);
    void this.#arrival.then(({ settled }) => (this.#settled = settled));
  }

  /** What came back; nothing if the connection broke instead. */
  abstract readonly answer: Promise<Answer | undefined>;

  /** Breaks the connection. */
  abstract abort(): void;

  /** Waits until the server has the head of the request. */
  async arrived(): Promise<void> {
    await withTimeout(this.#arrival, "a request to arrive", PATIENCE);
  }

  /** Whether the server has answered, or broken the connection. The answer may still be on its way. */
  get settled(): boolean {
    return this.#settled();
  }

  /** Breaks the connection, and waits until the server knows. */
  async breakOff(): Promise<void> {
    const { closed } = await this.#arrival;
    this.abort();
    await withTimeout(closed, "the server to notice", PATIENCE);
  }
}

/** A whole request. */
export class WholeRequest extends Exchange {
  override readonly answer: Promise<Answer | undefined>;
  readonly #abort = new AbortController();

  constructor(bench: Bench, url: string, agent: Agent, options: RawRequestOptions = {}) {
    super(bench, options.method ?? "GET");
    this.answer = rawRequest(url, {
      ...options,
      agent,
      signal: this.#abort.signal,
      headers: { ...options.headers, [NAME_HEADER]: this.name },
    }).catch(() => undefined);
  }

  override abort(): void {
    this.#abort.abort();
  }
}

/** A POST of which the head and half of the body are sent. */
export class HalfPost extends Exchange {
  override readonly answer: Promise<Answer | undefined>;
  readonly #tcp: RawTcp;
  readonly #rest: string;

  private constructor(bench: Bench, path: string, body: string, tcp: RawTcp) {
    super(bench, "POST");
    this.#tcp = tcp;
    this.#rest = body.slice(body.length / 2);
    const head = [
      `POST ${path} HTTP/1.1`,
      "Host: localhost",
      "Content-Type: text/plain;charset=UTF-8",
      `Content-Length: ${body.length}`,
      `${NAME_HEADER}: ${this.name}`,
    ];
    tcp.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, body.length / 2)}`);
    this.answer = this.#read();
  }

  /** @param body - of one byte characters */
  static async start(bench: Bench, path: string, body: string): Promise<HalfPost> {
    return new HalfPost(bench, path, body, await RawTcp.open(bench.port));
  }

  /** Sends the other half. */
  finish(): void {
    this.#tcp.write(this.#rest);
  }

  override abort(): void {
    this.#tcp.reset();
  }

  async #read(): Promise<Answer | undefined> {
    try {
      const head = await this.#tcp.until("\r\n\r\n", { timeout: 2 * PATIENCE });
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const body = length > 0 ? await this.#tcp.until(new RegExp(`^[^]{${length}}`)) : "";
      return { status: Number(head.split(" ")[1]), body };
    } catch {
      return undefined;
    }
  }
}
