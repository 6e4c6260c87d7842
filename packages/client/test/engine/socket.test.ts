import { beforeEach, describe, expect, it } from "vitest";
import { EngineConnection } from "../../src/engine/connection.ts";
import { Socket, SocketWithoutUpgrade, SocketWithUpgrade, type SocketOptions } from "../../src/engine/socket.ts";
import { LATENCY, Log, TestServer } from "../fixture.ts";

const EVENTS = [
  ..."handshake open packet heartbeat data message packetCreate flush drain ping pong".split(" "),
  ..."upgrading upgrade upgradeError error close".split(" "),
];

/** Without those that come with every packet. */
const MILESTONES = ["open", "message", "upgrading", "upgrade", "upgradeError", "error", "close"];

let server: TestServer;
let log: Log;

beforeEach(() => {
  server = new TestServer();
  server.onMessage = () => {};
  log = new Log();
  EngineConnection.$reachedWebSocket = false;
});

/** A socket that is opening, and watched. */
function watched(options: SocketOptions = {}, events: string[] = MILESTONES): Socket {
  const socket = server.engine(options);
  log.watch("", socket as never, events);
  return socket;
}

/** A socket that is open, and watched. */
function open(options: SocketOptions = {}): Socket {
  const socket = watched(options);
  server.settle();
  log.take();
  return socket;
}

describe("opening", () => {
  it("happens by itself, and is told step by step", () => {
    const socket = server.engine();
    const steps: unknown[] = [];
    for (const event of EVENTS) {
      socket.on(event as "open", () => steps.push([event, socket.readyState]));
    }
    expect([socket.readyState, socket.id, socket.upgrades]).toEqual(["opening", undefined, []]);
    server.settle();
    expect(steps).toEqual([
      ["packet", "opening"],
      ["heartbeat", "opening"],
      ["handshake", "open"],
      ["open", "open"],
    ]);
    expect([socket.readyState, socket.id]).toEqual(["open", "session-1"]);
  });

  it("begins below /engine.io/", () => {
    watched();
    watched({ path: "/raw/", query: { a: "b" } });
    watched({ path: "/raw", addTrailingSlash: false });
    expect(server.addresses).toEqual([
      "ws://server.test/engine.io/?EIO=4&transport=websocket",
      "ws://server.test/raw/?a=b&EIO=4&transport=websocket",
      "ws://server.test/raw?EIO=4&transport=websocket",
    ]);
  });

  it("ends with an error if nobody answers", () => {
    server.answers = false;
    const socket = watched();
    server.settle();
    expect(log.take()).toEqual([]);
    server.clock.advance(20_000);
    expect(log.take()).toEqual([" error (timeout)", " close transport error (timeout)"]);
    expect(socket.readyState).toBe("closed");
  });

  it("is given up after 20 seconds, or after another time", () => {
    server.answers = false;
    const [patient, usual, hasty] = [watched({ timeout: false }), watched(), watched({ timeout: 1000 })];
    server.clock.advance(1000);
    expect([patient.readyState, usual.readyState, hasty.readyState]).toEqual(["opening", "opening", "closed"]);
    server.clock.advance(19_000);
    expect([patient.readyState, usual.readyState]).toEqual(["opening", "closed"]);
    server.clock.advance(1_000_000);
    expect(patient.readyState).toBe("opening");
  });

  it("goes on with the next transport where the first one fails, if all are to be tried", () => {
    server.upgradable.blocked.set("polling", "refused");
    server.handshake.upgrades = [];
    const socket = watched({ tryAllTransports: true });
    server.settle();
    expect([socket.readyState, socket.transport.name]).toEqual(["open", "websocket"]);
    expect(log.take()).toEqual([" open"]);
  });
});

