import { beforeEach, describe, expect, it } from "vitest";
import { Manager } from "../src/manager.ts";
import { TransportError } from "../src/transport-error.ts";
import { LATENCY, Log, SHORTLY, TestServer } from "./fixture.ts";

let server: TestServer;
let log: Log;

beforeEach(() => {
  server = new TestServer();
  log = new Log();
});

/** A Manager with a socket for `/`, both of them watched. */
function watched(options = {}): Manager {
  const manager = server.manager(options);
  log.manager(manager).socket(manager.socket("/"));
  return manager;
}

describe("connecting", () => {
  it("opens one connection, over which each socket asks to be let in", () => {
    const manager = watched();
    log.socket(manager.socket("/admin"));
    server.settle();
    expect(server.connections).toHaveLength(1);
    expect(server.connection.received).toEqual(["0", "0/admin,"]);
    expect(log.take()).toEqual(["manager open", "/ connect", "/admin connect"]);
  });

  it("waits for open() if autoConnect is off", () => {
    const manager = server.manager({ autoConnect: false });
    const socket = manager.socket("/");
    server.settle();
    expect([server.connections.length, manager.engine, socket.active]).toEqual([0, undefined, false]);
    manager.open();
    server.settle();
    expect([server.connections.length, socket.connected]).toEqual([1, false]);
    socket.connect();
    server.settle();
    expect([server.connections.length, socket.connected]).toEqual([1, true]);
  });

  it("is done once, however often it is asked for", () => {
    const manager = server.manager();
    expect(manager.open()).toBe(manager);
    server.settle();
    manager.connect();
    server.settle();
    expect(server.connections).toHaveLength(1);
  });

  it("tells the callback of open()", () => {
    const manager = server.manager({ autoConnect: false });
    const outcomes: unknown[] = [];
    manager.open((error) => outcomes.push(error));
    server.settle();
    manager._close();
    server.up = false;
    manager.open((error) => outcomes.push(error));
    server.settle();
    expect(outcomes).toEqual([undefined, expect.any(Error)]);
  });

  it.each([[["carrier pigeon"]], [[]]])("fails with an Error without a transport that it knows: %j", (transports) => {
    const manager = watched({ transports, reconnection: false });
    const errors: unknown[] = [];
    manager.socket("/").on("connect_error", (error) => errors.push(error));
    server.settle();
    expect(log.take()).toEqual([
      "/ connect_error (No transports available)",
      "manager error (No transports available)",
    ]);
    expect(errors).toEqual([expect.any(Error)]);
    manager._close();
  });

  it("is refused at once with classes of transports that are none of ours", () => {
    class ForeignTransport {
      get name(): string {
        return "polling";
      }
      _query(): void {}
    }
    const transports = [ForeignTransport] as never;
    const refusal = expect.objectContaining({
      code: "ERR_TRANSPORT",
      message: expect.stringContaining("import it from `hawser-client`") as unknown,
    });
    expect(() => server.manager({ transports })).toThrow(refusal);
    expect(() => server.engine({ transports })).toThrow(refusal);
    const manager = server.manager({ transports, autoConnect: false });
    expect(() => manager.open()).toThrow(refusal);
    manager.opts.transports = server.transports;
    manager.open();
    server.settle();
    expect([manager._readyState, server.connections.length]).toEqual(["open", 1]);
  });

  it("shows where it goes, and what its engine makes of binary data, which may be set", () => {
    const manager = server.manager();
    expect(manager.uri).toBe("http://server.test");
    expect(manager.engine.binaryType).toBe(server.runtime.binaryType);
    manager.engine.binaryType = "blob";
    expect(manager.engine.binaryType).toBe("blob");
    expect(new Manager({ autoConnect: false }, undefined, server.runtime).uri).toBeUndefined();
  });

  it("shows the packets of all sockets", () => {
    const packets: unknown[] = [];
    const manager = server.manager();
    manager.socket("/admin");
    manager.on("packet", (packet) => packets.push(packet));
    server.settle();
    server.connection.send('2/admin,["news",1]', '2/unknown,["news",2]');
    server.settle();
    expect(packets).toMatchObject([
      { type: 0, nsp: "/admin" },
      { type: 2, nsp: "/admin", data: ["news", 1] },
      { type: 2, nsp: "/unknown", data: ["news", 2] },
    ]);
  });

  it("answers the server's heartbeat, and tells of it", () => {
    const manager = watched();
    let pings = 0;
    manager.on("ping", () => pings++);
    server.settle();
    server.clock.advance(80_000);
    expect(pings).toBe(3);
    expect(manager.socket("/").connected).toBe(true);
  });
});

