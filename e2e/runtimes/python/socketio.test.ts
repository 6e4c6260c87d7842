/** Clients of python-socketio on hawser's server, alone and beside clients in JavaScript. */

import type { ServerOptions, Socket } from "socket.io";
import { ChaosProxy } from "@hawser/testing";
import { describe, expect, test } from "vitest";
import {
  createContext,
  TRANSPORT_MODES,
  type DisposableContext,
  type RunningServer,
  type TransportMode,
} from "../../harness/context.ts";
import { clients, servers } from "../../harness/implementations.ts";
import { join, settled } from "../../harness/scenario.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { KINDS, PythonClient, pythonPath, type Kind } from "./python-client.ts";

/** `None` leaves the choice to the client: polling first, and on to WebSocket. */
const TRANSPORTS: Record<TransportMode, string[] | null> = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: null,
};

/** A server, and clients in both languages. */
class Company {
  readonly context: DisposableContext;
  readonly #kind: Kind;
  readonly #clients: PythonClient[] = [];
  #network: ChaosProxy | undefined;

  constructor(kind: Kind, transportMode: TransportMode) {
    this.#kind = kind;
    this.context = createContext({
      Server: servers.hawser.use,
      io: clients.hawser.use.io,
      transportMode,
      detour: async (port) => (this.#network = await ChaosProxy.start(port)),
    });
  }

  /** What is between the clients and the server. */
  get network(): ChaosProxy {
    return this.#network!;
  }

  serve(options?: Partial<ServerOptions>): Promise<RunningServer> {
    return this.context.createServer(options);
  }

  /** A client in Python that is not connected yet. */
  client(): PythonClient {
    const client = new PythonClient("socketio_client.py", this.#kind);
    this.#clients.push(client);
    return client;
  }

  /** Connects a client. */
  connect(client: PythonClient, options: object = {}, query = ""): Promise<void> {
    const transports = TRANSPORTS[this.context.transportMode];
    return client.do("connect", this.network.url + query, { transports, ...options }) as Promise<void>;
  }

  /** A client in Python, and the server's end of it. */
  async join(server: RunningServer, options?: object): Promise<{ client: PythonClient; socket: Socket }> {
    const connections = inbox(server.io, "connection");
    const client = this.client();
    await this.connect(client, options);
    const [socket] = await connections.next();
    await settled(this.context, socket);
    return { client, socket };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
    await this.context.dispose();
  }
}

/** The client waits for all its namespaces until this is over, in seconds, although one has been refused. */
const REFUSED = { wait_timeout: 1.5 };

const PATIENCE = { timeout: 16_000 };

const VALUES = ["ü🚢", 1.5, true, null, { nested: [{ deep: "\n" }] }, Buffer.from([0, 1, 255])];

describe.skipIf(pythonPath === undefined).each(KINDS)("python-socketio's %s client", (kind) => {
  describe.each(TRANSPORT_MODES)("over %s", (transportMode) => {
    test("connects, with headers, a query and auth", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const connections = inbox(server.io, "connection");
      const client = company.client();
      const options = { auth: { token: "ü" }, headers: { "X-Custom": "here" } };
      await company.connect(client, options, "/?room=a%26b");
      const [socket] = (await connections.next()) as [Socket];
      await settled(company.context, socket);
      expect(socket.handshake.auth).toEqual({ token: "ü" });
      expect(socket.handshake.headers["x-custom"]).toBe("here");
      expect(socket.handshake.query).toMatchObject({ room: "a&b", EIO: "4" });
      expect(await client.do("state")).toEqual({
        connected: true,
        transport: transportMode === "polling" ? "polling" : "websocket",
        ids: { "/": socket.id },
      });
    });

    test("sends and receives events with text, numbers, objects and binary data, in order", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client, socket } = await company.join(server);
      const arrived = inbox(socket, "things");
      await client.do("emit", "things", VALUES);
      expect(await arrived.next()).toEqual(VALUES);
      socket.emit("things", ...VALUES);
      expect(await client.inbox("things").next()).toEqual(VALUES);

      const numbers = Array.from({ length: 30 }, (_, number) => number);
      const inOrder = (events: unknown[][]): unknown[] => {
        const arrived = events.map(([number]) => number as number);
        // Each packet has a thread of its own in the other client, and its attachments too.
        return kind === "asyncio" ? arrived : arrived.sort((one, other) => one - other);
      };
      for (const number of numbers) {
        const attachment = kind === "asyncio" && number % 7 === 0 ? [Buffer.from([number])] : [];
        socket.emit("number", number, ...attachment);
      }
      expect(inOrder(await client.inbox("number").take(30))).toEqual(numbers);
      const counted = inbox(socket, "number");
      await Promise.all(numbers.map((number) => client.do("emit", "number", [number])));
      expect((await counted.take(30)).map(([number]) => number as number)).toEqual(numbers);
    });

    test("asks for acknowledgements and gives them, binary ones too", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client, socket } = await company.join(server);
      socket.on("ask", (...args: unknown[]) => (args.pop() as (...answers: unknown[]) => void)(...args));
      expect(await client.do("call", "ask", ["ü", Buffer.from([1, 2])])).toEqual(["ü", Buffer.from([1, 2])]);
      expect(await client.do("call", "ask", [])).toBe(null);
      const answer = socket.timeout(12_000).emitWithAck("echo", Buffer.from([3]), "second");
      expect(await answer).toEqual(Buffer.from([3]));
      expect(await server.io.timeout(12_000).emitWithAck("echo", "all")).toEqual(["all"]);
    });

