import { createServer, type Server as HttpServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { Adapter } from "@hawser/adapter";
import { RawClient } from "@hawser/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Namespace, Server } from "../src/index.ts";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";

describe("a server is made", () => {
  it("of an HTTP server", async () => {
    const server = await TestServer.start();
    expect(server.io.httpServer).toBe(server.http);
    await server.join();
  });

  it("of options alone, and attached later: the options of the constructor count first", async () => {
    const io = new Server({ path: "/first" });
    const http = createServer();
    expect(io.attach(http, { path: "/second", pingInterval: 1234 })).toBe(io);
    onTestFinished(() => io.close());
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const client = new RawClient(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { path: "/first/" });
    expect((await client.connect()).pingInterval).toBe(1234);
    await client.close();
  });

  it.each([
    ["of a port", () => new Server(0)],
    ["to listen on a port", () => new Server().listen(0)],
    ["to listen on a port in words", () => new Server().attach("0")],
  ])("%s, with an HTTP server that answers all else with 404", async (_how, make) => {
    const io = make();
    onTestFinished(() => io.close());
    const http = io.httpServer as HttpServer;
    if (!http.listening) {
      await nextEvent(http, "listening");
    }
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    expect((await fetch(`${origin}/other`)).status).toBe(404);
    const client = new RawClient(origin);
    await client.connect();
    await client.close();
  });

  it("of an HTTP/2 server, for polling and files", async () => {
    const http = createHttp2Server();
    const io = new Server(http);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const session = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    const ask = async (path: string, body?: string): Promise<string> => {
      const stream = session.request({ ":path": path, ":method": body === undefined ? "GET" : "POST" });
      stream.end(body);
      return (await stream.setEncoding("utf8").toArray()).join("");
    };
    const { sid } = JSON.parse((await ask("/socket.io/?EIO=4&transport=polling")).slice(1)) as { sid: string };
    const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    expect(await ask(path, "40")).toBe("ok");
    expect(await ask(path)).toMatch(/^40\{"sid"/);
    const [socket] = [...io.sockets.sockets.values()];
    expect(socket?.handshake).toMatchObject({ address: "127.0.0.1", query: { transport: "polling" } });
    session.close();
    await io.close();
  });

  it("but not of a request handler", () => {
    const handler = (): void => {};
    expect(() => new Server(handler as never)).toThrow(/express request handler/);
    expect(() => new Server().attach(handler as never)).toThrow(/express request handler/);
  });
});

describe("the server", () => {
  it("stands for its namespace /", async () => {
    const server = await TestServer.start();
    expect(server.io.of("/")).toBe(server.io.sockets);
    expect(server.io.of("/")).toBeInstanceOf(Namespace);
    const listener = vi.fn<(...args: unknown[]) => void>();
    expect(server.io.on("connection", listener)).toBe(server.io);
    expect(server.io.listeners("connection")).toEqual([listener]);
    expect(server.io.sockets.listeners("connection")).toEqual([listener]);
    server.io.sockets.off("connection", listener);
    expect(server.io.listenerCount("connection")).toBe(0);
  });

  it("gives one namespace for one name, with or without its slash", async () => {
    const server = await TestServer.start();
    const admin = server.io.of("admin");
    expect(admin.name).toBe("/admin");
    expect(server.io.of("/admin")).toBe(admin);
    expect(admin.server).toBe(server.io);
  });

  it("tells of namespaces that are created, / not among them", async () => {
    const server = await TestServer.start();
    const created: unknown[] = [];
    server.io.on("new_namespace", (namespace) => created.push(namespace));
    const [a, b] = [server.io.of("/a"), server.io.of("/b")];
    server.io.of("/a");
    server.io.of("/");
    expect(created).toEqual([a, b]);
  });

  it("adds a connection listener with the namespace", async () => {
    const server = await TestServer.start();
    const listener = vi.fn<(...args: unknown[]) => void>();
    server.io.of("/a", listener);
    const { socket } = await server.join("websocket", "/a");
    expect(listener).toHaveBeenCalledExactlyOnceWith(socket);
  });

  it("tells its path", async () => {
    const server = await TestServer.start();
    expect(server.io.path()).toBe("/socket.io");
    expect(new Server({ path: "/chat/" }).path()).toBe("/chat");
    const io = new Server();
    expect(io.path("/later/")).toBe(io);
    expect(io.path()).toBe("/later");
  });

  it("takes an adapter as a class or a function, for the namespaces that there are too", async () => {
    class Own extends Adapter {}
    const server = await TestServer.start();
    expect(server.io.adapter()).toBe(Adapter);
    server.io.of("/before");
    expect(server.io.adapter(Own)).toBe(server.io);
    server.io.of("/after");
    for (const name of ["/", "/before", "/after"]) {
      expect(server.io.of(name).adapter).toBeInstanceOf(Own);
    }
    server.io.adapter((nsp) => new Own(nsp));
    expect(server.io.of("/function").adapter).toBeInstanceOf(Own);
  });

  it("closes an adapter that another one takes the place of", async () => {
    const closed: string[] = [];
    class Own extends Adapter {
      override async close(): Promise<void> {
        closed.push(this.nsp.name);
        await Promise.reject(new Error("no network"));
      }
    }
    const server = await TestServer.start({ adapter: Own });
    server.io.of("/other");
    const told: unknown[] = [];
    server.io.on("handler_error", (error, { phase }) => told.push([(error as Error).message, phase]));
    server.io.adapter(Adapter);
    expect(closed).toEqual(["/", "/other"]);
    await settled();
    expect(told).toEqual(Array(2).fill(["no network", "adapter"]));
  });

  it("tells the adapter when it begins, and of its failure", async () => {
    class Failing extends Adapter {
      override init(): Promise<void> {
        return Promise.reject(new Error("no network"));
      }
    }
    const stderr = vi.spyOn(console, "error").mockImplementation(() => {});
    const server = await TestServer.start({ adapter: Failing });
    expect(stderr).toHaveBeenCalledTimes(1);
    stderr.mockRestore();
    const told = nextEvent(server.io, "handler_error");
    server.io.of("/another");
    expect(await told).toMatchObject([{ message: "no network" }, { phase: "adapter" }]);
  });
});

describe("io.close()", () => {
  it.each(["polling", "websocket"] as const)("ends everything, without a DISCONNECT, over %s", async (transport) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join(transport);
    const other = await server.joinWith(client, "/other");
    await until(() => socket.conn.transport.writable);
    const reasons = Promise.all([socket, other].map((each) => nextEvent(each, "disconnect")));
    const closed = server.io.close();
    expect(await reasons).toEqual([
      ["server shutting down", undefined],
      ["server shutting down", undefined],
    ]);
    if (transport === "polling") {
      expect(await client.next()).toBe("1");
    } else {
      expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    }
    expect(client.received.waiting).toEqual([]);
    await client.close();
    await closed;
    expect(server.http.listening).toBe(false);
    expect(server.io.engine.clientsCount).toBe(0);
    expect(server.io.engine.deadlines.size).toBe(0);
  });

  it.each(["polling", "websocket"] as const)(
    "is heard after what was emitted just before, over %s",
    async (transport) => {
      const server = await TestServer.start();
      const { client, socket } = await server.join(transport);
      await until(() => socket.conn.transport.writable);
      server.io.emit("closing time");
      const closed = server.io.close();
      expect(await client.next()).toBe('42["closing time"]');
      await client.close();
      await closed;
    },
  );

  it("is soon over, although a client keeps its connection alive and asks again and again", async () => {
    const server = await TestServer.start();
    const { client } = await server.join("polling");
    const asking = (async () => {
      for (;;) {
        await client.request({ query: { sid: undefined } });
      }
    })().catch(() => {});
    const begun = performance.now();
    await server.io.close();
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(server.io.engine.clientsCount).toBe(0);
    await client.close();
    await asking;
  });

  it("ends sockets whose middlewares are still thinking", async () => {
    const server = await TestServer.start();
    server.io.use(() => {});
    const client = await server.connect();
    await client.send("40");
    await settled();
    await server.io.close();
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
  });

  it("closes the adapters, whatever comes of that", async () => {
    const closed: string[] = [];
    class Watched extends Adapter {
      override async close(): Promise<void> {
        await settled();
        closed.push(this.nsp.name);
        throw new Error("no network");
      }
    }
    class Broken extends Adapter {
      override close(): void {
        closed.push(this.nsp.name);
        throw new Error("no network");
      }
    }
    const server = await TestServer.start();
    server.io.adapter((nsp) => (nsp.name === "/broken" ? new Broken(nsp) : new Watched(nsp)));
    server.io.of("/broken");
    server.io.of("/other");
    const errors: unknown[] = [];
    server.io.on("handler_error", (error, { phase }) => errors.push([(error as Error).message, phase]));
    await server.io.close();
    expect(errors).toEqual(Array(3).fill(["no network", "adapter"]));
    expect(closed.sort()).toEqual(["/", "/broken", "/other"]);
    expect(server.http.listening).toBe(false);
  });

  it("calls back, with the error of an HTTP server that was not running", async () => {
    const server = await TestServer.start();
    const callback = vi.fn<(...args: unknown[]) => void>();
    await server.io.close(callback);
    expect(callback.mock.calls).toEqual([[undefined]]);
    await server.io.close(callback);
    expect(callback).toHaveBeenLastCalledWith(expect.objectContaining({ code: "ERR_SERVER_NOT_RUNNING" }));
  });

  it("resolves for a server that was never attached", async () => {
    const callback = vi.fn<(...args: unknown[]) => void>();
    await new Server().close(callback);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("ends those too who come while adapters close", async () => {
    const server = await TestServer.start();
    let finish = (): void => {};
    server.io.sockets.adapter.close = () => new Promise<void>((resolve) => (finish = resolve));
    const closed = server.io.close();
    const late = await server.connect("polling").catch(() => undefined);
    await late?.join().catch(() => {});
    finish();
    await late?.close();
    await closed;
    expect(server.io.engine.clientsCount).toBe(0);
    server.io.sockets.adapter.close = () => {};
  });
});