describe("failing to connect", () => {
  it("tells the sockets, then the Manager's own listeners, and tries again for as long as it may", () => {
    server.up = false;
    watched({ reconnectionAttempts: 2 });
    server.settle();
    const failed = (error = "transport error"): string[] => [`/ connect_error (${error})`, `manager error (${error})`];
    expect(log.take()).toEqual(failed());
    server.clock.advance(1000);
    expect(log.take()).toEqual([
      "manager reconnect_attempt 1",
      ...failed(),
      "manager reconnect_error (transport error)",
    ]);
    server.clock.advance(10_000);
    expect(log.take()).toEqual([
      "manager reconnect_attempt 2",
      ...failed(),
      "manager reconnect_failed",
      "manager reconnect_error (transport error)",
    ]);
    expect(server.clock.armedTimers).toBe(0);
  });

  it("tries again from the start when a socket asks for it after all attempts have failed", () => {
    server.up = false;
    const manager = watched({ reconnectionAttempts: 1 });
    server.clock.advance(10_000);
    log.take();
    server.up = true;
    manager.socket("/").connect();
    server.settle();
    expect(log.take()).toEqual(["manager open", "/ connect"]);
  });

  it("counts a server that does not answer in time among the failures", () => {
    server.answers = false;
    watched({ timeout: 300, reconnection: false });
    server.clock.advance(299);
    expect(log.take()).toEqual([]);
    server.clock.advance(1);
    expect(log.take()).toEqual(["/ connect_error (timeout)", "manager error (timeout)"]);
  });

  it("waits for ever if the timeout is off", () => {
    server.answers = false;
    const manager = watched({ timeout: false });
    server.clock.advance(1_000_000);
    expect([manager.timeout(), log.take()]).toEqual([false, []]);
  });

  it("leaves what comes next to whoever passed a callback", () => {
    server.up = false;
    const manager = server.manager({ autoConnect: false });
    manager.open(() => {});
    server.settle();
    expect(server.clock.armedTimers).toBe(0);
  });

  it("does not try again once a listener has disconnected the last socket", () => {
    server.up = false;
    const manager = watched();
    manager.socket("/").on("connect_error", () => manager.socket("/").disconnect());
    server.settle();
    expect(server.clock.armedTimers).toBe(0);
  });
});