describe("the server", () => {
  it.each([
    ["http://a.test", "a.test", "80", false],
    ["https://a.test", "a.test", "443", true],
    ["wss://a.test:1234/path?query", "a.test", "1234", true],
    ["ws://[::1]:1234", "::1", "1234", false],
    ["a.test:1234", "a.test", "1234", false],
  ])("is that of the URI: %s", (uri, hostname, port, secure) => {
    const socket = server.engine({}, uri);
    expect([socket.hostname, socket.port, socket.secure]).toEqual([hostname, port, secure]);
    expect(socket.opts).toMatchObject({ hostname, port, secure, path: "/engine.io/" });
  });

  it.each<[SocketOptions, string]>([
    [{ host: "a.test", port: 1234 }, "ws://a.test:1234/engine.io/"],
    [{ hostname: "a.test", secure: true }, "wss://a.test/engine.io/"],
    [{ hostname: "::1", port: "1234" }, "ws://[::1]:1234/engine.io/"],
    [{ host: "[::1]" }, "ws://[::1]/engine.io/"],
    [{}, "ws://localhost/engine.io/"],
  ])("is that of the options, if there is no URI: %j", (options, address) => {
    new Socket({ ...options, transports: server.transports }, undefined, server.runtime);
    expect(server.addresses[0]?.split("?")[0]).toBe(address);
  });

  it("is the page's, if there is neither; parameters may still come with a path", () => {
    const location = { protocol: "https:", host: "page.test:1", hostname: "page.test", port: "1" };
    new Socket("/?a=b", { transports: server.transports }, { ...server.runtime, location });
    expect(server.addresses).toEqual(["wss://page.test:1/engine.io/?a=b&EIO=4&transport=websocket"]);
  });
});

describe("sending", () => {
  it("waits until the connection is open, and keeps the order", () => {
    const socket = server.engine();
    socket.send("1").write("2");
    socket.on("open", () => socket.send("3"));
    expect(socket.writeBuffer.map(({ data }) => data)).toEqual(["1", "2"]);
    server.settle();
    socket.send("4");
    server.settle();
    expect(server.connection.received).toEqual(["1", "2", "3", "4"]);
    expect(socket.writeBuffer).toEqual([]);
  });

  it("does not begin before the server has spoken, although the transport could", () => {
    server.answers = false;
    const socket = watched({}, EVENTS);
    socket.send("early");
    server.settle();
    expect(socket.transport.writable).toBe(true);
    socket.send("still early");
    server.settle();
    expect(log.take().filter((line) => line.includes("flush"))).toEqual([]);
    expect(socket.writeBuffer).toHaveLength(2);
  });

  it("tells who asks when it has left: as the second or third argument, also while opening", () => {
    const socket = server.engine();
    const left: string[] = [];
    socket.send("1", () => left.push("1"));
    socket.write("2", { compress: false }, () => left.push("2"));
    socket.send("3", null);
    expect(left).toEqual([]);
    server.settle();
    expect(left).toEqual(["1", "2"]);
    socket.send("4", undefined, () => left.push("4"));
    expect(left).toHaveLength(2);
    server.settle();
    expect(left).toEqual(["1", "2", "4"]);
  });

  it("tells who asks of each message when it has left, not when all have", () => {
    Object.assign(server.upgradable.handshake, { upgrades: [], maxPayload: 100 });
    const socket = open();
    const left: string[] = [];
    for (const name of ["1", "2", "3"]) {
      socket.send(name.repeat(60), () => left.push(`${name} of ${server.connection.received.length}`));
    }
    server.settle();
    expect(left).toEqual(["1 of 1", "2 of 2", "3 of 2"]);
  });

  it("tells nobody of what never leaves", () => {
    const left: string[] = [];
    server.up = false;
    const socket = server.engine();
    socket.send("1", () => left.push("1"));
    server.settle();
    socket.send("2", () => left.push("2"));
    server.settle();
    expect([left, socket.readyState]).toEqual([[], "closed"]);
  });

  it.each(["opening", "open"])("makes text of what is none, and nothing of what counts as false: %s", (state) => {
    const socket = state === "open" ? open() : server.engine();
    const none = undefined;
    for (const value of [7, true, 7n, ["a", 1], { toString: () => "object" }, 0, false, null, undefined, "", NaN]) {
      socket.send(value as string);
    }
    socket.send("last");
    const texts = ["7", "true", "7", "a,1", "object"];
    expect(socket.writeBuffer.map(({ data }) => data)).toEqual([...texts, none, none, none, none, "", none, "last"]);
    server.settle();
    expect(server.connection.received).toEqual([...texts, "", "", "", "", "", "", "last"]);
  });

  it("may be a callback alone, with an empty message", () => {
    const socket = open();
    let left = 0;
    socket.send((() => left++) as never);
    server.settle();
    expect([left, server.connection.received]).toEqual([1, [""]]);
  });

  it.each([
    ["a symbol", Symbol("s")],
    ["an object without a prototype", Object.create(null)],
    [
      "an object that throws",
      {
        toString() {
          throw new TypeError("no text");
        },
      },
    ],
  ])("throws at once for %s, which has no text, and goes on", (_what, value) => {
    const opening = server.engine();
    expect(() => opening.send(value as string)).toThrow(TypeError);
    opening.send("opened");
    server.settle();
    expect(() => opening.send(value as string, () => {})).toThrow(TypeError);
    opening.send("after");
    server.settle();
    expect(server.connection.received).toEqual(["opened", "after"]);
    opening.close();
    opening.send(value as string);
  });

  it("passes on how", () => {
    const socket = open();
    const created: unknown[] = [];
    socket.on("packetCreate", ({ options }) => created.push(options));
    socket.send("1").send("2", { compress: false }).send("3", {});
    server.clock.advance(25_000);
    expect(created).toEqual([{ compress: true }, { compress: false }, { compress: true }, { compress: true }]);
  });

  it.each(["drain", "callback"])("may follow from each %s, as often as the application likes", (by) => {
    const received: unknown[] = [];
    server.onMessage = (_, message) => received.push(message);
    const socket = open();
    const count = 10_000;
    let sent = 0;
    const sendNext = (): void => {
      if (sent < count) {
        socket.send(String(sent++), {}, by === "callback" ? sendNext : undefined);
      }
    };
    socket.on("drain", by === "drain" ? sendNext : () => {});
    sendNext();
    server.settle();
    expect(received).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  });

  it("happens within the call where somebody listens for flush or drain, and else in this turn", () => {
    const socket = open();
    socket.send("1");
    expect(socket.writeBuffer).toHaveLength(1);
    server.settle();
    socket.on("drain", () => {});
    socket.send("2");
    expect(socket.writeBuffer).toHaveLength(0);
  });
});

