import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { Adapter as OfficialAdapter } from "socket.io-adapter";
import type { AdapterConstructor } from "@hawser/adapter";
import type { Server, ServerOptions, Socket } from "../src/index.ts";
import { UserErrors, type UserErrorContext } from "../src/user-errors.ts";
import { nextEvent, settled, TestServer, until, type Joined } from "./fixture.ts";

const failure = new Error("a bug");

let stderr: MockInstance<typeof console.error>;

beforeEach(() => {
  stderr = vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  stderr.mockRestore();
});

function fail(): never {
  throw failure;
}

/** The same in an `async` function, which is given where none is expected. */
const reject = (async () => fail()) as () => unknown as () => never;

/** A bug of the application: what sets it up, what sets it off, and what is said of it. */
interface Bug {
  name: string;
  setUp?: (io: Server) => void;
  plant?: (socket: Socket) => void;
  provoke?: (joined: Joined, server: TestServer) => unknown;
  context: Partial<UserErrorContext>;
}

const BUGS: Bug[] = [
  {
    name: "a connection listener",
    setUp: (io) => io.on("connection", fail),
    context: { phase: "connection", event: "connection" },
  },
  {
    name: "an async connection listener",
    setUp: (io) => io.on("connection", async () => fail()),
    context: { phase: "connection", event: "connection" },
  },
  {
    name: "an event listener",
    plant: (socket) => socket.on("a", fail),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "event", event: "a" },
  },
  {
    name: "an async event listener",
    plant: (socket) => socket.on("a", async () => fail()),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "event", event: "a" },
  },
  {
    name: "a catch-all listener",
    plant: (socket) => socket.onAny(fail),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "event", event: "a" },
  },
  {
    name: "an async catch-all listener",
    plant: (socket) => socket.onAny(async () => fail()),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "event", event: "a" },
  },
  {
    name: "an outgoing catch-all listener",
    plant: (socket) => socket.onAnyOutgoing(fail),
    provoke: ({ socket }) => socket.emit("a"),
    context: { phase: "event", event: "a" },
  },
  {
    name: "an async outgoing catch-all listener",
    plant: (socket) => socket.onAnyOutgoing(async () => fail()),
    provoke: (_joined, server) => server.io.emit("a"),
    context: { phase: "event", event: "a" },
  },
  {
    name: "an error listener",
    plant: (socket) => {
      socket.use((_event, next) => next(new Error("denied")));
      socket.on("error", fail);
    },
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "event", event: "error" },
  },
  {
    name: "a middleware of a socket",
    plant: (socket) => socket.use(fail),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "middleware", event: "a" },
  },
  {
    name: "an async middleware of a socket",
    plant: (socket) => socket.use(reject),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "middleware", event: "a" },
  },
  {
    name: "a middleware of a namespace",
    setUp: (io) => io.of("/x").use(fail),
    provoke: ({ client }) => client.send("40/x,"),
    context: { phase: "middleware" },
  },
  {
    name: "an async middleware of a parent namespace",
    setUp: (io) => io.of(/^\/x/).use(reject),
    provoke: ({ client }) => client.send("40/x1,"),
    context: { phase: "middleware" },
  },
  {
    name: "a listener of the adapter",
    setUp: (io) => io.of("/").adapter.on("create-room", fail),
    context: { phase: "adapter", event: "create-room" },
  },
  {
    name: "an async listener of the adapter",
    setUp: (io) => io.of("/").adapter.on("join-room", reject),
    provoke: ({ socket }) => socket.join("red"),
    context: { phase: "adapter", event: "join-room" },
  },
  {
    name: "an async listener of an adapter that was written for Socket.IO",
    setUp: (io) => {
      io.of("/").adapter.on("leave-room", reject);
      io.adapter(OfficialAdapter as unknown as AdapterConstructor);
      io.of("/").adapter.on("join-room", reject);
    },
    context: { phase: "adapter", event: "join-room" },
  },
  {
    name: "an async listener of the engine",
    setUp: (io) => io.engine.on("connection", reject),
    context: { phase: "engine", event: "connection" },
  },
  {
    name: "an async listener of a connection",
    plant: (socket) => socket.conn.on("packet", reject),
    provoke: ({ client }) => client.send('42["a"]'),
    context: { phase: "engine", event: "packet" },
  },
  {
    name: "an async connection listener of a namespace",
    setUp: (io) => io.of("/x").on("connection", reject),
    provoke: ({ client }) => client.join("/x"),
    context: { phase: "connection", event: "connection" },
  },
  {
    name: "an async connection listener of a parent namespace",
    setUp: (io) => io.of(/^\/x/).on("connection", reject),
    provoke: ({ client }) => client.join("/x1"),
    context: { phase: "connection", event: "connection" },
  },
  {
    name: "an async listener of what other servers send",
    setUp: (io) => io.on("moved", reject),
    provoke: (_joined, { io }) => io.sockets._onServerSideEmit(["moved"]),
    context: { phase: "event", event: "moved" },
  },
  {
    name: "an acknowledgement callback",
    provoke: ({ client, socket }) => {
      socket.emit("a", fail);
      return client.send("430[]");
    },
    context: { phase: "acknowledgement" },
  },
  {
    name: "an async acknowledgement callback",
    provoke: ({ client, socket }) => {
      socket.emit("a", async () => fail());
      return client.send("430[]");
    },
    context: { phase: "acknowledgement" },
  },
  {
    name: "an acknowledgement callback that is told of its timeout",
    provoke: ({ socket }) => socket.timeout(5).emit("a", fail),
    context: { phase: "acknowledgement" },
  },
  {
    name: "an acknowledgement callback that is told of the end",
    provoke: ({ client, socket }) => {
      socket.timeout(5000).emit("a", fail);
      client.webSocket?.close();
    },
    context: { phase: "acknowledgement" },
  },
  {
    name: "the callback of a broadcast",
    provoke: ({ client, socket }, server) => {
      server.io.to(socket.id).emit("a", fail);
      return client.send("430[]");
    },
    context: { phase: "acknowledgement" },
  },
  {
    name: "the async callback of a broadcast",
    provoke: ({ client, socket }, server) => {
      server.io.to(socket.id).emit("a", async () => fail());
      return client.send("430[]");
    },
    context: { phase: "acknowledgement" },
  },
  {
    name: "a disconnecting listener",
    plant: (socket) => socket.on("disconnecting", fail),
    provoke: ({ client }) => client.webSocket?.close(),
    context: { phase: "disconnect", event: "disconnecting" },
  },
  {
    name: "a disconnect listener",
    plant: (socket) => socket.on("disconnect", fail),
    provoke: ({ socket }) => socket.disconnect(),
    context: { phase: "disconnect", event: "disconnect" },
  },
  {
    name: "an async disconnect listener",
    plant: (socket) => socket.on("disconnect", async () => fail()),
    provoke: ({ socket }) => socket.disconnect(),
    context: { event: "disconnect" },
  },
  {
    name: "a new_namespace listener",
    setUp: (io) => {
      io.of(/^\/x/);
      io.on("new_namespace", fail);
    },
    provoke: ({ client }) => client.join("/x1"),
    context: { event: "new_namespace" },
  },
];

