/** Nest's application as its users have it: TypeScript, checked and compiled with the decorators that Nest is made of. */

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Server } from "socket.io";
import type { Application } from "../application.ts";

const execute = promisify(execFile);

export interface NestApplication {
  getHttpServer(): HttpServer;
  close(): Promise<void>;
}

/** An application that listens, and one of its gateways. */
export interface Running {
  readonly app: NestApplication;
  readonly chat: { readonly server: Server; readonly log: string[] };
}

/** What `application/application.ts` exports. */
export interface Compiled {
  readonly Server: unknown;
  createApplication(): Promise<Running>;
  createNode(redisUrl: string): Promise<Running>;
  createWithPort(): Promise<NestApplication>;
}

/**
 * Compiles the application where its packages are, and loads it.
 *
 * @param type - the kind of its modules
 * @throws Error what the compiler says of its types
 */
export async function compile(application: Application, type: "module" | "commonjs"): Promise<Compiled> {
  const folder = application.place(new URL("application/", import.meta.url));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
  const tsc = join(application.folder, "node_modules/typescript/bin/tsc");
  try {
    await execute(process.execPath, [tsc, "-p", folder]);
  } catch (error) {
    throw new Error(`the application does not compile:\n${(error as { stdout: string }).stdout}`, { cause: error });
  }
  return (await import(pathToFileURL(join(folder, "dist/application.js")).href)) as Compiled;
}

/** Where an application listens. */
export function urlOf(app: NestApplication): string {
  return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
}
