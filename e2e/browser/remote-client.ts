/** A client that lives in a browser's page and looks, to a scenario, like one that lives here. */

import type { Page } from "playwright-core";
import type { ClientEmitter, ClientFactory, ClientSocket } from "../harness/context.ts";
import { createFunctionTable, type FunctionTable } from "./function-table.ts";
import { installPageScript, type Operation, type Report, type SocketState, type Step } from "./page-script.ts";

type Listener = (...args: any[]) => void;

const PAGE_SCRIPT = `(${installPageScript.toString()})(${createFunctionTable.toString()});`;

/** One page and the clients in it. What they are to do waits until the page has loaded. */
export class RemoteClients {
  readonly states: SocketState[] = [];
  readonly table: FunctionTable;
  readonly #opening: Promise<Page>;
  readonly #pageUrl: (serverUrl: string) => string;
  #loaded: Promise<Page> | undefined;
  #waiting: Operation[] = [];
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown;

  /**
   * @param page - a page of its own, being opened
   * @param pageUrl - for a server's URL, the URL of a page that loads that server's bundle
   */
  constructor(page: Promise<Page>, pageUrl: (serverUrl: string) => string) {
    this.#opening = page;
    this.#pageUrl = pageUrl;
    this.table = createFunctionTable((call) => this.perform({ do: "call", call }));
  }

  /** The page's `io`. */
  readonly io: ClientFactory = (url, options) => {
    this.#loaded ??= this.#load(this.#pageUrl(new URL(url).origin));
    const socket = this.states.push({ id: undefined, connected: false, active: true }) - 1;
    this.perform({ do: "open", socket, url, options: this.table.encode(options) });
    return new RemoteClient(this, socket);
  };

  /** Asks the page to do something, after all that it was asked before. */
  perform(operation: Operation): void {
    if (this.#waiting.push(operation) > 1) return;
    this.#sending = this.#sending.then(() => this.#send());
  }

  /**
   * Closes the page.
   *
   * @throws Error what went wrong in the page, if anything did
   */
  async close(): Promise<void> {
    await this.#sending;
    await (await this.#opening).close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #load(url: string): Promise<Page> {
    const page = await this.#opening;
    page.on("pageerror", (error) => (this.#failure ??= error));
    await page.exposeBinding("report", (_source, reports: Report[]) => this.#receive(reports));
    await page.addInitScript(PAGE_SCRIPT);
    await page.goto(url);
    return page;
  }

  async #send(): Promise<void> {
    try {
      const page = await this.#loaded!;
      const operations = this.#waiting;
      this.#waiting = [];
      await page.evaluate((batch) => {
        (globalThis as unknown as { perform(operations: unknown[]): void }).perform(batch);
      }, operations);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #receive(reports: Report[]): void {
    for (const { call, states } of reports) {
      Object.assign(this.states, states);
      this.table.run(call);
    }
  }
}

class RemoteEmitter implements ClientEmitter {
  protected readonly clients: RemoteClients;
  protected readonly socket: number;
  readonly #flags: readonly Step[];

  constructor(clients: RemoteClients, socket: number, flags: readonly Step[] = []) {
    this.clients = clients;
    this.socket = socket;
    this.#flags = flags;
  }

  protected steps(name: string, args: unknown[]): readonly Step[] {
    return [...this.#flags, [name, args.map(this.clients.table.encode)]];
  }

  emit(event: string, ...args: unknown[]): this {
    this.clients.perform({ do: "steps", socket: this.socket, steps: this.steps("emit", [event, ...args]) });
    return this;
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, value: unknown): void => (error === null ? resolve(value) : reject(error));
      const steps = this.steps("emitWithAck", [event, ...args]);
      this.clients.perform({ do: "await", socket: this.socket, steps, settle: this.clients.table.encode(settle) });
    });
  }
}

class RemoteClient extends RemoteEmitter implements ClientSocket {
  get id(): string | undefined {
    return this.clients.states[this.socket]!.id;
  }

  get connected(): boolean {
    return this.clients.states[this.socket]!.connected;
  }

  get active(): boolean {
    return this.clients.states[this.socket]!.active;
  }

  get volatile(): ClientEmitter {
    return new RemoteEmitter(this.clients, this.socket, [["volatile"]]);
  }

  set auth(value: Record<string, any>) {
    this.clients.perform({ do: "set", socket: this.socket, property: "auth", value: this.clients.table.encode(value) });
  }

  timeout(milliseconds: number): ClientEmitter {
    return new RemoteEmitter(this.clients, this.socket, [["timeout", [milliseconds]]]);
  }

  on(event: string, listener: Listener): this {
    return this.#call("on", event, listener);
  }

  once(event: string, listener: Listener): this {
    return this.#call("once", event, listener);
  }

  off(...args: [event?: string, listener?: Listener]): this {
    return this.#call("off", ...args);
  }

  onAny(listener: Listener): this {
    return this.#call("onAny", listener);
  }

  prependAny(listener: Listener): this {
    return this.#call("prependAny", listener);
  }

  offAny(...args: [listener?: Listener]): this {
    return this.#call("offAny", ...args);
  }

  onAnyOutgoing(listener: Listener): this {
    return this.#call("onAnyOutgoing", listener);
  }

  offAnyOutgoing(...args: [listener?: Listener]): this {
    return this.#call("offAnyOutgoing", ...args);
  }

  send(...args: unknown[]): this {
    return this.#call("send", ...args);
  }

  connect(): this {
    return this.#call("connect");
  }

  disconnect(): this {
    return this.#call("disconnect");
  }

  #call(name: string, ...args: unknown[]): this {
    this.clients.perform({ do: "steps", socket: this.socket, steps: this.steps(name, args) });
    return this;
  }
}