describe("receiving", () => {
  it("is told at once, as message and data", () => {
    const socket = open();
    log.watch("", socket as never, ["data"]);
    server.connection.send("text");
    server.settle();
    expect(log.take()).toEqual([" data text", " message text"]);
  });

  it("answers the heartbeat", () => {
    const socket = server.engine();
    server.settle();
    log.watch("", socket as never, ["packetCreate", "ping", "pong"]);
    server.clock.advance(25_000);
    expect(log.take()).toEqual([" packetCreate [object Object]", " ping", " pong"]);
    server.clock.advance(100_000);
    expect(socket.readyState).toBe("open");
  });

  it("ends when the heartbeat stays out", () => {
    const socket = open();
    server.connection.wires[0]!.toClient.hold();
    expect(socket._hasPingExpired()).toBe(false);
    server.clock.advance(45_000);
    expect(log.take()).toEqual([" close ping timeout undefined"]);
    expect(socket._hasPingExpired()).toBe(false);
  });
});

describe("close()", () => {
  it("is over at once if nothing waits; the server is told", () => {
    const socket = open();
    expect(socket.close()).toBe(socket);
    expect([socket.readyState, socket.id, socket.upgrades]).toEqual(["closed", null, []]);
    expect(log.take()).toEqual([" close forced close undefined"]);
    server.settle();
    expect(server.connection.session.state).toBe("closed");
    expect([log.take(), server.pageListeners, server.clock.armedDelays]).toEqual([[], 0, []]);
  });

  it("lets what was sent leave first, which whoever listens then still hears", () => {
    const socket = server.engine();
    server.settle();
    socket.send("last").close();
    socket.send("too late");
    expect(socket.readyState).toBe("closing");
    log.watch("", socket as never, ["close"]);
    server.settle();
    expect(server.connection.received).toEqual(["last"]);
    expect([socket.readyState, log.take()]).toEqual(["closed", [" close forced close undefined"]]);
  });

  it("waits for a POST that is on its way, and hears meanwhile what arrives", () => {
    server.upgradable.handshake.upgrades = [];
    const socket = open();
    expect(socket.transport.name).toBe("polling");
    socket.send("first");
    server.clock.advance(0);
    server.connection.send("meanwhile");
    socket.close();
    socket.send("too late");
    expect(socket.readyState).toBe("closing");
    server.clock.advance(2 * LATENCY);
    expect(log.take()).toEqual([" message meanwhile", " close forced close undefined"]);
    expect(server.connection.session.state).toBe("open");
    server.settle();
    expect([server.connection.session.state, server.connection.received]).toEqual(["closed", ["first"]]);
    expect([log.take(), server.clock.armedDelays]).toEqual([[], []]);
  });

  it("does not wait for ever for a POST that nobody answers, although the heartbeat goes on", () => {
    server.upgradable.handshake.upgrades = [];
    const socket = open();
    const { toServer } = server.connection.wires[0]!;
    toServer.hold();
    socket.send("first");
    server.clock.advance(0);
    socket.close();
    log.watch("", socket as never, ["ping"]);
    server.clock.advance(29_000);
    expect([socket.readyState, log.take()]).toEqual(["closing", [" ping"]]);
    server.clock.advance(1_000);
    expect([socket.readyState, log.take()]).toEqual(["closed", [" close forced close undefined"]]);
  });

  it("does not wait for ever for such a POST after it was closed while opening, either", () => {
    server.upgradable.handshake.upgrades = [];
    const socket = watched({}, ["close"]);
    socket.on("open", () => server.connection.wires[0]!.toServer.hold());
    socket.send("first").close();
    server.clock.advance(29_000);
    expect([socket.readyState, log.take()]).toEqual(["closing", []]);
    server.clock.advance(2_000);
    expect([socket.readyState, log.take()]).toEqual(["closed", [" close forced close undefined"]]);
  });

  it("is told otherwise if that POST fails", () => {
    server.upgradable.handshake.upgrades = [];
    const socket = open();
    socket.send("first");
    server.clock.advance(0);
    socket.close();
    server.connection.wires[0]!.cut();
    server.settle();
    expect(log.take()).toEqual([" error (the wire was cut)", " close transport error (the wire was cut)"]);
  });

  it("hears nothing any more once it is over", () => {
    const socket = open();
    server.connection.send("crossing");
    socket.close();
    log.take();
    server.settle();
    expect(log.take()).toEqual([]);
  });

  it("gives up opening", () => {
    const socket = watched();
    socket.close();
    expect(log.take()).toEqual([" close forced close undefined"]);
    server.settle();
    expect([socket.readyState, log.take(), server.pageListeners]).toEqual(["closed", [], 0]);
  });

  it("opens first, if something was sent", () => {
    const socket = watched();
    socket.send("hello and goodbye").close();
    expect(socket.readyState).toBe("closing");
    socket.send("too late");
    server.settle();
    expect(server.connection.received).toEqual(["hello and goodbye"]);
    expect(log.take()).toEqual([" open", " close forced close undefined"]);
  });

  it("may come twice, and at any time", () => {
    const socket = watched();
    socket.on("close", () => socket.close());
    socket.on("open", () => socket.close());
    server.settle();
    socket.close();
    expect(log.take()).toEqual([" open", " close forced close undefined"]);
  });

  it("tries no other transports, when a listener of open closes", () => {
    const socket = server.upgradableTwice.engine();
    socket.on("open", () => socket.close());
    server.settle();
    expect([socket.readyState, server.addresses.length, server.clock.armedDelays]).toEqual(["closed", 1, []]);
  });

  it("does not wait for transports that are only being tried", () => {
    server.upgradableTwice.blocked.set("webtransport", "swallowed");
    const socket = server.engine();
    server.settle();
    expect(server.addresses).toHaveLength(2);
    log.watch("", socket as never, MILESTONES);
    const abandoned: unknown[] = [];
    socket.on("upgradeError", (error) => abandoned.push((error as { transport?: string }).transport));
    socket.close();
    expect(socket.readyState).toBe("closed");
    expect(log.take()).toEqual([" close forced close undefined", " upgradeError (probe error)"]);
    expect(abandoned).toEqual(["webtransport"]);
    server.settle();
    expect([server.addresses.length, server.clock.armedDelays]).toEqual([2, []]);
  });
});

