/** A client that lives in a browser's page and looks, to a scenario, like one that lives here. */

import type { Browser, Page } from "playwright-core";
import type { ClientEmitter, ClientFactory, ClientSocket } from "../harness/context.ts";
import { createFunctionTable, type FunctionTable } from "./function-table.ts";
import { installPageScript, type Operation, type Report, type SocketState, type Step } from "./page-script.ts";

type Listener = (...args: any[]) => void;

const PAGE_SCRIPT = `(${installPageScript.toString()})(${createFunctionTable.toString()});`;

/** A browser's page, loaded anew for each scenario. */
export class RemotePage {
  readonly #page: Page;
  #clients: RemoteClients | undefined;
  #runs = 0;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser): Promise<RemotePage> {
    const page = await browser.newPage();
    const remotePage = new RemotePage(page);
    await page.addInitScript(PAGE_SCRIPT);
    await page.exposeBinding("report", (_source, run: string, reports: string) => remotePage.#receive(run, reports));
    page.on("pageerror", (error) => remotePage.#clients?.fail(error));
    return remotePage;
  }

  /** Loads a page for these clients; from then on what is reported is theirs. */
  async load(clients: RemoteClients, url: string): Promise<void> {
    this.#clients = clients;
    await this.#page.goto(`${url}&run=${++this.#runs}`);
    const loaded = await this.#page.evaluate(() => typeof (globalThis as { io?: unknown }).io === "function");
    if (!loaded) throw new Error(`no client in the page of ${url}`);
  }

  perform(operations: readonly Operation[]): Promise<void> {
    return this.#page.evaluate((batch) => {
      (globalThis as unknown as { perform(operations: string): void }).perform(batch);
    }, JSON.stringify(operations));
  }

  #receive(run: string, reports: string): void {
    // What a page had to say before it was left may come late.
    if (run === String(this.#runs)) this.#clients!.receive(JSON.parse(reports) as Report[]);
  }
}

/** The clients of one scenario. What they are to do waits until their page has loaded. */
export class RemoteClients {
  readonly states: SocketState[] = [];
  readonly table: FunctionTable;
  readonly #page: RemotePage;
  #waiting: Operation[] = [];
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(page: RemotePage) {
    this.#page = page;
    this.table = createFunctionTable((call) => this.perform({ do: "call", call }));
  }

  /** Loads the page, whose URL ends in a query. */
  load(url: string): Promise<void> {
    return this.#page.load(this, url);
  }

  /** The page's `io`. */
  readonly io: ClientFactory = (url, options) => {
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
   * Resolves once the page has done all that it was asked to do.
   *
   * @throws Error what went wrong in the page, if anything did
   */
  async performed(): Promise<void> {
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Remembers what went wrong in the page. */
  fail(cause: unknown): void {
    this.#failure ??= cause;
  }

  /** Takes in what happened in the page. */
  receive(reports: readonly Report[]): void {
    for (const { call, states } of reports) {
      Object.assign(this.states, states);
      this.table.run(call);
    }
  }

  async #send(): Promise<void> {
    const operations = this.#waiting;
    this.#waiting = [];
    try {
      await this.#page.perform(operations);
    } catch (error) {
      this.fail(error);
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

  performed(): Promise<void> {
    return this.clients.performed();
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
