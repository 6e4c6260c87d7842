/** nginx and HAProxy as the tests run them: in the foreground, in a folder of their own, with nothing but the configuration under test. */

import { join } from "node:path";
import { findProgram, programs } from "../../scripts/programs.mjs";

/** What there is to know of a proxy's program to run it. */
export interface ProxyProgram {
  readonly name: string;
  /** Its executable; undefined where there is none, and tests that need it are skipped. */
  readonly path: string | undefined;
  readonly args: (file: string) => string[];
  /** The whole configuration: what the tests need around the part that is under test. */
  readonly configure: (configuration: string, global: string, folder: string) => string;
  /** It listens, or has just begun to do so again with another configuration. */
  readonly ready: RegExp;
  /** It has told the processes of the former configuration to go. */
  readonly reloaded: RegExp;
  /** Another process has its port. */
  readonly portTaken: RegExp;
  readonly reloadSignal: NodeJS.Signals;
}

const isRoot = process.getuid?.() === 0;

/** Where nginx puts bodies that it does not keep in memory. */
const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

export const NGINX: ProxyProgram = {
  name: "nginx",
  path: findProgram(programs.nginx),
  args: (file) => ["-e", "stderr", "-c", file],
  configure: (configuration, global, folder) => `
${isRoot ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${join(folder, "pid")};
error_log stderr notice;
${global}
events {}
http {
  access_log off;
  ${TEMPORARY.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join("\n  ")}
${configuration}
}
`,
  ready: /start worker processes/,
  reloaded: /gracefully shutting down/,
  portTaken: /Address already in use/,
  reloadSignal: "SIGHUP",
};

export const HAPROXY: ProxyProgram = {
  name: "HAProxy",
  path: findProgram(programs.haproxy),
  // With a master, which lets its workers be replaced.
  args: (file) => ["-W", "-f", file],
  configure: (configuration, global) => `
global
  nbthread 1
  # Otherwise it shares a port with any other process that is willing to.
  noreuseport
${global}
${configuration}
`,
  ready: /Loading success/,
  reloaded: /Loading success/,
  portTaken: /Address already in use/,
  reloadSignal: "SIGUSR2",
};