describe("losing the connection", () => {
  it("tells the sockets why, and connects again", () => {
    const manager = watched();
    server.settle();
    log.take();
    server.connection.wires[0]?.cut();
    server.clock.advance(1);
    expect(log.take()).toEqual([
      "manager error (the wire was cut)",
      "/ disconnect transport error (the wire was cut)",
      "manager close transport error (the wire was cut)",
    ]);
    expect([manager.socket("/").active, manager.socket("/").id]).toEqual([true, undefined]);
    server.clock.advance(1000 + SHORTLY);
    expect(log.take()).toEqual(["manager reconnect_attempt 1", "manager open", "manager reconnect 1", "/ connect"]);
  });

  it("stays disconnected if it may not connect again", () => {
    const manager = watched();
    manager.reconnection(false);
    server.settle();
    server.connection.session.abort();
    server.clock.advance(60_000);
    expect([server.connections.length, manager.socket("/").connected]).toEqual([1, false]);
  });

  it("notices that the server has fallen silent", () => {
    watched();
    server.settle();
    log.take();
    server.connection.wires[0]?.cut({ noticedBy: "server" });
    server.clock.advance(44_000);
    expect(log.take()).toEqual([]);
    server.clock.advance(1000);
    expect(log.take()[0]).toBe("/ disconnect ping timeout undefined");
  });

  it("takes what it can't read for the end of the connection", () => {
    watched();
    server.settle();
    log.take();
    server.connection.send('2["before"]', "9", '2["after"]');
    server.clock.advance(SHORTLY);
    expect(log.take()).toEqual([
      "/ disconnect parse error (unknown packet type)",
      "manager close parse error (unknown packet type)",
    ]);
    server.clock.advance(1000 + SHORTLY);
    expect(log.take().at(-1)).toBe("/ connect");
  });

  it("delivers what arrived before the end", () => {
    const events: unknown[] = [];
    const socket = server.connected();
    socket.on("bye", (...args) => events.push(["bye", ...args]));
    socket.on("disconnect", (reason) => events.push(reason));
    server.connection.send('2["bye",1]');
    server.connection.session.close();
    server.settle();
    expect(events).toEqual([["bye", 1], "transport close"]);
  });

  it("stops waiting when it is told not to reconnect any more", () => {
    const manager = watched();
    server.settle();
    server.connection.session.abort();
    server.settle();
    manager.reconnection(false);
    expect(server.clock.armedTimers).toBe(0);
  });

  it("does not wait if someone opens the connection in the meantime", () => {
    const manager = watched();
    server.settle();
    server.connection.session.abort();
    server.settle();
    log.take();
    manager.open();
    server.settle();
    expect(log.take()).toEqual(["manager open", "manager reconnect 1", "/ connect"]);
    server.connection.session.abort();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect(log.take().at(-1)).toBe("/ connect");
  });

  it("connects at once if a listener of disconnect asks for it, and only once", () => {
    const manager = watched();
    server.settle();
    manager.socket("/").once("disconnect", () => manager.socket("/").connect());
    server.connection.session.abort();
    server.settle();
    expect(manager.socket("/").connected).toBe(true);
    server.clock.advance(20_000);
    expect(server.connections).toHaveLength(2);
    expect(log.take()).not.toContain("manager reconnect_attempt 1");
  });

  it("lets a listener of reconnect_attempt change its mind", () => {
    const manager = watched();
    server.settle();
    manager.on("reconnect_attempt", () => manager.socket("/").disconnect());
    server.connection.session.abort();
    server.clock.advance(60_000);
    expect(server.connections).toHaveLength(1);
  });

  it("uses options that were changed meanwhile", () => {
    const manager = watched({ transports: ["nothing"], reconnectionAttempts: 2 });
    server.settle();
    manager.opts.transports = server.transports;
    server.clock.advance(1000 + SHORTLY);
    expect(manager.socket("/").connected).toBe(true);
  });
});

