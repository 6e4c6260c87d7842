/** `@opentelemetry/instrumentation-socket.io`: the spans of what a server of hawser's emits and hears. */

import type { Socket as ClientSocket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ClientModule } from "../../harness/context.ts";
import { get } from "../../harness/get.ts";
import { inbox } from "../../harness/waiting.ts";
import { Application } from "../application.ts";
import { Program } from "../program.ts";

/** Of `SpanKind` and `SpanStatusCode`. */
const [PRODUCER, CONSUMER, ERROR] = [3, 4, 2];

interface Span {
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: number;
  readonly exception?: string;
  readonly attributes: Record<string, unknown>;
}

/** By the package manager that installed them. */
const applications = { npm: new Application("opentelemetry"), pnpm: new Application("opentelemetry-pnpm") };
const { io: connectTo } = applications.npm.require("socket.io-client") as ClientModule;
const LOADER = "--experimental-loader=@opentelemetry/instrumentation/hook.mjs";

const event = ({ attributes }: Span): unknown => attributes["messaging.socket.io.event_name"];
const rooms = ({ attributes }: Span): unknown => attributes["messaging.socket.io.rooms"];

test.each(Object.entries(applications))(
  "installed by %s, the application's Server is hawser's",
  (_manager, installed) => {
    expect(installed.nameOf("socket.io")).toBe("hawser");
  },
);

describe.each([
  { modules: "CommonJS", args: ["main.cjs"] },
  // Without the loader nothing stands between the application and the function that it imports.
  { modules: "ES modules", args: ["main.mjs"], tracesConnections: false },
  { modules: "ES modules with OpenTelemetry's loader", args: [LOADER, "main.mjs"] },
  { modules: "CommonJS, installed by pnpm", args: ["main.cjs"], installed: applications.pnpm },
])("an application of $modules", ({ args, tracesConnections = true, installed = applications.npm }) => {
  let program: Program;
  let url: string;
  const sockets: ClientSocket[] = [];

  beforeAll(async () => {
    const folder = installed.place(new URL("application/", import.meta.url));
    program = Program.start(folder, ["--require", "./tracing.cjs", ...args]);
    url = await program.url();
  });
  afterAll(() => program[Symbol.asyncDispose]());
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  /** The spans since they were last asked for. */
  async function spans(): Promise<Span[]> {
    return JSON.parse((await get(`${url}/spans`)).body) as Span[];
  }

  async function connect(namespace = ""): Promise<ClientSocket> {
    const socket = connectTo(`${url}${namespace}`, { forceNew: true });
    sockets.push(socket);
    await inbox(socket, "connect").next();
    return socket;
  }

  /** A client whose coming is in no span that is still to be told. */
  async function known(namespace?: string): Promise<ClientSocket> {
    const socket = await connect(namespace);
    await spans();
    return socket;
  }

  test("what is received, what is emitted meanwhile, and that the one is part of the other", async () => {
    const socket = await known();
    await socket.emitWithAck("question");
    const [emitted, received] = (await spans()) as [Span, Span];
    expect(received).toMatchObject({
      name: "receive /",
      kind: CONSUMER,
      status: 0,
      attributes: {
        "messaging.system": "socket.io",
        "messaging.destination": "/",
        "messaging.operation": "receive",
        "messaging.socket.io.event_name": "question",
      },
    });
    expect(emitted).toMatchObject({
      name: "send /",
      parent: received.id,
      kind: PRODUCER,
      attributes: {
        "messaging.system": "socket.io",
        "messaging.destination": "/",
        "messaging.destination_kind": "topic",
        "messaging.socket.io.event_name": "answer",
        "messaging.socket.io.namespace": "/",
        "messaging.socket.io.rooms": [socket.id, "lobby"],
        arguments: 2,
      },
    });
  });

  test("connections", async () => {
    await connect();
    const seen = (await spans()).map(({ name, kind, ...span }) => [name, kind, event(span as Span)]);
    expect(seen).toEqual(tracesConnections ? [["receive /", CONSUMER, "connection"]] : []);
  });

  test("other namespaces", async () => {
    const socket = await known("/news");
    await socket.emitWithAck("read");
    expect((await spans()).map(({ name }) => name)).toEqual(["receive /news"]);
  });

  test.each(["throw", "reject"])("listeners that %s", async (name) => {
    const socket = await known();
    socket.emit(name);
    await socket.emitWithAck("question");
    const failed = (await spans()).filter(({ status }) => status === ERROR);
    expect(failed.map((span) => [event(span), span.exception])).toEqual([
      [name, name === "throw" ? "thrown" : "rejected"],
    ]);
  });

  test("each way to emit, with its rooms", async () => {
    const socket = await known();
    for (const question of ["asked", "all asked"]) socket.on(question, (acknowledge: () => void) => acknowledge());
    const done = inbox(socket, "done");
    socket.emit("ways");
    await done.next();
    const own = [socket.id, "lobby"];
    const emitted = (await spans()).filter(({ kind }) => kind === PRODUCER);
    expect(emitted.map((span) => [span.name, event(span), rooms(span)])).toEqual([
      ["send /", "message", own],
      ["send /", "volatile", own],
      ["send /", "asked", own],
      ["send /", "others", undefined],
      ["send /", "others of the room", ["lobby"]],
      ["send /", "all", undefined],
      ["send /", "rooms", ["lobby", "bar", "hall"]],
      ["send /news", "all of a namespace", undefined],
      ["send /news", "room of a namespace", ["sports"]],
      ["send /", "all asked", undefined],
      ["send /", "done", own],
    ]);
  });
});
