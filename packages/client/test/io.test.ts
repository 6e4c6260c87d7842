import { describe, expect, it } from "vitest";
import * as client from "../src/index.ts";
import cjs from "../src/cjs.ts";
import { io } from "../src/io.ts";
import { Manager } from "../src/manager.ts";

const idle = { autoConnect: false };

/** A server that no other test speaks of. */
let hosts = 0;
const unused = (): string => `http://host-${++hosts}.test`;

describe("which calls of io() share a connection", () => {
  it("those for different namespaces of one server do", () => {
    const server = unused();
    expect(io(server, idle).io).toBe(io(`${server}/admin`, idle).io);
  });

  it("a port that goes without saying makes no difference", () => {
    const server = unused();
    expect(io(server, idle).io).toBe(io(`${server}:80/admin`, idle).io);
  });

  it("a second call for a namespace gets a connection of its own, even if the first socket is not connected", () => {
    const server = unused();
    expect(io(server, idle).io).not.toBe(io(server, idle).io);
  });

  it("what got a connection of its own is not shared with later calls", () => {
    const server = unused();
    const first = io(server, idle);
    io(server, idle);
    expect(io(`${server}/admin`, idle).io).toBe(first.io);
  });

  it.each([{ forceNew: true }, { "force new connection": true }, { multiplex: false }])("not with %o", (option) => {
    const server = unused();
    expect(io(server, idle).io).not.toBe(io(`${server}/admin`, { ...idle, ...option }).io);
  });

  it("not if the path of the requests differs", () => {
    const server = unused();
    const shared = io(server, idle).io;
    expect(io(`${server}/admin`, { ...idle, path: "/elsewhere" }).io).not.toBe(shared);
    expect(io(`${server}/admin`, { ...idle, path: "/socket.io" }).io).toBe(shared);
  });

  it("the query string is not part of what is compared", () => {
    const server = unused();
    expect(io(server, idle).io).toBe(io(`${server}/admin?x=1`, idle).io);
  });
});

describe("what io() makes of its arguments", () => {
  it("takes the namespace from the path", () => {
    expect(io(`${unused()}/a/b/?x=1`, idle).nsp).toBe("/a/b/");
    expect(io(unused(), idle).nsp).toBe("/");
  });

  it("leaves the options of the connection to the first call", () => {
    const server = unused();
    io(server, { ...idle, reconnectionDelay: 11 });
    expect(io(`${server}/admin`, { ...idle, reconnectionDelay: 22 }).io.reconnectionDelay()).toBe(11);
  });

  it("gives each socket its own auth", () => {
    const server = unused();
    expect(io(server, { ...idle, auth: { a: 1 } }).auth).toEqual({ a: 1 });
    expect(io(`${server}/admin`, { ...idle, auth: { b: 2 } }).auth).toEqual({ b: 2 });
  });

  it("shows the query of the URI in the options, unless they have one", () => {
    expect(io(`${unused()}?a=1`, idle).io.opts.query).toEqual({ a: "1" });
    expect(io(`${unused()}?a=1`, { ...idle, query: { b: "2" } }).io.opts.query).toEqual({ b: "2" });
  });

  it("takes options alone", () => {
    expect(io({ ...idle, forceNew: true, path: "/elsewhere" }).io.opts.path).toBe("/elsewhere");
  });
});

describe("the exports", () => {
  it("are io by all its names, the classes and the revision of the protocol", () => {
    expect(client.connect).toBe(client.io);
    expect(client.default).toBe(client.io);
    expect(client.Manager).toBe(Manager);
    expect(client.protocol).toBe(5);
  });

  it("are the transports by the names that they have in Socket.IO, to be used as options", () => {
    const { Fetch, XHR, NodeXHR, WebSocket, NodeWebSocket } = client;
    expect([Fetch, XHR, NodeXHR].map(({ prototype }) => prototype.name)).toEqual(["polling", "polling", "polling"]);
    expect([WebSocket, NodeWebSocket].map(({ prototype }) => prototype.name)).toEqual(["websocket", "websocket"]);
    const { io: manager } = io("http://127.0.0.1:1", {
      forceNew: true,
      transports: [WebSocket, Fetch],
      reconnection: false,
    });
    expect(manager.engine.transport).toBeInstanceOf(WebSocket);
    manager._close();
  });

  it("are properties of io as well", () => {
    const { io: self, connect, Manager: ManagerClass, Socket } = cjs as unknown as typeof client;
    expect([self, connect, ManagerClass, Socket]).toEqual([io, io, client.Manager, client.Socket]);
    // TypeScript is told that whatever the ES module exports is there.
    for (const [name, value] of Object.entries(client)) {
      expect([name, (cjs as unknown as Record<string, unknown>)[name]]).toEqual([
        name,
        name === "default" ? undefined : value,
      ]);
    }
  });
});