describe("closing", () => {
  it("happens when the last active socket has left", () => {
    const manager = server.manager();
    const [root, admin] = [manager.socket("/"), manager.socket("/admin")];
    server.settle();
    log.manager(manager);
    root.disconnect();
    server.settle();
    expect([log.take(), manager.engine?.readyState]).toEqual([[], "open"]);
    admin.disconnect();
    server.settle();
    expect([log.take(), manager.engine?.readyState]).toEqual([["manager close forced close undefined"], "closed"]);
    expect(server.connection.session.state).toBe("closed");
    expect(server.clock.armedTimers).toBe(0);
  });

  it("sends first what was emitted before", () => {
    const socket = server.connected();
    socket.emit("bye");
    socket.disconnect();
    server.settle();
    expect(server.connection.received).toEqual(["0", '2["bye"]', "1"]);
  });

  it("disconnects the sockets that are left, and does not connect again by itself", () => {
    const manager = watched();
    server.settle();
    log.take();
    manager._close();
    expect(log.take()).toEqual(["/ disconnect forced close undefined", "manager close forced close undefined"]);
    server.clock.advance(60_000);
    expect(server.connections).toHaveLength(1);
    expect(manager.socket("/").active).toBe(true);
  });

  it("gives up an attempt to connect", () => {
    const manager = watched();
    server.clock.advance(LATENCY);
    manager._close();
    server.clock.advance(60_000);
    expect(log.take()).toEqual(["manager close forced close undefined"]);
    expect(server.clock.armedTimers).toBe(0);
  });

  it("is forgotten when the connection is opened again at once", () => {
    const socket = server.connected();
    log.socket(socket);
    socket.disconnect();
    socket.connect();
    server.clock.advance(60_000);
    expect(log.take()).toEqual(["/ disconnect io client disconnect undefined", "/ connect"]);
    expect(server.connections.map(({ session }) => session.state)).toEqual(["closed", "open"]);
  });
});

describe("the engine", () => {
  it("is the connection of the moment", () => {
    const manager = watched();
    expect([manager.engine?.readyState, manager.engine?.id]).toEqual(["opening", undefined]);
    server.settle();
    const first = manager.engine;
    expect([first?.readyState, first?.id, first?.transport.name]).toEqual(["open", "session-1", "websocket"]);
    first?.close();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect([first?.readyState, first?.id, manager.engine?.id]).toEqual(["closed", null, "session-2"]);
  });

  it("may be closed by the application, and is replaced", () => {
    const manager = watched();
    server.settle();
    log.take();
    manager.engine?.close();
    server.clock.advance(1000 + SHORTLY + SHORTLY);
    expect(log.take()).toEqual([
      "/ disconnect forced close undefined",
      "manager close forced close undefined",
      "manager reconnect_attempt 1",
      "manager open",
      "manager reconnect 1",
      "/ connect",
    ]);
  });

  it("tells of its end in a later turn than it is closed in, behind what had arrived", () => {
    const socket = server.connected();
    log.watch("engine", socket.io.engine as never, ["close"]);
    log.watch("socket", socket as never, ["news", "disconnect"]);
    socket.once("news", () => socket.io.engine.close());
    server.connection.send('2["news",1]', '2["news",2]');
    server.settle();
    expect(log.take()).toEqual([
      "socket news 1",
      "socket news 2",
      "socket disconnect forced close undefined",
      "engine close forced close undefined",
    ]);
  });

  it("tells at once what happens inside", () => {
    const manager = server.manager();
    log.watch("engine", manager.engine as never, [
      "open",
      "packet",
      "packetCreate",
      "data",
      "flush",
      "drain",
      "ping",
      "close",
    ]);
    server.settle();
    manager.socket("/");
    expect(log.take()).toEqual([
      "engine packet [object Object]",
      "engine open",
      "engine packetCreate [object Object]",
      "engine flush",
      "engine drain",
    ]);
    server.settle();
    expect(log.take()).toEqual(["engine packet [object Object]", 'engine data 0{"sid":"session-1/"}']);
    server.connection.session.abort();
    server.settle();
    expect(log.take()).toEqual(["engine close transport close undefined"]);
  });
});

