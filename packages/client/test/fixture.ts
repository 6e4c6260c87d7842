import {
  DeadlineQueue,
  REVISION_4,
  SERVER_ROLE,
  ServerSession,
  Turn,
  type EngineData,
  type Handshake,
  type SessionHandler,
  type SessionSettings,
  type Transport,
} from "@hawser/core";
import { FakeClock, FakeWire } from "@hawser/testing";
import { Socket as EngineSocket, type SocketOptions } from "../src/engine/socket.ts";
import { Manager } from "../src/manager.ts";
import type { ManagerOptions } from "../src/options.ts";
import { runtime as node } from "../src/runtime/node.ts";
import type { Runtime } from "../src/runtime/runtime.ts";
import type { Socket } from "../src/socket.ts";
import type { TransportConstructor, TransportContext } from "../src/transports/transport-context.ts";

/** One way across the fake network, in milliseconds. */
export const LATENCY = 5;

/** Enough for a few round trips, and too little for any timer of the client. */
export const SHORTLY = 20 * LATENCY;

/** One session on the test's server, which speaks in frames: what it says and hears is what is on the wire. */
export class ServerConnection implements SessionHandler {
  /** The messages that arrived. */
  readonly received: EngineData[] = [];
  readonly session: ServerSession;
  /** The wires of this session, the latest one last. */
  readonly wires: FakeWire[] = [];
  readonly #server: TestServer;

  constructor(server: TestServer, transport: Transport, sid: string) {
    this.#server = server;
    this.session = new ServerSession(server.settings, this, transport, sid);
  }

  send(...frames: EngineData[]): void {
    for (const frame of frames) {
      this.session.send(frame);
    }
  }

  onSessionOpen(): void {}

  onSessionMessage(_session: ServerSession, data: EngineData): void {
    this.received.push(data);
    this.#server.onMessage(this, data);
  }

  onSessionClose(): void {}
}

