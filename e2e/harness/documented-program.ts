import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programsOf } from "./documentation.ts";
import { withTimeout } from "./waiting.ts";

const e2e = fileURLToPath(new URL("../", import.meta.url));
const preload = new URL("./listen-anywhere.mjs", import.meta.url).href;

/** A server that a document shows, as a process of its own. */
export class DocumentedProgram {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #complaints = "";

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#complaints += text));
  }

  /**
   * Starts a server on a free port.
   *
   * @param document - its path, from the root of the repository
   * @param file - the name that the document gives to the program
   * @param environment - the variables that it is to see
   * @param packages - the folder of the package whose dependencies it has
   */
  static async start(
    document: string,
    file: string,
    environment: Record<string, string> = {},
    packages: string = e2e,
  ): Promise<DocumentedProgram> {
    const shown = programsOf(document);
    const program = shown.find((candidate) => candidate.file === file);
    if (!program) throw new Error(`${document} has no ${file}`);
    const scratch = join(packages, "build");
    await mkdir(scratch, { recursive: true });
    const folder = await mkdtemp(join(scratch, ".program-"));
    // With what it imports.
    const siblings = shown.filter(({ section }) => section === program.section);
    await Promise.all(siblings.map((sibling) => writeFile(join(folder, sibling.file), sibling.source)));
    const child = spawn(process.execPath, ["--import", preload, join(folder, file)], {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      env: { PATH: process.env["PATH"], ...environment },
    });
    const [port] = (await withTimeout(once(child, "message"), `${program.where} to listen`)) as [number];
    return new DocumentedProgram(child, folder, port);
  }

  /** All that it has written to its standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Asks it to end, and resolves with the code that it ends with. */
  async stop(): Promise<number | null> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    return (await withTimeout(ended, "the program to end"))[0] as number | null;
  }

  /** Ends it without a word to its clients. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}
