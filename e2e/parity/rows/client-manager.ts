/** The Manager: opening, losing and bringing back the connection. */

import { createServer } from "node:net";
import { inClient, inCore, type Topic } from "../row.ts";
import { listenAt } from "../../harness/listen-at.ts";
import { inbox } from "../../harness/waiting.ts";
import { ScriptedServer } from "../script.ts";

const EVENTS = ["open", "error", "close", "reconnect", "reconnect_attempt", "reconnect_error", "reconnect_failed"];

/** An address where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listenAt(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const clientManager: Topic = {
  title: "Manager and reconnection",
  rows: [
    {
      id: "manager-open",
      api: "`manager.open(callback)`, `connect`",
      how: "The callback and `open` are told once; opening an open connection does nothing.",
      async run(world) {
        const script = await world.script();
        const manager = world.manager(script.url);
        const watched = world.watch("manager", manager, ...EVENTS);
        world.note("manager", manager.open((error) => world.note("manager", "callback", error)) === manager);
        world.note("manager", manager.connect() === manager);
        await script.session();
        await watched.next("open");
        manager.open(() => world.note("manager", "never"));
        world.note("manager", typeof manager.engine, manager.engine.id.length > 0, manager.engine.transport.name);
      },
      mutation: inClient('this.emitReserved("open");\n\t\tthis.$settle();', "this.$settle();"),
    },
    {
      id: "manager-open-fails",
      api: "`manager.open(callback)` that fails",
      how: "The callback gets the error, and whoever is told in person decides what to do: no reconnection.",
      async run(world) {
        const manager = world.manager(`http://127.0.0.1:${await closedPort()}`);
        world.watch("manager", manager, ...EVENTS);
        const failed = new Promise<void>((resolve) => {
          manager.open((error) => {
            world.note("manager", "callback", error);
            resolve();
          });
        });
        await failed;
        await new Promise((resolve) => setTimeout(resolve, 60));
      },
      mutation: inClient('if (settled && state === "watching") {', "if (false) {"),
    },
    {
      id: "manager-settings",
      api: "`reconnection()`, `reconnectionAttempts()`, `reconnectionDelay()`, `reconnectionDelayMax()`, `randomizationFactor()`, `timeout()`",
      how: "Each reads without an argument, and sets with one.",
      run(world) {
        const defaults = new world.client.Manager("http://127.0.0.1:1", { autoConnect: false });
        const set = new world.client.Manager("http://127.0.0.1:1", {
          autoConnect: false,
          reconnection: false,
          reconnectionAttempts: 0,
          reconnectionDelay: 0,
          reconnectionDelayMax: 0,
          randomizationFactor: 0,
          timeout: 0,
        });
        for (const [name, manager] of Object.entries({ defaults, set })) {
          world.note(name, manager.reconnection(), manager.reconnectionAttempts(), manager.reconnectionDelay());
          world.note(name, manager.reconnectionDelayMax(), manager.randomizationFactor(), manager.timeout());
        }
        world.note("chain", defaults.reconnection(false) === defaults, defaults.reconnectionAttempts(3) === defaults);
        world.note("chain", defaults.reconnectionDelay(5) === defaults, defaults.reconnectionDelayMax(6) === defaults);
        world.note("chain", defaults.randomizationFactor(0.1) === defaults, defaults.timeout(7) === defaults);
        world.note("chain", defaults.reconnection(), defaults.reconnectionAttempts(), defaults.reconnectionDelay());
        world.note("chain", defaults.reconnectionDelayMax(), defaults.randomizationFactor(), defaults.timeout());
        return Promise.resolve();
      },
      mutation: inClient("const DEFAULT_DELAY_MAX = 5e3;", "const DEFAULT_DELAY_MAX = 6e3;"),
    },
    {
      id: "manager-socket",
      api: "`manager.socket(nsp, options)`",
      how: "One socket for each namespace; one that is inactive is connected again, if `autoConnect` is on.",
      async run(world) {
        const script = await world.script();
        const manager = world.manager(script.url, { autoConnect: true });
        const socket = manager.socket("/x", { auth: { a: 1 } });
        world.note("client", manager.socket("/x") === socket, manager.socket("/y") === socket, socket.active);
        const session = await script.session();
        world.note("server", [await session.next(), await session.next()].sort());
        session.send('40/x,{"sid":"x"}', '40/y,{"sid":"y"}');
        await inbox(socket, "connect").next();
        socket.disconnect();
        world.note("server", await session.next());
        world.note("client", manager.socket("/x") === socket, socket.active);
        world.note("server", await session.next());
      },
      mutation: inClient(
        "if (this.$autoConnect && !socket.active) {",
        "if (this.$autoConnect && !socket.active && !socket.seen && (socket.seen = true)) {",
      ),
    },
    {
      id: "manager-events-order",
      api: "Manager events around a reconnection",
      how: "`close`, then `reconnect_attempt`, `open` and `reconnect`; the sockets hear `disconnect` and `connect` between them.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "disconnect", "connect_error");
        for (const event of EVENTS) {
          (client.io as any).on(event, (...args: unknown[]) => world.note("client", "manager", event, ...args));
        }
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await watched.next("connect");
        session.close();
        const again = await script.session();
        await again.next();
        again.send('40{"sid":"two"}');
        await watched.next("connect");
      },
      mutation: inClient('this.emitReserved("reconnect", attempts);', ""),
    },
    {
      id: "manager-gives-up",
      api: "option `reconnectionAttempts`, events `reconnect_error` and `reconnect_failed`",
      how: "After the last attempt `reconnect_failed` comes before its `reconnect_error`; the sockets stay as they are.",
      async run(world) {
        const port = await closedPort();
        const client = world.connect(`http://127.0.0.1:${port}`, { reconnectionAttempts: 2 });
        world.transcript.mask(`:${port}`, ":<port>");
        world.watch("client", client, "connect", "disconnect", "connect_error");
        const done = inbox(client.io, "reconnect_error");
        for (const event of EVENTS) {
          (client.io as any).on(event, (...args: unknown[]) => world.note("client", "manager", event, ...args));
        }
        await done.take(2);
        world.note("client", client.active);
      },
      mutation: inClient('this.emitReserved("reconnect_error", error);', ""),
    },
    {
      id: "manager-no-reconnection",
      api: "option `reconnection: false`",
      how: "A connection that is lost, or can't be made, is left at that.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { reconnection: false });
        const watched = world.watch("client", client, "connect", "disconnect", "connect_error");
        for (const event of EVENTS) {
          (client.io as any).on(event, (...args: unknown[]) => world.note("client", "manager", event, ...args));
        }
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await watched.next("connect");
        session.close();
        await watched.next("disconnect");
        await new Promise((resolve) => setTimeout(resolve, 60));
        world.note("client", client.active, client.connected);
      },
      mutation: inClient("options.reconnection !== false", "true"),
    },
    {
      id: "manager-backoff",
      api: "`reconnectionDelay`, `reconnectionDelayMax`, `randomizationFactor`",
      how: "The delay doubles with each attempt up to the maximum, and starts over once connected.",
      async run(world) {
        const port = await closedPort();
        const client = world.connect(`http://127.0.0.1:${port}`, {
          reconnectionDelay: 30,
          reconnectionDelayMax: 100,
          randomizationFactor: 0,
        });
        const attempts = inbox(client.io, "reconnect_attempt");
        const errors = inbox(client.io, "error");
        for (const least of [30, 60, 100, 100]) {
          await errors.next();
          const start = performance.now();
          world.note(
            "attempt",
            await attempts.next(),
            performance.now() - start > least - 15,
            performance.now() - start < least + 3_000,
          );
        }
        const script = await ScriptedServer.start(port);
        world.defer(() => script.close());
        const reconnected = inbox(client.io, "reconnect");
        const session = await script.session();
        await reconnected.next();
        session.terminate();
        world.note("attempt", (await attempts.take(1)).length, (await attempts.next())[0] === 1);
      },
      mutation: inCore("this.min * 2 ** Math.min(this.attempts++, MAX_DOUBLINGS)", "this.min * 1 ** this.attempts++"),
    },
    {
      id: "manager-timeout",
      api: "option `timeout`",
      how: "A handshake that is not done in time is given up with the error `timeout`.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { timeout: 1_000, reconnection: false });
        const watched = world.watch("client", client, "connect_error");
        const socket = await script.socket();
        await watched.next("connect_error");
        world.note("client", client.active);
        await socket.closed();
      },
      mutation: inCore('ERR_CONNECT_TIMEOUT: "timeout"', 'ERR_CONNECT_TIMEOUT: "timed out"'),
    },
    {
      id: "manager-ping-packet",
      api: "Manager events `ping` and `packet`",
      how: "Told of each heartbeat of the server, and of each packet that was decoded.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("manager", client.io, "ping");
        (client.io as any).on("packet", (packet: { type: number; nsp: string; data: unknown; id?: number }) => {
          world.note("manager", "packet", packet.type, packet.nsp, packet.data, packet.id);
        });
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}', '42/other,["x",1]', '433["y"]', "2");
        await watched.next("ping");
        world.note("server", await session.next());
      },
      mutation: inClient(
        'this.emitReserved("ping");\n\t}\n\t/** @internal */\n\tonConnectionPacket',
        "}\n\t/** @internal */\n\tonConnectionPacket",
      ),
    },
    {
      id: "manager-ping-timeout",
      api: "reason `ping timeout` at the client",
      how: "Without a ping for the interval and the timeout the client gives the connection up.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { reconnection: false });
        const watched = world.watch("client", client, "connect", "disconnect");
        const session = await script.session({ pingInterval: 500, pingTimeout: 500 });
        await session.next();
        session.send('40{"sid":"one"}');
        await watched.next("connect");
        await watched.next("disconnect");
        await session.closed();
      },
      mutation: inCore(
        'expire() {\n\t\tthis.$port.abort("ping timeout");',
        'expire() {\n\t\tthis.$port.abort("transport close");',
      ),
    },
    {
      id: "manager-engine",
      api: "`manager.engine`: `id`, `transport`, `readyState`, events",
      how: "A façade over the session; its events are told as they happen.",
      async run(world) {
        const script = await world.script();
        const manager = world.manager(script.url);
        manager.open();
        const { engine } = manager as unknown as { engine: any };
        world.note("engine", Boolean(engine.id), engine.readyState, engine.transport.name);
        const watched = world.watch("engine", engine, "open", "close", "ping", "message", "data");
        const session = await script.session();
        await watched.next("open");
        world.note("engine", engine.id, engine.readyState);
        session.send("2", '42["hello"]');
        await watched.next("message");
        engine.close();
        await watched.next("close");
        world.note("engine", engine.readyState);
      },
      mutation: inClient('this.emitReserved("message", data);', ""),
    },
    {
      id: "manager-close",
      api: "`manager._close()`",
      how: "The connection is closed and not opened again; the sockets hear `forced close`.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "disconnect");
        world.watch("manager", client.io, ...EVENTS);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await watched.next("connect");
        (client.io as unknown as { _close(): void })._close();
        await session.closed();
        await new Promise((resolve) => setTimeout(resolve, 40));
        world.note("client", client.connected, client.active);
      },
      mutation: inClient("this.$connection?.close();", ""),
    },
    {
      id: "manager-reopens-in-listener",
      api: "`connect()` in a `disconnect` listener",
      how: "The new connection is made at once, beside the old one's end.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "disconnect");
        client.on("disconnect", (reason) => {
          if (reason === "io server disconnect") client.connect();
        });
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await watched.next("connect");
        session.send("41");
        await watched.next("disconnect");
        const next = await Promise.race([
          session.next().then((frame) => `same: ${String(frame)}`),
          script.session().then(() => "another connection"),
        ]);
        world.note("server", next);
      },
      mutation: inClient("if (reason === LEFT_BY_SERVER) {", "if (false) {"),
    },
  ],
};