/** A server at virtual time. It lets everybody in who asks, unless told otherwise. */
export class TestServer {
  readonly clock: FakeClock = new FakeClock();
  readonly connections: ServerConnection[] = [];
  /** Where the clients' transports went. */
  readonly addresses: string[] = [];
  /** The page of the clients. */
  readonly page: EventTarget = new EventTarget();
  /** How many listeners the clients have there. */
  pageListeners = 0;
  /** Whether it can be reached. */
  up = true;
  /** Whether it completes the handshake. */
  answers = true;
  /** The transports that something on the way refuses, or swallows. */
  readonly blocked = new Map<string, "refused" | "swallowed">();
  handshake: Omit<Handshake, "sid"> = {
    upgrades: [],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    maxPayload: 1_000_000,
  };
  /** Answers what arrives. */
  onMessage: (connection: ServerConnection, data: EngineData) => void = welcome;
  /** How the clients' transports are made. */
  readonly transports: TransportConstructor[] = [this.#transport("websocket")];
  readonly settings: SessionSettings;
  #sessions = 0;

  constructor() {
    this.settings = {
      role: SERVER_ROLE,
      deadlines: new DeadlineQueue(this.clock),
      turn: new Turn(this.clock),
      revision: REVISION_4,
      upgradeTimeout: 10_000,
      closeTimeout: 30_000,
    };
  }

  /** Makes the server one that begins on polling and can be moved to WebSocket and WebTransport. */
  get upgradableTwice(): this {
    const server = this.upgradable;
    server.handshake = { ...server.handshake, upgrades: ["websocket", "webtransport"] };
    server.transports.push(server.#transport("webtransport"));
    return server;
  }

  /** Makes the server one that begins on polling and can be moved to WebSocket. */
  get upgradable(): this {
    this.handshake = { ...this.handshake, upgrades: ["websocket"] };
    this.transports.unshift(this.#transport("polling"));
    return this;
  }

  /** The latest connection. */
  get connection(): ServerConnection {
    const connection = this.connections.at(-1);
    if (!connection) {
      throw new Error("nobody has connected");
    }
    return connection;
  }

  /** Lets the time pass that a few round trips take. */
  settle(): void {
    this.clock.advance(SHORTLY);
  }

  manager(options: ManagerOptions = {}, uri: string | null = "http://server.test"): Manager {
    const { transports, runtime } = this;
    return new Manager(uri ?? undefined, { transports, randomizationFactor: 0, ...options }, runtime);
  }

  /** An engine's socket, which is opening. */
  engine(options: SocketOptions = {}, uri: string | undefined = "http://server.test"): EngineSocket {
    const { transports, runtime } = this;
    return new EngineSocket(uri, { ...(options.transportImplementations ? {} : { transports }), ...options }, runtime);
  }

  /** The platform of the clients. */
  get runtime(): Runtime {
    return {
      ...node,
      createClock: () => this.clock,
      onPageEvent: (event, listener) => {
        this.page.addEventListener(event, listener);
        this.pageListeners++;
        return () => {
          this.page.removeEventListener(event, listener);
          this.pageListeners--;
        };
      },
    };
  }

  /** A socket of `/` that is connected already. */
  connected(options: ManagerOptions = {}): Socket {
    const socket = this.manager(options).socket("/");
    this.settle();
    return socket;
  }

  /** A constructor that hands out the clients' ends of wires; the connection's id says whose upgrade a wire is. */
  #transport(name: "websocket" | "polling" | "webtransport"): TransportConstructor {
    const connect = (context: TransportContext): Transport => {
      const { sid } = context;
      this.addresses.push(name === "webtransport" ? context.address(name) : context.url("ws", name));
      const wire: FakeWire = new FakeWire(this.clock, {
        flavour: name === "polling" ? name : "websocket",
        latency: LATENCY,
        accept: (transport) => this.#accept(transport, sid, wire),
      });
      for (const end of [wire.client, wire.server]) {
        Object.defineProperty(end, "name", { value: name });
      }
      return wire.client;
    };
    function Constructor(context: TransportContext): Transport {
      return connect(context);
    }
    Constructor.prototype.name = name;
    return Constructor as unknown as TransportConstructor;
  }

  #accept(transport: Transport, sid: string, wire: FakeWire): void {
    const known = this.connections.find(({ session }) => session.id === sid);
    const blocked = this.blocked.get(transport.name);
    if (!this.up || blocked === "refused") {
      transport.abort();
    } else if (blocked || !(known || this.answers)) {
      new ServerConnection(this, transport, "");
    } else if (!known) {
      const connection = new ServerConnection(this, transport, `session-${++this.#sessions}`);
      connection.wires.push(wire);
      this.connections.push(connection);
      connection.session.open({ ...this.handshake, sid: connection.session.id });
    } else if (known.session.upgradeTo(transport)) {
      known.wires.push(wire);
    } else {
      transport.abort();
    }
  }
}

/** Lets everybody in: the socket's id names the session and the namespace. */
export function welcome(connection: ServerConnection, data: EngineData): void {
  const [, nsp] = /^0(?:(\/[^,{]*),?)?/.exec(String(data)) ?? [];
  if (String(data).startsWith("0")) {
    const sid = `${connection.session.id}${nsp ?? "/"}`;
    connection.send(`0${nsp ? `${nsp},` : ""}${JSON.stringify({ sid })}`);
  }
}

/** Writes down the events of emitters, in order: `name event arguments…`. */
export class Log {
  readonly lines: string[] = [];

  watch(
    name: string,
    emitter: { on(event: string, listener: (...args: unknown[]) => void): unknown },
    events: string[],
  ): this {
    for (const event of events) {
      emitter.on(event, (...args) => this.lines.push([name, event, ...args.map(brief)].join(" ")));
    }
    return this;
  }

  socket(socket: Socket, name: string = socket.nsp): this {
    return this.watch(name, socket as never, ["connect", "connect_error", "disconnect"]);
  }

  manager(manager: Manager): this {
    return this.watch("manager", manager as never, [
      "open",
      "close",
      "error",
      "reconnect",
      "reconnect_attempt",
      "reconnect_error",
      "reconnect_failed",
    ]);
  }

  /** What has been written down since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

function brief(value: unknown): string {
  return value instanceof Error ? `(${value.message})` : String(value);
}