describe("the end", () => {
  it("by the server is told with what is known of it", () => {
    const socket = open();
    server.connection.session.close();
    server.settle();
    expect(log.take()).toEqual([" close transport close undefined"]);
    expect(socket.readyState).toBe("closed");
  });

  it("by the network is an error first", () => {
    open();
    server.connection.wires[0]!.cut();
    server.settle();
    expect(log.take()).toEqual([" error (the wire was cut)", " close transport error (the wire was cut)"]);
  });

  it("shows what could not be sent, as long as it is being told", () => {
    server.up = false;
    const socket = server.engine().send("never sent");
    const unsent: unknown[] = [];
    socket.on("close", () => unsent.push(...socket.writeBuffer.map(({ data }) => data)));
    server.settle();
    expect([unsent, socket.writeBuffer]).toEqual([["never sent"], []]);
  });

  it("comes when the page goes offline, but for servers on the same machine", () => {
    const socket = open();
    server.page.dispatchEvent(new Event("offline"));
    expect([socket.readyState, log.take()]).toEqual(["closed", [" close transport close (network connection lost)"]]);
    const local = server.engine({}, "http://localhost");
    server.page.dispatchEvent(new Event("offline"));
    expect(local.readyState).toBe("opening");
  });

  it("is final: there is no coming back", () => {
    const socket = open();
    server.connection.session.close();
    server.clock.advance(1_000_000);
    expect([socket.readyState, server.connections.length]).toEqual(["closed", 1]);
  });
});

