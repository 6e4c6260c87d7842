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
