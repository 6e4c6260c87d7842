/** Clients of Socket.IO 2 and 3, and mixed company, on hawser's server as on Socket.IO's. */

import { createRequire } from "node:module";
import type { ServerOptions, Socket } from "socket.io";
import { describe, expect, test } from "vitest";
import { createContext, TRANSPORT_MODES, type ClientFactory, type ScenarioContext } from "../harness/context.ts";
import { clients, servers } from "../harness/implementations.ts";
import { bytes, settled } from "../harness/scenario.ts";
import { inbox } from "../harness/waiting.ts";

const require = createRequire(import.meta.url);

/** What clients of all versions offer. */
interface OlderSocket {
  readonly id: string;
  readonly connected: boolean;
  emit(event: string, ...args: any[]): unknown;
  on(event: string, listener: (...args: any[]) => void): unknown;
  disconnect(): unknown;
  connect(): unknown;
}

const VERSIONS = {
  "socket.io-client 2": require("socket.io-client-2") as ClientFactory,
  "socket.io-client 3": require("socket.io-client-3") as ClientFactory,
} as const;

interface Company extends ScenarioContext {
  /** A client of the version under test, and the socket that belongs to it. */
  join(namespace?: string, options?: Record<string, unknown>): Promise<{ client: OlderSocket; socket: Socket }>;
  /** Starts the server. */
  serve(options?: Partial<ServerOptions>): Promise<Awaited<ReturnType<ScenarioContext["createServer"]>>["io"]>;
}

/** Runs a test in a world of its own. */
async function inCompany(
  Server: (typeof servers)["hawser"]["use"],
  io: ClientFactory,
  transportMode: (typeof TRANSPORT_MODES)[number],
  run: (company: Company) => Promise<void>,
): Promise<void> {
  const context = createContext({ Server, io, transportMode, serverOptions: { allowEIO3: true } });
  let server: Awaited<ReturnType<Company["serve"]>>;
  try {
    await run({
      ...context,
      async serve(options) {
        server = (await context.createServer(options)).io;
        return server;
      },
      async join(namespace = "/", options) {
        const connections = inbox(server.of(namespace.replace(/\?.*/, "")), "connection");
        const client = context.connect(namespace, options) as unknown as OlderSocket;
        const connects = inbox(client, "connect");
        const [socket] = await connections.next();
        await connects.next();
        await settled(context, socket as Socket);
        return { client, socket: socket as Socket };
      },
    });
  } finally {
    await context.dispose();
  }
}