describe("what the engine tells of itself", () => {
  const events = ["handshake", "open", "heartbeat", "ping", "pong", "error", "close"];

  it("is the handshake, and each sign of life", () => {
    const manager = server.manager();
    log.watch("engine", manager.engine as never, events);
    server.settle();
    expect(log.take()).toEqual(["engine heartbeat", "engine handshake [object Object]", "engine open"]);
    server.clock.advance(25_000);
    expect(log.take()).toEqual(["engine heartbeat", "engine ping", "engine pong"]);
  });

  it("is the error that ended it", () => {
    const manager = server.manager({ reconnection: false });
    server.settle();
    log.watch("engine", manager.engine as never, events);
    server.connection.wires[0]?.cut();
    server.settle();
    expect(log.take()).toEqual(["engine error (the wire was cut)", "engine close transport error (the wire was cut)"]);
  });

  it("is the failure of an attempt that takes too long, for nobody closed it", () => {
    server.answers = false;
    const manager = server.manager({ timeout: 300, reconnection: false });
    const ends: unknown[] = [];
    manager.engine?.on("close", (...details) => ends.push(details));
    server.clock.advance(300);
    expect(ends).toMatchObject([["transport error", { code: "ERR_CONNECT_TIMEOUT" }]]);
  });

  it("is what still waits to be sent", () => {
    const socket = server.connected();
    socket.emit("a");
    expect(socket.io.engine.writeBuffer).toMatchObject([{ type: "message", data: '2["a"]' }]);
    server.settle();
    expect(socket.io.engine.writeBuffer).toEqual([]);
  });
});

describe("a Manager without a URL", () => {
  it("connects to the server that its options name", () => {
    server.manager({ hostname: "named.test", port: 3000, secure: true }, null);
    expect(server.addresses).toEqual(["wss://named.test:3000/socket.io/?EIO=4&transport=websocket"]);
  });
});