async function provoke(bug: Bug, server: TestServer): Promise<Joined> {
  bug.setUp?.(server.io);
  const joined = await server.join();
  bug.plant?.(joined.socket);
  await bug.provoke?.(joined, server);
  return joined;
}

describe.each(BUGS)("a bug in $name", (bug) => {
  it("is told to handler_error listeners, and harms nobody", async () => {
    const server = await TestServer.start();
    const bystander = await server.join();
    const told: [unknown, UserErrorContext][] = [];
    server.io.on("handler_error", (error, context) => told.push([error, context]));
    const { client } = await provoke(bug, server);
    await until(() => told.length > 0);
    await settled();
    for (const [error, context] of told) {
      expect(error).toBe(failure);
      expect(context).toMatchObject(bug.context);
    }
    expect(stderr).not.toHaveBeenCalled();
    bystander.socket.on("echo", (answer: (value: string) => void) => answer("here"));
    await bystander.client.send('421["echo"]');
    await bystander.client.next('431["here"]');
    expect(client.received.all).not.toContain("1");
  });

  it("is printed if nobody listens", async () => {
    const server = await TestServer.start();
    await provoke(bug, server);
    await until(() => stderr.mock.calls.length > 0);
    const [message, error] = stderr.mock.calls[0] as [string, unknown];
    expect(message).toMatch(/^hawser: .* failed.*"handler_error"/);
    expect(error).toBe(failure);
  });
});