describe("moving to another transport", () => {
  it("is told when the server has answered there, and when it is done", () => {
    const socket = server.upgradable.engine();
    const steps: unknown[] = [];
    for (const event of ["upgrading", "upgrade"] as const) {
      socket.on(event, ({ name }) => steps.push([event, name, socket.upgrading, socket.transport.name]));
    }
    server.settle();
    expect(steps).toEqual([
      ["upgrading", "websocket", true, "polling"],
      ["upgrade", "websocket", false, "websocket"],
    ]);
    expect(socket.upgrades).toEqual(["websocket"]);
  });

  it("costs no message and no order", () => {
    const socket = server.upgradable.engine();
    let count = 0;
    for (let time = 0; time < 20 * LATENCY; time++) {
      socket.send(`${count++}`);
      server.clock.advance(1);
    }
    server.settle();
    expect(socket.transport.name).toBe("websocket");
    expect(server.connection.received).toEqual(Array.from({ length: count }, (_, index) => `${index}`));
  });

  it("is told if it fails, and what was not answered is no more than that", () => {
    server.upgradable.blocked.set("websocket", "refused");
    const errors: unknown[] = [];
    const socket = watched();
    socket.on("upgradeError", (error) => errors.push((error as { transport?: string }).transport));
    server.settle();
    expect(log.take()).toEqual([" open", " upgradeError (probe error)"]);
    expect([errors, socket.upgrading, socket.transport.name]).toEqual([["websocket"], false, "polling"]);
  });

  it("may fail in the midst of it, too", () => {
    const socket = server.upgradable.engine();
    log.watch("", socket as never, MILESTONES);
    socket.on("upgrading", () => server.connection.wires.at(-1)!.cut());
    server.settle();
    expect(log.take().map((line) => line.trim().split(" ")[0])).toEqual(["open", "upgrading", "upgradeError"]);
    expect([socket.upgrading, socket.transport.name]).toEqual([false, "polling"]);
    socket.send("still here");
    server.settle();
    expect(server.connection.received).toEqual(["still here"]);
  });

  it("is over before a close that comes in the midst of it", () => {
    const socket = server.upgradable.engine();
    log.watch("", socket as never, MILESTONES);
    socket.on("upgrading", () => {
      socket.send("last").close();
      log.lines.push(socket.readyState);
    });
    server.settle();
    expect(log.take().map((line) => line.trim().split(" ")[0])).toEqual([
      "open",
      "upgrading",
      "closing",
      "upgrade",
      "close",
    ]);
    expect(server.connection.received).toEqual(["last"]);
  });

  it.each([
    ["without being wanted", { upgrade: false }],
    ["to what the client has not", { transports: ["polling"] }],
  ])("does not happen %s", (_, options) => {
    const { transports } = server.upgradable;
    const wanted = "transports" in options ? transports.slice(0, 1) : transports;
    const socket = server.engine({ ...options, transports: wanted });
    server.settle();
    expect([socket.transport.name, server.addresses.length]).toEqual(["polling", 1]);
  });

  it("is remembered, if that is wanted", () => {
    server.upgradable.engine();
    server.settle();
    expect(Socket.priorWebsocketSuccess).toBe(true);
    expect(server.engine({ rememberUpgrade: true }).transport.name).toBe("websocket");
    expect(server.engine().transport.name).toBe("polling");
    Socket.priorWebsocketSuccess = false;
    expect(server.engine({ rememberUpgrade: true }).transport.name).toBe("polling");
  });
});