describe("moving to a better transport", () => {
  it("happens once the connection is open, and loses nothing", () => {
    const manager = server.upgradable.manager();
    const socket = manager.socket("/");
    const received: unknown[] = [];
    const transports: unknown[] = [];
    manager.engine?.on("upgrade", ({ name }) => transports.push(["upgrade", name]));
    socket.on("news", (n) => received.push(n));
    socket.on("connect", () => transports.push(["connect", manager.engine?.transport.name]));
    const sent: string[] = [];
    for (let n = 0; n < 40; n++) {
      if (socket.connected) {
        sent.push(`2["news",${n}]`);
        socket.emit("news", n);
        server.connection.send(`2["news",${n}]`);
      }
      server.clock.advance(LATENCY);
    }
    expect(transports).toEqual([
      ["connect", "polling"],
      ["upgrade", "websocket"],
    ]);
    expect(server.connection.received.slice(1)).toEqual(sent);
    expect(received.map((n) => `2["news",${String(n)}]`)).toEqual(sent);
    expect(sent.length).toBeGreaterThan(20);
  });

  it("does not happen if upgrade is off, or the transport is not wanted, or not offered", () => {
    const { transports } = server.upgradable;
    const name = (options: object): string | undefined => server.connected(options).io.engine?.transport.name;
    expect(name({ upgrade: false })).toBe("polling");
    expect(name({ transports: transports.slice(0, 1) })).toBe("polling");
    server.handshake = { ...server.handshake, upgrades: [] };
    expect(name({})).toBe("polling");
  });

  it("may fail, and the connection goes on where it was", () => {
    const manager = server.upgradable.manager();
    const errors: unknown[] = [];
    manager.engine?.on("upgradeError", (error) => errors.push(error));
    const socket = manager.socket("/");
    manager.on("open", () => {
      server.up = false;
    });
    server.settle();
    expect(errors).toMatchObject([{ code: "ERR_UPGRADE", transport: "websocket" }]);
    expect([socket.connected, manager.engine?.transport.name]).toEqual([true, "polling"]);
  });

  describe("where WebTransport is one", () => {
    /** Which transports were tried, and when; what failed; and where the connection is. */
    function run(during: (manager: Manager) => void = () => {}): {
      tried: [string, number][];
      failed: unknown[];
      now: unknown;
    } {
      const manager = server.manager();
      const tried: [string, number][] = [];
      const failed: unknown[] = [];
      let opened = 0;
      manager.on("open", () => {
        opened = server.clock.now();
      });
      manager.engine.on("upgrading", ({ name }) => tried.push([name, server.clock.now() - opened]));
      manager.engine.on("upgradeError", (error) => failed.push((error as { transport?: string }).transport));
      manager.socket("/");
      server.clock.advance(4 * LATENCY);
      during(manager);
      server.clock.advance(1000);
      return { tried, failed, now: manager.engine.transport.name };
    }

    it("moves there, and does not even try a WebSocket", () => {
      expect(server.upgradableTwice.transports).toHaveLength(3);
      expect(run()).toEqual({ tried: [["webtransport", 0]], failed: [], now: "webtransport" });
      expect(server.addresses.at(-1)).toBe("https://server.test/socket.io/");
      expect(server.clock.armedDelays.filter((delay) => delay <= 1000)).toEqual([]);
    });

    it("tries a WebSocket beside after 200 ms, and moves to what is answered first", () => {
      server.upgradableTwice.blocked.set("webtransport", "swallowed");
      expect(run()).toEqual({
        tried: [
          ["webtransport", 0],
          ["websocket", 200],
        ],
        failed: [],
        now: "websocket",
      });
    });

    it("tries a WebSocket at once when WebTransport has failed", () => {
      server.upgradableTwice.blocked.set("webtransport", "refused");
      const { tried, failed, now } = run();
      expect(tried.map(([name]) => name)).toEqual(["webtransport", "websocket"]);
      expect(tried[1]?.[1]).toBeLessThan(100);
      expect([failed, now]).toEqual([["webtransport"], "websocket"]);
    });

    it("still moves to WebTransport when the WebSocket has failed", () => {
      server.upgradableTwice.blocked.set("websocket", "refused");
      const { tried, failed, now } = run(() => {
        // The answer to the probe takes its time.
        server.connection.wires.at(-1)?.toClient.hold();
        server.clock.advance(400);
        server.connection.wires.at(-1)?.toClient.release();
      });
      expect(tried.map(([name]) => name)).toEqual(["webtransport", "websocket"]);
      expect([failed, now]).toEqual([["websocket"], "webtransport"]);
    });

    it("stays on polling when both have failed", () => {
      server.upgradableTwice.blocked.set("webtransport", "refused").set("websocket", "refused");
      const { failed, now } = run();
      expect([failed, now]).toEqual([["webtransport", "websocket"], "polling"]);
    });

    it("tries nothing more once the connection is over", () => {
      server.upgradableTwice.blocked.set("webtransport", "swallowed");
      const { tried } = run((manager) => manager._close());
      expect(tried).toEqual([["webtransport", 0]]);
      expect(server.clock.armedTimers).toBe(0);
    });

    it("tries what the server offers and the application wants, and nothing else", () => {
      const { transports } = server.upgradableTwice;
      const name = (options: object): string => {
        const manager = server.manager(options);
        server.clock.advance(1000);
        return manager.engine.transport.name;
      };
      expect(name({ transports: transports.slice(0, 2) })).toBe("websocket");
      expect(name({ upgrade: false })).toBe("polling");
      server.handshake = { ...server.handshake, upgrades: ["websocket"] };
      expect(name({})).toBe("websocket");
      server.handshake = {
        ...server.handshake,
        upgrades: ["webtransport", "webtransport", "polling", "carrier pigeon"],
      };
      expect(name({})).toBe("webtransport");
    });
  });

  it("is remembered for the next connection, if that is wanted", () => {
    const begin = (options: object): string | undefined => {
      const manager = server.manager(options);
      const name = manager.engine?.transport.name;
      server.clock.advance(1000);
      manager._close();
      server.settle();
      return name;
    };
    expect(server.upgradable.transports).toHaveLength(2);
    expect([begin({}), begin({}), begin({ rememberUpgrade: true })]).toEqual(["polling", "polling", "websocket"]);
  });

  it("is remembered although the server goes away, but not once the WebSocket failed", () => {
    server.upgradable.manager({ rememberUpgrade: true }).socket("/");
    server.clock.advance(1000);
    const nextBegin = (): string | null => {
      server.addresses.length = 0;
      server.clock.advance(1000 + SHORTLY);
      return new URL(server.addresses[0] ?? "").searchParams.get("transport");
    };
    server.connection.session.abort();
    expect(nextBegin()).toBe("websocket");
    server.connection.wires.at(-1)?.cut();
    expect(nextBegin()).toBe("polling");
  });
});

