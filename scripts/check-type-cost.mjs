/**
 * Prints what the compiler does for a typed application of 200 events, with Socket.IO's types and with ours, and fails where ours
 * cost too much. It counts types and their instantiations, which are the same in every run, and not the time.
 */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isMain, root, run } from "./run.mjs";

/** How many times the instantiations of Socket.IO's types ours may need. */
export const LIMIT = 1.5;

/** Events of each direction. */
const EVENTS = 100;

/** Kinds of events: the type of the listener, such a listener, and what is emitted to one peer and to many. */
const KINDS = [
  {
    type: "(text: string, at: number) => void",
    listener: "(text, at) => [text.length, at.toFixed()]",
    toOne: ', "text", 1',
    toMany: ', "text", 1',
  },
  {
    type: "(item: { id: number; name: string; tags: string[] }) => void",
    listener: "(item) => item.tags.length",
    toOne: ', { id: 1, name: "a", tags: [] }',
    toMany: ', { id: 1, name: "a", tags: [] }',
  },
  {
    type: "(question: string, answer: (text: string, sure: boolean) => void) => void",
    listener: "(question, answer) => answer(question, true)",
    toOne: ', "why?", (text) => text.length',
    toMany: ', "why?", (error, texts) => [error, texts.length]',
    asked: ', "why?"',
  },
  {
    type: "(data: Uint8Array, done: (error: Error | null, size: number) => void) => void",
    listener: "(data, done) => done(null, data.length)",
    toOne: ", new Uint8Array(), (error, size) => [error, size]",
    toMany: ", new Uint8Array(), (error, sizes) => [error, sizes]",
  },
  { type: "() => void", listener: "() => {}", toOne: "", toMany: "" },
];

const events = Array.from({ length: EVENTS }, (_, index) => ({ index, ...KINDS[index % KINDS.length] }));

/** What an application says of its events, and what it does with each of them. */
const DECLARATIONS = `
interface ToServer { ${events.map(({ index, type }) => `c${index}: ${type}`).join("; ")} }
interface ToClient { ${events.map(({ index, type }) => `s${index}: ${type}`).join("; ")} }
interface Between { moved: (user: string) => void }
interface Data { user: string }
interface OtherEvents { clientToServer: ToServer; serverToClient: ToClient; data: Data }
interface Events extends OtherEvents { interServer: Between; namespaces: { "/other": OtherEvents } }
`;
const USE = `
io.on("connection", (socket) => {
  ${events.map(({ index, listener }) => `socket.on("c${index}", ${listener});`).join("\n  ")}
  ${events.map(({ index, toOne }) => `socket.emit("s${index}"${toOne});`).join("\n  ")}
});
${events.map(({ index, listener }) => `client.on("s${index}", ${listener});`).join("\n")}
${events.map(({ index, toOne }) => `client.emit("c${index}"${toOne});`).join("\n")}
${events.map(({ index, toMany }) => `io.to("room").timeout(1).emit("s${index}"${toMany});`).join("\n")}
${events
  .filter(({ asked }) => asked)
  .flatMap(({ index, asked }) => [
    `void client.timeout(1).emitWithAck("c${index}"${asked}).then((text) => text.length);`,
    `void io.timeout(1).emitWithAck("s${index}"${asked}).then((texts) => texts.length);`,
  ])
  .join("\n")}
io.of("/other").use((socket, next) => next(socket.data.user ? undefined : new Error("no user")));
void io.fetchSockets().then((sockets) => sockets.map((socket) => socket.data.user));
export const untyped: Server = io;
export const passOn = (socket: Parameters<Parameters<typeof io.of>[1] & {}>[0]): Socket => socket;
`;

/** The positional parameters, and our single map. */
const POSITIONAL = { server: "ToServer, ToClient, Between, Data", client: "ToClient, ToServer" };
const SINGLE = { server: "Events", client: "Events" };

const APPLICATIONS = [
  { name: "Socket.IO", packages: { server: "socket.io", client: "socket.io-client" }, parameters: POSITIONAL },
  { name: "hawser", packages: { server: "hawser", client: "hawser-client" }, parameters: POSITIONAL },
  { name: "hawser, single map", packages: { server: "hawser", client: "hawser-client" }, parameters: SINGLE },
];

const sourceOf = ({ packages, parameters }) => `
import { Server, type Socket } from "${packages.server}";
import { io as connect, type Socket as ClientSocket } from "${packages.client}";
${DECLARATIONS}
const io = new Server<${parameters.server}>();
const client: ClientSocket<${parameters.client}> = connect();
${USE}`;

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2022", "DOM"],
    types: ["node"],
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  },
};

/** Where the application finds its packages. */
const SOURCES = {
  "socket.io": "e2e/node_modules/socket.io",
  "socket.io-client": "e2e/node_modules/socket.io-client",
  hawser: "packages/server",
  "hawser-client": "packages/client",
  "@types/node": "node_modules/@types/node",
};

function compile(folder, application) {
  mkdirSync(folder);
  for (const [name, source] of Object.entries(SOURCES)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(root + source), link, "junction");
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  writeFileSync(join(folder, "application.ts"), sourceOf(application));
  // One thread: each would instantiate what all of them need.
  const { ok, output } = run("tsc", ["-p", folder, "--extendedDiagnostics", "--singleThreaded"], { quiet: true });
  if (!ok) throw new Error(`${application.name} does not compile:\n${output}`);
  const count = (what) => Number(new RegExp(`^${what}: +(\\d+)$`, "m").exec(output)?.[1]);
  return { name: application.name, types: count("Types"), instantiations: count("Instantiations") };
}

/**
 * @returns {{ name: string, types: number, instantiations: number }[]} what each of the applications costs, that of Socket.IO first
 */
export function measureTypeCost() {
  const folder = mkdtempSync(join(tmpdir(), "hawser-type-cost-"));
  try {
    return APPLICATIONS.map((application, index) => compile(join(folder, String(index)), application));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (isMain(import.meta.url)) {
  const costs = measureTypeCost();
  for (const { name, types, instantiations } of costs) {
    const ratio = instantiations / costs[0].instantiations;
    const verdict = ratio > LIMIT ? `  TOO MUCH: at most ${LIMIT} times` : "";
    console.log(
      `${name.padEnd(18)} ${String(instantiations).padStart(7)} instantiations (× ${ratio.toFixed(2)}), ${types} types${verdict}`,
    );
    if (ratio > LIMIT) process.exitCode = 1;
  }
}
