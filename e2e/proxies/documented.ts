/**
 * The configurations that docs/behind-a-proxy.md shows: fenced blocks that follow a comment with their name,
 * `<!-- configuration: name -->`. They are run as they stand, but for the addresses.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = readFileSync(new URL("../../docs/behind-a-proxy.md", import.meta.url), "utf8");
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

const BLOCK = /^<!-- configuration: (?<name>.*) -->\n\n```\w+\n(?<text>[^]*?)^```$/gm;

const configurations = new Map([...page.matchAll(BLOCK)].map(({ groups }) => [groups!["name"]!, groups!["text"]!]));

/** How many fenced blocks of configuration the page has, named or not. */
export const shown = [...page.matchAll(/^```(nginx|haproxy)$/gm)].length;

/** The names of the configurations, in order. */
export const names: readonly string[] = [...configurations.keys()];

/**
 * A configuration as the page has it.
 *
 * @param changes - what is put in the place of what, such as a timeout that a test can wait for
 * @throws Error if the page does not have it, or has nothing to change
 */
export function documented(name: string, changes: Record<string, string> = {}): string {
  let text = configurations.get(name);
  if (text === undefined) throw new Error(`docs/behind-a-proxy.md has no configuration "${name}"`);
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`the configuration "${name}" does not say "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/**
 * Puts the addresses of a test in the place of the documented ones: the proxy's, those of the servers (port 3000 if there is
 * one, 3001 and on if there are several), and the certificate's.
 */
export function addressed(configuration: string, port: number, servers: readonly number[]): string {
  const first = servers.length === 1 ? 3000 : 3001;
  return configuration
    .replace(/\b127\.0\.0\.1:(\d+)\b/g, (address, shownPort) => {
      const server = servers[Number(shownPort) - first];
      return server === undefined ? address : `127.0.0.1:${server}`;
    })
    .replace(/\b(listen|bind) :?(80|443)\b/g, `$1 127.0.0.1:${port}`)
    .replace("/etc/ssl/example.com.pem", fixture("localhost.certificate.pem"))
    .replace("/etc/ssl/example.com.key", fixture("localhost.key.pem"));
}