describe("trying all transports", () => {
  const carrier = (manager: Manager): string | undefined => manager.engine?.transport.name;

  beforeEach(() => {
    expect(server.upgradable.transports).toHaveLength(2);
  });

  it("begins with the next one where the first one fails, and tells nobody", () => {
    server.blocked.set("polling", "refused");
    const manager = watched({ tryAllTransports: true });
    const { engine } = manager;
    server.settle();
    expect([carrier(manager), manager.engine === engine, log.take()]).toEqual([
      "websocket",
      true,
      ["manager open", "/ connect"],
    ]);
    server.clock.advance(10_000);
    expect(manager.socket("/").connected).toBe(true);
  });

  it("is not done unless it is wanted", () => {
    server.blocked.set("polling", "refused");
    const manager = watched({ reconnection: false });
    server.settle();
    expect([carrier(manager), log.take()]).toEqual([
      "polling",
      ["/ connect_error (transport error)", "manager error (transport error)"],
    ]);
  });

  it("does not wait longer for one of them than its share of the timeout", () => {
    server.blocked.set("polling", "swallowed");
    const manager = watched({ tryAllTransports: true, timeout: 3000 });
    server.clock.advance(1499);
    expect(carrier(manager)).toBe("polling");
    server.clock.advance(1);
    expect(carrier(manager)).toBe("websocket");
    server.settle();
    expect(log.take()).toEqual(["manager open", "/ connect"]);
    server.clock.advance(40_000);
    expect(manager.socket("/").connected).toBe(true);
  });

  it("waits for each for ever where there is no timeout", () => {
    server.blocked.set("polling", "swallowed");
    const manager = watched({ tryAllTransports: true, timeout: false });
    server.clock.advance(1_000_000);
    expect([carrier(manager), server.clock.armedTimers]).toEqual(["polling", 0]);
  });

  it("fails with the last of them, within the timeout", () => {
    server.blocked.set("polling", "swallowed").set("websocket", "swallowed");
    watched({ tryAllTransports: true, timeout: 3000, reconnection: false });
    server.clock.advance(2999);
    expect(log.take()).toEqual([]);
    server.clock.advance(1);
    expect(log.take()).toEqual(["/ connect_error (timeout)", "manager error (timeout)"]);
    expect(server.clock.armedTimers).toBe(0);
  });

  it("starts over with the next connection", () => {
    server.blocked.set("polling", "refused").set("websocket", "refused");
    watched({ tryAllTransports: true });
    server.settle();
    server.clock.advance(1000);
    expect(server.addresses.map((address) => /transport=(\w+)/.exec(address)?.[1])).toEqual([
      "polling",
      "websocket",
      "polling",
      "websocket",
    ]);
    expect(log.take()).toEqual([
      "/ connect_error (transport error)",
      "manager error (transport error)",
      "manager reconnect_attempt 1",
      "/ connect_error (transport error)",
      "manager error (transport error)",
      "manager reconnect_error (transport error)",
    ]);
  });

  it("does not come back to the ones that failed, not even to upgrade", () => {
    server.blocked.set("websocket", "refused");
    const manager = server.manager({ tryAllTransports: true, transports: [...server.transports].reverse() });
    const attempts: unknown[] = [];
    manager.engine?.on("upgrading", ({ name }) => attempts.push(name));
    server.settle();
    expect([carrier(manager), attempts]).toEqual(["polling", []]);
  });

  it("goes on from whichever came first", () => {
    const options = { tryAllTransports: true, rememberUpgrade: true };
    const upgraded = server.manager(options);
    server.clock.advance(1000);
    expect(carrier(upgraded)).toBe("websocket");
    server.blocked.set("websocket", "refused");
    const manager = server.manager(options);
    expect(carrier(manager)).toBe("websocket");
    server.settle();
    expect([carrier(manager), manager.engine?.readyState]).toEqual(["polling", "open"]);
  });

  it("ends when the Manager closes", () => {
    server.blocked.set("polling", "swallowed");
    const manager = watched({ tryAllTransports: true });
    server.settle();
    manager._close();
    server.clock.advance(60_000);
    expect([server.connections.length, server.clock.armedTimers]).toEqual([0, 0]);
  });
});

