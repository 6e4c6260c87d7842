import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findProgram, programs } from "../../../scripts/programs.mjs";
import { Inbox, withTimeout } from "../../harness/waiting.ts";

/** A Python that has the clients; undefined where there is none, and tests that need it are skipped. */
export const pythonPath: string | undefined = findProgram(programs.python);

/** Each of Python's clients is there twice: with threads, and with coroutines. */
export const KINDS = ["sync", "asyncio"] as const;

export type Kind = (typeof KINDS)[number];

/** What a client tells. */
interface Message {
  readonly ready?: true;
  readonly answer?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly event?: string;
  readonly namespace?: string;
  readonly args?: unknown[];
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Binary data is a `Buffer` here, bytes there, and `{ $bytes }` in between. */
function toJson(_key: string, value: unknown): unknown {
  // What a Buffer makes of itself before anybody is asked.
  const { type, data } = (value ?? {}) as { type?: string; data?: number[] };
  return type === "Buffer" ? { $bytes: data } : value;
}

function fromJson(_key: string, value: unknown): unknown {
  const bytes = (value as { $bytes?: number[] } | null)?.$bytes;
  return bytes ? Buffer.from(bytes) : value;
}

/** A client in Python, which does what it is told. */
export class PythonClient {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #pending: Map<number, Pending> = new Map();
  readonly #inboxes: Map<string, Inbox> = new Map();
  readonly #ready: Promise<void>;
  #requests = 0;
  #complaints = "";

  /** @param script - which client: a file of this folder */
  constructor(script: "socketio_client.py" | "engineio_client.py", kind: Kind) {
    if (pythonPath === undefined) throw new Error("there is no Python with the clients");
    this.#name = `${script} ${kind}`;
    const path = fileURLToPath(new URL(script, import.meta.url));
    // Without an environment: a proxy's address in there is not meant for these requests.
    const child = spawn(pythonPath, ["-B", path, kind], { stdio: "pipe", env: { PYTHONUNBUFFERED: "1" } });
    this.#child = child;
    this.#ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const message = JSON.parse(line, fromJson) as Message;
        if (message.ready) resolve();
        else this.#receive(message);
      });
      child.on("close", () => {
        const error = new Error(`${this.#name} has ended:\n${this.#complaints}`);
        reject(error);
        for (const pending of this.#pending.values()) pending.reject(error);
      });
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#complaints += text));
  }

  /** All that the client tells of an event from the beginning. */
  inbox(event: string, namespace = "/"): Inbox {
    const key = `${event} in ${namespace}`;
    const box = this.#inboxes.get(key) ?? new Inbox(`"${event}" at ${this.#name}`);
    this.#inboxes.set(key, box);
    return box;
  }

  /**
   * Has the client do something, and waits until it has.
   *
   * @returns what it says to that
   * @throws Error with what it raised
   */
  async do(command: string, ...args: unknown[]): Promise<any> {
    await withTimeout(this.#ready, `${this.#name} to start`);
    const id = this.#requests++;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#child.stdin!.write(`${JSON.stringify({ id, do: command, with: args }, toJson)}\n`);
    return withTimeout(answer, `"${command}" of ${this.#name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
  }

  #receive({ answer, value, error, event, namespace, args = [] }: Message): void {
    if (event !== undefined) {
      this.inbox(event, namespace).put(...args);
      return;
    }
    const pending = this.#pending.get(answer!);
    this.#pending.delete(answer!);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(new Error(error));
  }
}
