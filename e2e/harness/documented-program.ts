import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programsOf } from "./documentation.ts";
import { withTimeout } from "./waiting.ts";

/** Within e2e, so that the packages are found; hidden, so that nobody else compiles it. */
const scratch = fileURLToPath(new URL("../build/", import.meta.url));
const preload = new URL("./listen-anywhere.mjs", import.meta.url).href;

/** A server that a document shows, as a process of its own. */
export class DocumentedProgram {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  /**
   * Starts a server on a free port.
   *
   * @param document - its path, from the root of the repository
   * @param file - the name that the document gives to the program
   * @param environment - the variables that it is to see
   */
  static async start(
    document: string,
    file: string,
    environment: Record<string, string> = {},
  ): Promise<DocumentedProgram> {
    const program = programsOf(document).find((shown) => shown.file === file);
    if (!program) throw new Error(`${document} has no ${file}`);
    await mkdir(scratch, { recursive: true });
    const folder = await mkdtemp(join(scratch, ".program-"));
    const path = join(folder, file);
    await writeFile(path, program.source);
    const child = spawn(process.execPath, ["--import", preload, path], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { PATH: process.env["PATH"], ...environment },
    });
    const [port] = (await withTimeout(once(child, "message"), `${program.where} to listen`)) as [number];
    return new DocumentedProgram(child, folder, port);
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