for (const server of [servers.hawser, servers.official]) {
  describe.each(Object.entries(VERSIONS))(`${server.name} and %s`, (version, io) => {
    const isSecond = version.endsWith("2");

    describe.each(TRANSPORT_MODES)("over %s", (transportMode) => {
      const it = (name: string, run: (company: Company) => Promise<void>): void =>
        test(name, () => inCompany(server.use, io, transportMode, run));

      it("the client speaks its own revision", async ({ serve, join }) => {
        await serve();
        const { client, socket } = await join();
        expect(socket.conn.protocol).toBe(isSecond ? 3 : 4);
        expect(client.id).toBe(socket.id);
        const sessionId = (socket.conn as unknown as { id: string }).id;
        if (isSecond) expect(socket.id).toBe(sessionId);
        else expect(socket.id).not.toBe(sessionId);
      });

      it("events, binary data and acknowledgements go both ways", async ({ serve, join }) => {
        await serve();
        const { client, socket } = await join();
        const atServer = inbox(socket, "event");
        const atClient = inbox(client, "event");
        const answers = inbox(
          { on: (_name, put) => client.emit("event", "ü🚢", { n: 1 }, Buffer.from([1, 2]), put) },
          "",
        );
        const [text, object, binary, answer] = await atServer.next();
        expect([text, object, bytes(binary)]).toEqual(["ü🚢", { n: 1 }, [1, 2]]);
        answer("aye", Buffer.from([3]));
        const [word, sealed] = await answers.next();
        expect([word, bytes(sealed)]).toEqual(["aye", [3]]);

        const reply = socket.emitWithAck("event", "line\nbreak", Buffer.from([4, 5]));
        const [line, sent, respond] = await atClient.next();
        expect([line, bytes(sent)]).toEqual(["line\nbreak", [4, 5]]);
        respond(Buffer.from([6]), "ignored");
        expect(bytes(await reply)).toEqual([6]);
      });

      it("many events of one tick arrive in order", async ({ serve, join }) => {
        await serve();
        const { client, socket } = await join();
        const atServer = inbox(socket, "n");
        const atClient = inbox(client, "n");
        for (let n = 0; n < 50; n++) {
          client.emit("n", n, ...(n % 7 === 0 ? [Buffer.from([n])] : []));
          socket.emit("n", n, ...(n % 7 === 0 ? [Buffer.from([n])] : []));
        }
        const numbers = Array.from({ length: 50 }, (_, n) => n);
        expect((await atServer.take(50)).map(([n]) => n)).toEqual(numbers);
        expect((await atClient.take(50)).map(([n]) => n)).toEqual(numbers);
      });

      it("rooms and broadcasts reach it", async ({ serve, join }) => {
        const served = await serve();
        const one = await join();
        const other = await join();
        const [atOne, atOther] = [inbox(one.client, "news"), inbox(other.client, "news")];
        await one.socket.join("deck");
        served.to("deck").emit("news", "deck", Buffer.from([1]));
        expect(bytes((await atOne.next())[1])).toEqual([1]);
        one.socket.broadcast.emit("news", "others");
        expect((await atOther.next())[0]).toBe("others");
        served.except("deck").emit("news", "not the deck");
        served.emit("news", "all");
        expect((await atOne.next())[0]).toBe("all");
        expect((await atOther.take(2)).map(([text]) => text)).toEqual(["not the deck", "all"]);
      });

      it("a broadcast can ask it for an answer", async ({ serve, join }) => {
        const served = await serve();
        const { client } = await join();
        client.on("ask", (answer: (text: string) => void) => answer("here"));
        expect(await served.timeout(2000).emitWithAck("ask")).toEqual(["here"]);
      });

      it("several namespaces share its connection", async ({ serve, join, connect }) => {
        const served = await serve();
        const { client, socket } = await join("/", { forceNew: false });
        const joined = inbox(served.of("/chat"), "connection");
        const chat = connect("/chat", { forceNew: false }) as unknown as OlderSocket;
        const [other] = await joined.next();
        expect(other.conn).toBe(socket.conn);
        if (isSecond) expect(other.id).toBe(`/chat#${socket.id}`);
        const atChat = inbox(other, "hello");
        chat.emit("hello", "chat");
        expect(await atChat.next()).toEqual(["chat"]);
        const left = inbox(other, "disconnect");
        chat.disconnect();
        expect((await left.next())[0]).toBe("client namespace disconnect");
        const still = inbox(socket, "still");
        client.emit("still");
        await still.next();
      });

      it("a middleware can keep it out, with a reason", async ({ serve, connect }) => {
        const served = await serve();
        served.of("/closed").use((_socket, next) => next(Object.assign(new Error("not today"), { data: { day: 1 } })));
        const client = connect("/closed") as unknown as OlderSocket;
        const [error] = await inbox(client, isSecond ? "error" : "connect_error").next();
        if (isSecond) expect(error).toEqual({ day: 1 });
        else expect([error.message, error.data]).toEqual(["not today", { day: 1 }]);
      });

      it("is told that a namespace does not exist", async ({ serve, connect }) => {
        await serve();
        const client = connect("/nowhere") as unknown as OlderSocket;
        const [error] = await inbox(client, isSecond ? "error" : "connect_error").next();
        expect(error.message).toBe("Invalid namespace");
      });

      it("leaves, and is told to leave", async ({ serve, join }) => {
        await serve();
        const one = await join();
        const gone = inbox(one.socket, "disconnect");
        one.client.disconnect();
        expect((await gone.next())[0]).toBe("client namespace disconnect");
        const other = await join();
        const told = inbox(other.client, "disconnect");
        other.socket.disconnect();
        expect((await told.next())[0]).toBe("io server disconnect");
      });

      it("comes back when its connection is cut", async ({ serve, join }) => {
        const served = await serve();
        const { client, socket } = await join();
        const back = inbox(served, "connection");
        const lost = inbox(client, "disconnect");
        socket.conn.close();
        await lost.next();
        const [again] = await back.next();
        const heard = inbox(client, "welcome back");
        again.emit("welcome back");
        await heard.next();
      });

      it("keeps its connection by the heartbeat of its revision", async ({ serve, join }) => {
        await serve({ pingInterval: 40, pingTimeout: 10_000 });
        const { client, socket } = await join();
        const beats = inbox(socket.conn, "heartbeat");
        await beats.take(3);
        expect(client.connected).toBe(true);
      });

      it("shares a room with a present-day client", async ({ serve, join }) => {
        const served = await serve();
        const { client, socket } = await join();
        const port = (served.httpServer.address() as { port: number }).port;
        const connections = inbox(served, "connection");
        const present = clients.official.use.io(`http://127.0.0.1:${port}`, {
          forceNew: true,
          transports: ["websocket"],
        });
        try {
          const [other] = await connections.next();
          await Promise.all([socket.join("deck"), other.join("deck")]);
          const [atOlder, atPresent] = [inbox(client, "news"), inbox(present, "news")];
          served.to("deck").emit("news", Buffer.from([1]), "text");
          expect((await Promise.all([atOlder.next(), atPresent.next()])).map(([first]) => bytes(first))).toEqual([
            [1],
            [1],
          ]);
        } finally {
          present.disconnect();
        }
      });

      if (isSecond) {
        it("hands over its query as auth, for each namespace", async ({ serve, join }) => {
          const served = await serve();
          served
            .of("/adm")
            .use((socket, next) => next(socket.handshake.auth["token"] === "x y" ? undefined : new Error("no")));
          const { client, socket } = await join("/adm?token=x%20y", { query: { a: "1" } });
          expect(socket.handshake.auth).toEqual({ token: "x y" });
          expect(socket.handshake.query).toMatchObject({ EIO: "3" });
          const heard = inbox(socket, "hello");
          client.emit("hello");
          await heard.next();
        });

        it("runs the middlewares of / without being asked for it", async ({ serve, connect }) => {
          const served = await serve();
          served.use((_socket, next) => next(new Error("nobody")));
          const client = connect() as unknown as OlderSocket;
          expect(await inbox(client, "error").next()).toEqual(["nobody"]);
        });
      }
    });

    test("is refused unless the option allows it", async () => {
      if (!isSecond) return;
      await inCompany(server.use, io, "polling", async ({ serve, connect }) => {
        const served = await serve({ allowEIO3: false });
        const errors = inbox(served.engine, "connection_error");
        const client = connect("/", { reconnection: false }) as unknown as OlderSocket;
        const [failed] = await inbox(client, "connect_error").next();
        expect(failed.message ?? failed).toContain("xhr poll error");
        expect((await errors.next())[0]).toMatchObject({ code: 5, context: { protocol: 3 } });
      });
    });
  });
}