describe("options", () => {
  it("have defaults", () => {
    expect(server.engine().opts).toMatchObject({
      path: "/engine.io/",
      upgrade: true,
      rememberUpgrade: false,
      addTrailingSlash: true,
      timestampParam: "t",
      withCredentials: false,
    });
  });

  it("are not written to", () => {
    const options = Object.freeze({ transports: server.transports });
    new Socket("http://server.test", options, server.runtime);
    expect(Object.keys(options)).toEqual(["transports"]);
  });

  it("take classes of transports by either name, but not by both", () => {
    const { transports } = server;
    const socket = server.engine({ transportImplementations: transports });
    expect(socket.transports).toEqual(["websocket"]);
    expect(() => server.engine({ transports, transportImplementations: transports })).toThrow("exclude each other");
  });

  it("without any transport are an error that is told", () => {
    const socket = watched({ transports: [] });
    server.settle();
    expect(log.take()).toEqual([
      " error (No transports available)",
      " close transport error (No transports available)",
    ]);
    expect(socket.readyState).toBe("closed");
  });

  it("may be a URI that is no URI", () => {
    expect(() => new Socket("x".repeat(8001), {}, server.runtime)).toThrow("URI too long");
  });
});

describe("user code", () => {
  it.each(["open", "message", "packet", "close", "drain", "sent"])("that throws in %s stops nothing else", (where) => {
    const socket = server.engine();
    const fail = (): void => {
      throw new Error("in user code");
    };
    log.watch("", socket as never, MILESTONES);
    if (where !== "sent") {
      socket.on(where as "open", fail);
    }
    socket.send("1", where === "sent" ? fail : undefined);
    server.onMessage = (connection, data) => connection.send(data);
    const surfaced = collectErrors(() => server.settle());
    socket.close();
    surfaced.push(...collectErrors(() => server.settle()));
    expect(new Set(surfaced)).toEqual(new Set(["in user code"]));
    expect(log.take()).toEqual([" open", " message 1", " close forced close undefined"]);
  });

  /** What surfaced as uncaught. */
  function collectErrors(run: () => void): string[] {
    const errors: string[] = [];
    for (;;) {
      try {
        run();
        return errors;
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
  }
});

describe("the other names of the class", () => {
  it("are the same, or leave out the upgrade", () => {
    expect(SocketWithUpgrade).toBe(Socket);
    const socket = new SocketWithoutUpgrade("http://127.0.0.1:1", { transports: ["websocket"] });
    expect([socket instanceof Socket, socket.opts.upgrade, socket.hostname]).toEqual([true, false, "127.0.0.1"]);
    socket.close();
    const other = new SocketWithoutUpgrade({ hostname: "127.0.0.1", port: 1 });
    expect([other.opts.upgrade, other.port]).toEqual([false, "1"]);
    other.close();
  });
});
