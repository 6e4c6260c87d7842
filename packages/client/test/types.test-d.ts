import type { EventsMap } from "@hawser/core";
import { describe, expectTypeOf, it } from "vitest";
import client, {
  Fetch,
  Manager,
  NodeXHR,
  Socket,
  WebSocket,
  XHR,
  connect,
  io,
  protocol,
  type DisconnectDescription,
  type ExtendedError,
  type ManagerOptions,
  type ManagerReservedEvents,
  type SocketOptions,
  type SocketReservedEvents,
} from "../src/index.ts";

interface ServerToClient {
  news: (text: string) => void;
  question: (text: string, answer: (reply: number) => void) => void;
}

interface ClientToServer {
  ask: (question: string, answer: (text: string) => void) => void;
}

// What applications of Socket.IO have written, as they have written it.

describe("connecting", () => {
  it("takes a URL, options, or both", () => {
    expectTypeOf(io()).toEqualTypeOf<Socket>();
    expectTypeOf(connect("http://host")).toEqualTypeOf<Socket>();
    expectTypeOf(client({ path: "/path", transports: ["websocket"] })).toEqualTypeOf<Socket>();
    expectTypeOf(protocol).toBeNumber();
  });

  it("takes the type of the socket from where it is kept", () => {
    const socket: Socket<ServerToClient, ClientToServer> = io("http://host");
    socket.on("news", (text) => expectTypeOf(text).toBeString());
    socket.on("question", (_, answer) => answer(1));
    socket.emit("ask", "why?", (text) => expectTypeOf(text).toBeString());
    socket.timeout(1000).emit("ask", "why?", (error, text) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(text).toBeString();
    });
    // @ts-expect-error -- the server does not emit that
    socket.on("ask", () => {});
  });

  it("takes options that were made elsewhere", () => {
    const options: Partial<ManagerOptions & SocketOptions> = {
      auth: (callback) => callback({ token: "x" }),
      query: { a: 1 },
      transports: [Fetch, XHR, NodeXHR, WebSocket],
      transportOptions: { polling: { extraHeaders: { a: "b" } } },
      tryAllTransports: true,
      rememberUpgrade: true,
      forceBase64: true,
      requestTimeout: 1000,
      useNativeTimers: true,
      timestampRequests: true,
      perMessageDeflate: { threshold: 1024 },
      agent: false,
    };
    expectTypeOf(io("http://host", options)).toEqualTypeOf<Socket>();
    new Manager("http://host", options).socket("/", options);
    new Manager({ ...options, hostname: "host", port: 3000, secure: true });
  });
});

describe("a socket", () => {
  const socket = io();

  it("tells why it was disconnected", () => {
    socket.on("disconnect", (reason, description) => {
      expectTypeOf(reason).toEqualTypeOf<Socket.DisconnectReason>();
      expectTypeOf(description).toEqualTypeOf<DisconnectDescription | undefined>();
      if (reason === "io server disconnect") {
        socket.connect();
      }
    });
    expectTypeOf<"transport close">().toExtend<Socket.DisconnectReason>();
  });

  it("tells why it could not connect, with what the server added", () => {
    socket.on("connect_error", (error) => {
      expectTypeOf(error).toEqualTypeOf<ExtendedError>();
      expectTypeOf(error.data.reason).toBeAny();
    });
    expectTypeOf<SocketReservedEvents["connect"]>().toEqualTypeOf<() => void>();
  });

  it("has an engine that can be watched", () => {
    const { engine } = socket.io;
    expectTypeOf(engine.transport.name).toBeString();
    engine.once("upgrade", (transport) => expectTypeOf(transport.name).toBeString());
    engine.on("packet", ({ type, data }) => [type, data]);
    engine.on("close", (reason) => expectTypeOf(reason).toExtend<string>());
    engine.on("handshake", ({ upgrades }) => upgrades.includes("websocket"));
    expectTypeOf(engine.writeBuffer.length).toBeNumber();
  });

  it("may be asked for its Manager's events", () => {
    socket.io.on("reconnect_attempt", (attempt) => expectTypeOf(attempt).toBeNumber());
    socket.io.on("error", (error) => expectTypeOf(error).toEqualTypeOf<Error>());
    expectTypeOf<ManagerReservedEvents["reconnect"]>().parameters.toEqualTypeOf<[number]>();
    socket.io.opts.transports = ["polling", "websocket"];
    socket.io.opts.query = { a: "b" };
  });

  it("may be told who the user is later on", () => {
    socket.auth = { token: "x" };
    socket.auth = (callback) => callback({ token: "x" });
  });
});

describe("the socket of a namespace", () => {
  interface AdminEvents {
    clientToServer: { ban: (user: string, done: (known: boolean) => void) => void };
    serverToClient: { load: (percent: number) => void };
  }
  interface Events {
    clientToServer: ClientToServer;
    serverToClient: ServerToClient;
    namespaces: { "/admin": AdminEvents; [room: `/room-${string}`]: AdminEvents };
  }
  const manager = new Manager<Events>("http://host");

  it("has the types that the map has for its name", () => {
    const admin = manager.socket("/admin");
    expectTypeOf(admin).toEqualTypeOf<Socket<AdminEvents>>();
    expectTypeOf(manager.socket("/room-1", { auth: { token: "x" } })).toEqualTypeOf<Socket<AdminEvents>>();
    expectTypeOf(io<Events["namespaces"]["/admin"]>("http://host/admin")).toEqualTypeOf<Socket<AdminEvents>>();
    admin.on("load", (percent) => expectTypeOf(percent).toBeNumber());
    expectTypeOf(admin.timeout(1).emitWithAck("ban", "ada")).resolves.toBeBoolean();
    // @ts-expect-error -- an event of the Manager's own map
    admin.emit("ask", "why?", () => {});
    // @ts-expect-error -- no such namespace
    io<Events["namespaces"]["/admim"]>("http://host/admim");
  });

  it("has the Manager's own types if the map says nothing of it, or nobody can tell which it is", () => {
    expectTypeOf(manager.socket("/")).toEqualTypeOf<Socket<Events>>();
    expectTypeOf(manager.socket("/other")).toEqualTypeOf<Socket<Events>>();
    expectTypeOf(manager.socket("/admin" as string)).toEqualTypeOf<Socket<Events>>();
    expectTypeOf(new Manager().socket("/admin")).toEqualTypeOf<Socket>();
    expectTypeOf<ReturnType<Manager["socket"]>>().toEqualTypeOf<Socket>();
    expectTypeOf(new Manager<ServerToClient, ClientToServer>().socket("/admin")).toEqualTypeOf<
      Socket<ServerToClient, ClientToServer>
    >();
  });

  it("has other types if they are given", () => {
    expectTypeOf(manager.socket<AdminEvents>("/other")).toEqualTypeOf<Socket<AdminEvents>>();
    expectTypeOf(new Manager().socket<ServerToClient, ClientToServer>("/other")).toEqualTypeOf<
      Socket<ServerToClient, ClientToServer>
    >();
    // @ts-expect-error -- no name of a namespace
    manager.socket(1);
  });

  it("is made by code that is generic over the map", () => {
    function open<A extends EventsMap>(from: Manager<A>): Socket<A> {
      const untyped: Socket = from.socket("/admin");
      untyped.onAny((event) => event.length);
      return from.socket("/admin");
    }
    expectTypeOf(open(new Manager<AdminEvents>())).toEqualTypeOf<Socket<AdminEvents>>();
    expectTypeOf<Manager<Events>>().toExtend<Manager>();
    expectTypeOf<Manager>().toExtend<Manager<Events>>();
  });
});
