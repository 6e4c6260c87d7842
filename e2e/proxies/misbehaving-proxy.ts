import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What becomes of an upgrade request. */
export type UpgradeFate =
  /** Nobody ever answers. */
  | "swallowed"
  /** Somebody answers, with a page. */
  | "answered with 200"
  /** The connection is closed. */
  | "dropped"
  /** It succeeds, and then nothing comes through. */
  | "muted";

const PAGE = "<!doctype html><title>Welcome to this network</title>";

/** An HTTP proxy on 127.0.0.1 that does to WebSockets what some do, and is a captive portal if it is told to be. */
export class MisbehavingProxy {
  /** Whether it answers all requests itself, with a page. */
  portal = false;
  readonly #server: Server = createServer();
  readonly #target: number;
  readonly #sockets: Set<Duplex> = new Set();
  readonly #upgrading: Set<Duplex> = new Set();

  private constructor(target: number, fate: UpgradeFate) {
    this.#target = target;
    this.#server.on("connection", (socket: Socket) => this.#keep(socket));
    this.#server.on("request", (incoming, response) => this.#forward(incoming, response));
    this.#server.on("upgrade", (incoming, socket) => {
      this.#upgrading.add(socket);
      socket.on("close", () => this.#upgrading.delete(socket));
      // Its end would not be noticed otherwise, and an HTTP server leaves its own half open.
      socket.resume();
      socket.on("end", () => socket.destroy());
      this.#decide(fate, incoming, socket);
    });
  }

  /**
   * Starts a proxy.
   *
   * @param target - where it forwards to, on 127.0.0.1
   * @param fate - of upgrade requests
   */
  static async start(target: number, fate: UpgradeFate): Promise<MisbehavingProxy> {
    const proxy = new MisbehavingProxy(target, fate);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections are held on which an upgrade was asked for. */
  get upgrading(): number {
    return this.#upgrading.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    if (this.portal) {
      response.end(PAGE);
      return;
    }
    const { method, url, headers } = incoming;
    const outgoing = request({ port: this.#target, host: "127.0.0.1", agent: false, method, path: url, headers });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  #decide(fate: UpgradeFate, incoming: IncomingMessage, socket: Duplex): void {
    if (fate === "answered with 200") {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`);
    } else if (fate === "dropped") {
      socket.destroy();
    } else if (fate === "muted") {
      this.#mute(incoming, socket);
    }
  }

  #mute({ url, rawHeaders }: IncomingMessage, socket: Duplex): void {
    const server = connect(this.#target, "127.0.0.1");
    this.#keep(server);
    const lines = rawHeaders.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join("");
    server.write(`GET ${url!} HTTP/1.1\r\n${lines}\r\n`);
    server.once("data", (bytes: Buffer) => socket.write(bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 4)));
    server.on("close", () => socket.destroy());
    socket.on("close", () => server.destroy());
  }
}
