/** A load run of Artillery by its own Socket.IO engine, from hawser's client to hawser's server. */

import { readFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Server } from "socket.io";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServerClass } from "../../harness/context.ts";
import { Application } from "../application.ts";
import { Program } from "../program.ts";

/** Who comes in a run: ten a second for two seconds. */
const USERS = 20;

/** How long a run may take, in milliseconds: Artillery has much to load. */
const RUN = 90_000;

interface Report {
  readonly aggregate: {
    readonly counters: Record<string, number>;
    readonly summaries: Record<string, { readonly max: number; readonly count: number }>;
  };
}

const application = new Application("artillery");
const folder = application.place(new URL("application/", import.meta.url));
const { Server: HawserServer } = application.require("socket.io") as { Server: ServerClass };

let httpServer: HttpServer;
let io: Server;
/** What the server saw: how often which. */
let seen: Record<string, number>;

const count = (what: string): number => (seen[what] = (seen[what] ?? 0) + 1);

beforeEach(async () => {
  seen = {};
  httpServer = createServer();
  io = new HawserServer(httpServer);
  io.on("connection", (socket) => {
    count(`${String(socket.handshake.query.from)} by ${socket.conn.transport.name}`);
    socket.on("register", ({ name }: { name: string }, acknowledge: (answer: object) => void) => {
      socket.data.name = name;
      acknowledge({ ok: name.length === 36, id: socket.id });
    });
    socket.on("where", (id: string) => socket.emit("here", id, "room"));
    socket.on("say", (text: string) => count(`said ${text}`));
    socket.on("disconnect", (reason) => count(reason));
  });
  io.of("/orders").on("connection", (socket) => {
    socket.on("order", (_article: string, acknowledge: (answer: string) => void) => {
      count("ordered");
      acknowledge("taken");
    });
  });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  httpServer.closeAllConnections();
  await io.close();
});

/** Runs the script. */
async function run(transport: string): Promise<Report> {
  const report = join(folder, `${transport}.json`);
  const artillery = join(application.folder, "node_modules/artillery/bin/run");
  await using program = Program.start(
    folder,
    ["--require", "./discreet.cjs", artillery, "run", "--output", report, "load.yml"],
    {
      TARGET: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`,
      TRANSPORT: transport,
      ARTILLERY_DISABLE_TELEMETRY: "true",
    },
  );
  await program.finished(RUN);
  return JSON.parse(await readFile(report, "utf8")) as Report;
}

test("the engine's client is hawser's, and so is the server", () => {
  expect(application.nameOf("socket.io-client", "@artilleryio/int-core")).toBe("hawser-client");
  expect(application.nameOf("socket.io")).toBe("hawser");
});

test.each(["websocket", "polling"])(
  "all users come by %s, are answered, and leave",
  async (transport) => {
    const { aggregate } = await run(transport);
    expect(aggregate.counters).toMatchObject({
      "vusers.created": USERS,
      "vusers.completed": USERS,
      "vusers.failed": 0,
      "socketio.emit": 6 * USERS,
    });
    expect(Object.keys(aggregate.counters).filter((name) => name.startsWith("errors."))).toEqual([]);
    // What is answered by an event is measured twice.
    expect(aggregate.summaries["socketio.response_time"]!.count).toBe(7 * USERS);
    expect(seen).toEqual({
      [`artillery by ${transport}`]: USERS,
      "said again": 3 * USERS,
      ordered: USERS,
      "client namespace disconnect": USERS,
    });
  },
  RUN,
);