/** A bug that keeps out whoever meets it: where it is, and what is said of it. */
interface Obstacle {
  name: string;
  options?: Partial<ServerOptions>;
  setUp?: (io: Server) => void;
  context: UserErrorContext;
}

const OBSTACLES: Obstacle[] = [
  {
    name: "a middleware of the engine",
    setUp: (io) => io.engine.use(fail),
    context: { phase: "engine", event: "use" },
  },
  {
    name: "an async middleware of the engine",
    setUp: (io) => io.engine.use(reject),
    context: { phase: "engine", event: "use" },
  },
  {
    name: "allowRequest",
    options: { allowRequest: fail },
    context: { phase: "engine", event: "allowRequest" },
  },
  {
    name: "an async allowRequest",
    options: { allowRequest: reject },
    context: { phase: "engine", event: "allowRequest" },
  },
  {
    name: "generateId",
    setUp: (io) => (io.engine.generateId = fail),
    context: { phase: "engine", event: "generateId" },
  },
  {
    name: "an async generateId",
    setUp: (io) => (io.engine.generateId = reject),
    context: { phase: "engine", event: "generateId" },
  },
  {
    name: "the option cors",
    options: { cors: fail },
    context: { phase: "engine", event: "cors" },
  },
  {
    name: "an async option cors",
    options: { cors: reject },
    context: { phase: "engine", event: "cors" },
  },
  {
    name: "an async origin of the option cors",
    options: { cors: { origin: reject } },
    context: { phase: "engine", event: "cors" },
  },
];

describe.each(OBSTACLES)("a bug in $name", ({ options, setUp, context }) => {
  it.each(["polling", "websocket"] as const)(
    "is told to handler_error listeners, or printed, and refuses a session over %s",
    async (transport) => {
      const server = await TestServer.start(options);
      setUp?.(server.io);
      await expect(server.connect(transport)).rejects.toBeInstanceOf(Error);
      expect(stderr.mock.calls).toEqual([[expect.stringContaining(`"${String(context.event)}"`), failure]]);
      const told = vi.fn<(...args: unknown[]) => void>();
      server.io.on("handler_error", told);
      await expect(server.connect(transport)).rejects.toBeInstanceOf(Error);
      expect(told.mock.calls).toEqual([[failure, context]]);
      expect(stderr).toHaveBeenCalledTimes(1);
    },
  );
});

describe("a middleware of a namespace with a bug", () => {
  it.each<[string, () => unknown]>([
    ["throws", fail],
    ["rejects", async () => fail()],
  ])("that %s keeps the client out, which is told the message", async (_how, middleware) => {
    const server = await TestServer.start();
    server.io.on("handler_error", () => {});
    server.io.use(middleware);
    const client = await server.connect();
    await client.send("40");
    expect(await client.next()).toBe('44{"message":"a bug"}');
  });
});

it.each<[string, () => unknown]>([
  ["throws", fail],
  ["rejects", async () => fail()],
])("a middleware of a socket that %s keeps the event back, which the socket is told", async (_how, middleware) => {
  const server = await TestServer.start();
  server.io.on("handler_error", () => {});
  const { client, socket } = await server.join();
  const kept = nextEvent(socket, "error");
  const listener = vi.fn<() => void>();
  socket.use(middleware);
  socket.on("a", listener);
  await client.send('42["a"]');
  expect(await kept).toEqual([failure]);
  expect(listener).not.toHaveBeenCalled();
});