describe("a page", () => {
  it("that goes offline loses its connection", () => {
    const socket = server.connected();
    const details: unknown[] = [];
    socket.on("disconnect", (reason, description) => details.push([reason, description]));
    server.page.dispatchEvent(new Event("offline"));
    server.settle();
    expect(details).toEqual([["transport close", expect.any(TransportError)]]);
    expect(details).toMatchObject([
      ["transport close", { description: "network connection lost", context: undefined }],
    ]);
  });

  it("that goes offline still reaches its own machine", () => {
    const socket = server.manager({}, "http://localhost:3000").socket("/");
    server.settle();
    server.page.dispatchEvent(new Event("offline"));
    server.settle();
    expect(socket.connected).toBe(true);
  });

  it("that is left takes its connection with it, without a word if that is wanted", () => {
    for (const closeOnBeforeunload of [false, true]) {
      const socket = server.connected({ closeOnBeforeunload });
      log.socket(socket);
      server.page.dispatchEvent(new Event("beforeunload"));
      server.settle();
      expect([log.take(), server.connection.session.state]).toEqual([[], closeOnBeforeunload ? "closed" : "open"]);
    }
  });

  it("that was not left after all gets its connection back", () => {
    const socket = server.connected({ closeOnBeforeunload: true });
    server.page.dispatchEvent(new Event("beforeunload"));
    server.clock.advance(45_000 + 1000 + SHORTLY);
    expect([socket.connected, server.connections.length]).toEqual([true, 2]);
  });

  it("is not listened to any more once the connection is over", () => {
    const socket = server.connected();
    expect(server.pageListeners).toBeGreaterThan(0);
    server.connection.session.abort();
    server.settle();
    expect(server.pageListeners).toBe(0);
    server.clock.advance(1000 + SHORTLY);
    socket.disconnect();
    expect(server.pageListeners).toBe(0);
  });
});

describe("settings", () => {
  it("are what the options say, or their defaults", () => {
    const manager = server.manager({ autoConnect: false });
    expect([
      manager.reconnection(),
      manager.reconnectionAttempts(),
      manager.reconnectionDelay(),
      manager.reconnectionDelayMax(),
      manager.timeout(),
    ]).toEqual([true, Infinity, 1000, 5000, 20_000]);
    const zeros = { reconnectionAttempts: 0, reconnectionDelay: 0, reconnectionDelayMax: 0, autoConnect: false };
    const other = server.manager(zeros);
    expect([other.reconnectionAttempts(), other.reconnectionDelay(), other.reconnectionDelayMax()]).toEqual([
      Infinity,
      1000,
      5000,
    ]);
  });

  it("may be changed, and calls be chained", () => {
    const manager = server.manager({ autoConnect: false });
    manager
      .reconnection(false)
      .reconnectionAttempts(3)
      .reconnectionDelay(10)
      .reconnectionDelayMax(20)
      .randomizationFactor(0.1)
      .timeout(false);
    expect([
      manager.reconnection(),
      manager.reconnectionAttempts(),
      manager.reconnectionDelay(),
      manager.reconnectionDelayMax(),
      manager.randomizationFactor(),
      manager.timeout(),
    ]).toEqual([false, 3, 10, 20, 0.1, false]);
  });
});
