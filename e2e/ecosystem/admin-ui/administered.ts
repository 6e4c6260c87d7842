/** A server that `@socket.io/admin-ui` watches, and who watches it. */

import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, extname, join } from "node:path";
import type { Server, Socket } from "socket.io";
import type { Socket as ClientSocket } from "socket.io-client";
import type { ClientModule, ServerClass } from "../../harness/context.ts";
import { Inbox, inbox } from "../../harness/waiting.ts";
import { Application } from "../application.ts";

export const application = new Application("admin-ui");
const { Server: AdministeredServer } = application.require("socket.io") as { Server: ServerClass };
const { io: connectTo } = application.require("socket.io-client") as ClientModule;
const { instrument } = application.require("@socket.io/admin-ui") as {
  instrument: (io: Server, options: object) => void;
};
const { hashSync } = application.require("bcryptjs") as { hashSync: (password: string, rounds: number) => string };

/** Files of the page that the package ships. */
const PAGE = join(dirname(application.require.resolve("@socket.io/admin-ui/package.json")), "ui/dist");
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export const CREDENTIALS = { username: "admin", password: "changed" };
/** What the option `auth` is to let {@link CREDENTIALS} in. */
export const BASIC = { type: "basic", username: CREDENTIALS.username, password: hashSync(CREDENTIALS.password, 4) };

/** Everything that the server tells those who watch it. */
const EVENTS = [
  "session",
  "config",
  "server_stats",
  "all_sockets",
  "socket_connected",
  "socket_updated",
  "socket_disconnected",
  "room_joined",
  "room_left",
  "event_received",
  "event_sent",
] as const;

/** Somebody who watches: a client in the namespace `/admin`, and what it was told, by event. */
export interface Watcher {
  readonly socket: ClientSocket;
  readonly told: Record<(typeof EVENTS)[number], Inbox>;
}

/** A server that is watched; it serves the package's page, too. */
export class Administered {
  readonly io: Server;
  readonly #httpServer: HttpServer;
  readonly #clients: ClientSocket[] = [];

  private constructor(options: object) {
    this.#httpServer = createServer((request, response) => {
      const file = join(PAGE, request.url === "/" ? "index.html" : new URL(request.url!, "http://page").pathname);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      createReadStream(file).pipe(response);
    });
    this.io = new AdministeredServer(this.#httpServer);
    instrument(this.io, { auth: false, ...options });
  }

  /** @param options - of `instrument()`; nobody has to authenticate unless told otherwise */
  static async start(options: object = {}): Promise<Administered> {
    const administered = new Administered(options);
    await new Promise<void>((resolve) => administered.#httpServer.listen(0, "127.0.0.1", resolve));
    return administered;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#httpServer.address() as AddressInfo).port}`;
  }

  /** A client that has not connected yet. */
  client(namespace = "", options: object = {}): ClientSocket {
    const socket = connectTo(`${this.url}${namespace}`, { forceNew: true, ...options });
    this.#clients.push(socket);
    return socket;
  }

  /** A client, and its socket here. */
  async connect(namespace = "", options: object = {}): Promise<{ client: ClientSocket; socket: Socket }> {
    const connections = inbox(this.io.of(namespace === "" ? "/" : namespace), "connection");
    const client = this.client(namespace, options);
    const connected = inbox(client, "connect");
    const [socket] = (await connections.next()) as [Socket];
    await connected.next();
    return { client, socket };
  }

  /** Somebody who watches, from when it knows what it may do. */
  async watch(auth: object = {}): Promise<Watcher> {
    const socket = this.client("/admin", { auth, transports: ["websocket"] });
    const told = Object.fromEntries(EVENTS.map((event) => [event, inbox(socket, event)])) as Watcher["told"];
    await inbox(socket, "connect").next();
    return { socket, told };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    this.#httpServer.closeAllConnections();
    await this.io.close();
  }
}