it("what a middleware gives to next is nobody else's business", async () => {
  const server = await TestServer.start();
  const told = vi.fn<() => void>();
  server.io.on("handler_error", told);
  const { client, socket } = await server.join();
  socket.use((_event, next) => next(failure));
  server.io.of("/x").use((_socket, next) => next(failure));
  await client.send('42["a"]', "40/x,");
  await client.next(/^44\/x,/);
  await settled();
  expect(told).not.toHaveBeenCalled();
  expect(stderr).not.toHaveBeenCalled();
});

it("the bug's socket is told with it", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  const told = new Promise<UserErrorContext>((resolve) =>
    server.io.on("handler_error", (_error, context) => resolve(context)),
  );
  socket.on("a", fail);
  await client.send('42["a"]');
  expect((await told).socket).toBe(socket);
});

it("a bug in one listener does not keep later packets from theirs", async () => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  const seen: string[] = [];
  socket.on("a", fail);
  socket.on("b", () => seen.push("b"));
  await client.send('42["a"]', '42["b"]', '42["a"]', '42["b"]');
  await until(() => seen.length === 2);
});

describe("a handler_error listener with a bug of its own", () => {
  it.each([
    ["throws", fail],
    ["rejects", async () => fail()],
  ])("that %s is not told of that again: it is printed", async (_how, listener) => {
    const server = await TestServer.start();
    const spy = vi.fn<() => unknown>(listener);
    server.io.on("handler_error", spy);
    const { client, socket } = await server.join();
    socket.on("a", () => {
      throw new Error("the first bug");
    });
    await client.send('42["a"]');
    await until(() => stderr.mock.calls.length > 0);
    await settled();
    expect(spy).toHaveBeenCalledTimes(1);
    expect(stderr.mock.calls.map(([message]) => String(message).split(" failed")[0])).toContain(
      "hawser: a handler_error listener",
    );
  });
});

describe("the printing", () => {
  it("tells what failed", () => {
    const errors = new UserErrors("contain", () => false);
    errors.report(failure, { phase: "event", event: "a" });
    errors.report(failure, { phase: "middleware" });
    expect(stderr.mock.calls.map(([message]) => String(message).split(" failed")[0])).toEqual([
      'hawser: the event handler of "a"',
      "hawser: the middleware handler",
    ]);
  });
});

/** Takes the place of those who would end the process. */
class ProcessEnds implements Disposable {
  readonly seen: unknown[] = [];
  readonly #restore: (() => void)[] = [];

  constructor() {
    for (const event of ["unhandledRejection", "uncaughtException"]) {
      const emitter: NodeJS.EventEmitter = process;
      const others = emitter.listeners(event) as (() => void)[];
      emitter.removeAllListeners(event);
      emitter.on(event, (error: unknown) => this.seen.push([event, error]));
      this.#restore.push(() => {
        emitter.removeAllListeners(event);
        for (const other of others) {
          emitter.on(event, other);
        }
      });
    }
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore) {
      restore();
    }
  }
}

describe("with the policy to throw", () => {
  it("an error is thrown in a turn of its own, and nobody is told", async () => {
    const listener = vi.fn<() => boolean>();
    const errors = new UserErrors("throw", listener);
    const nextTick = vi.spyOn(process, "nextTick").mockImplementation(() => {});
    errors.report(failure, { phase: "event" });
    const [callback] = nextTick.mock.calls[0] as [() => void];
    nextTick.mockRestore();
    expect(callback).toThrow(failure);
    expect(listener).not.toHaveBeenCalled();
    expect(stderr).not.toHaveBeenCalled();
  });

  describe.each(BUGS)("$name", (bug) => {
    const expected = bug.name.includes("async") ? "unhandledRejection" : "uncaughtException";

    it("ends the process, an exception as an uncaught one, a rejection as an unhandled one, and nobody is told", async () => {
      using ends = new ProcessEnds();
      const server = await TestServer.start({ handlerErrors: "throw" });
      const told = vi.fn<() => void>();
      server.io.on("handler_error", told);
      await provoke(bug, server);
      await until(() => ends.seen.length > 0);
      await server.io.close();
      await settled();
      expect(ends.seen).toEqual(ends.seen.map(() => [expected, failure]));
      expect(told).not.toHaveBeenCalled();
      expect(stderr).not.toHaveBeenCalled();
    });
  });
});