    test("joins several namespaces on one connection", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const joined = inbox(server.io.of("/chat"), "connection");
      const { client, socket } = await company.join(server, { namespaces: ["/", "/chat"] });
      const [other] = (await joined.next()) as [Socket];
      expect(other.conn).toBe(socket.conn);
      expect((await client.do("state")).ids).toEqual({ "/": socket.id, "/chat": other.id });
      const heard = inbox(other, "said");
      await client.do("emit", "said", ["in the chat"], "/chat");
      expect(await heard.next()).toEqual(["in the chat"]);
      server.io.of("/chat").emit("news", "for the chat");
      expect(await client.inbox("news", "/chat").next()).toEqual(["for the chat"]);
      expect(client.inbox("news").size).toBe(0);

      other.disconnect();
      await client.inbox("disconnect", "/chat").next();
      const still = inbox(socket, "still there");
      await client.do("emit", "still there", []);
      await still.next();
    });

    test("is refused by a middleware, with the reason", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      server.io.use((_socket, next) => next(Object.assign(new Error("not today"), { data: { day: 1 } })));
      const client = company.client();
      await expect(company.connect(client, REFUSED)).rejects.toThrow("ConnectionError");
      expect(await client.inbox("connect_error").next()).toEqual([{ message: "not today", data: { day: 1 } }]);
      expect((await client.do("state")).connected).toBe(false);
    });

    test("is told that a namespace does not exist", async () => {
      await using company = new Company(kind, transportMode);
      await company.serve();
      const client = company.client();
      await expect(company.connect(client, { ...REFUSED, namespaces: ["/nowhere"] })).rejects.toThrow(
        "ConnectionError",
      );
      expect(await client.inbox("connect_error", "/nowhere").next()).toEqual([{ message: "Invalid namespace" }]);
    });

    test("shares rooms and broadcasts with clients in JavaScript", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const python = await company.join(server);
      const script = await join(company.context, server);
      const atScript = inbox(script.client, "news");
      const atPython = python.client.inbox("news");
      await Promise.all([python.socket.join("deck"), script.socket.join("deck")]);
      server.io.to("deck").emit("news", "for both", Buffer.from([1]));
      expect(await atPython.next()).toEqual(["for both", Buffer.from([1])]);
      expect(await atScript.next()).toEqual(["for both", Buffer.from([1])]);

      python.socket.on("tell others", (text: string) => void python.socket.broadcast.emit("news", text));
      await python.client.do("emit", "tell others", ["from Python"]);
      expect(await atScript.next()).toEqual(["from Python"]);
      script.socket.to("deck").emit("news", "from JavaScript");
      expect(await atPython.next()).toEqual(["from JavaScript"]);

      script.client.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
      expect(await server.io.timeout(12_000).emitWithAck("echo", "ü")).toEqual(["ü", "ü"]);
      expect([atPython.size, atScript.size]).toEqual([0, 0]);
    });

    test("leaves, and the server knows", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client, socket } = await company.join(server);
      const left = inbox(socket, "disconnect");
      await client.do("disconnect");
      // It does not always wait until its last packet has left.
      expect(["client namespace disconnect", "transport close", "transport error"]).toContain((await left.next())[0]);
      await client.inbox("disconnect").next();
      await until(() => server.io.engine.clientsCount === 0, "the session to end");
    });

    test("is told to leave, and stays away", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client, socket } = await company.join(server);
      socket.disconnect();
      await client.inbox("disconnect").next();
      await expect.poll(async () => (await client.do("state")).connected as boolean, PATIENCE).toBe(false);
      await until(() => server.io.engine.clientsCount === 0, "the session to end");
    });

    test("comes back when the server was gone for a while", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client } = await company.join(server);
      await client.inbox("connect").next();
      company.network.set({ refuse: true });
      company.network.reset();
      await client.inbox("disconnect").next();
      await server.close();
      const again = await company.serve();
      const connections = inbox(again.io, "connection");
      company.network.set({ refuse: false });
      await client.inbox("connect").next();
      const [socket] = (await connections.next()) as [Socket];
      socket.emit("welcome back");
      await client.inbox("welcome back").next();
    });

    test("comes back when the server closes a WebSocket, and takes it for a farewell over polling", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve();
      const { client, socket } = await company.join(server);
      await client.inbox("connect").next();
      const connections = inbox(server.io, "connection");
      socket.conn.close();
      await client.inbox("disconnect").next();
      if (transportMode === "polling") {
        await expect.poll(async () => (await client.do("state")).connected as boolean, PATIENCE).toBe(false);
        expect(connections.size).toBe(0);
      } else {
        await client.inbox("connect").next();
        await connections.next();
      }
    });

    test("keeps its connection by answering the heartbeat", async () => {
      await using company = new Company(kind, transportMode);
      const server = await company.serve({ pingInterval: 100, pingTimeout: 10_000 });
      const { client, socket } = await company.join(server);
      await inbox(socket.conn, "heartbeat").take(15);
      socket.emit("still there");
      await client.inbox("still there").next();
      expect(client.inbox("disconnect").size).toBe(0);
    });
  });
});
