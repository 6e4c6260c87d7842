/** One input in one state, and what comes of it, in words that can be compared. */

import { until } from "../../harness/waiting.ts";
import type { Bench, Conn } from "./bench.ts";
import { PATIENCE, type Answer, type Exchange } from "./exchange.ts";
import type { Line } from "./line.ts";
import { Peer } from "./peer.ts";

/** Tells what was answered, once all that is certain to come is there. */
export type Reaction = () => Promise<string | undefined>;

export interface Input {
  readonly name: string;
  /** What has to be under way. */
  readonly needs?: "get" | "post" | "line";
  act(peer: Peer): Promise<Reaction | void>;
}

export interface State {
  readonly name: string;
  /** What is under way in it. */
  readonly has: readonly ("get" | "post" | "line")[];
  /** Brings it about. */
  enter(peer: Peer): Promise<void>;
  /** Goes on from it, if the session is open still; tells what came of that. */
  conclude?(peer: Peer): Promise<string | undefined>;
}

/** What refused requests are told, each at the place of its code. */
const REFUSALS = [
  "Transport unknown",
  "Session ID unknown",
  "Bad handshake method",
  "Bad request",
  "Forbidden",
  "Unsupported protocol version",
];

const code = (text: string): string => `\`${text.replace(/"sid":"[^"]*"/g, '"sid":…')}\``;

const show = (packet: string | Buffer): string =>
  typeof packet !== "string" ? `bytes` : code(packet.startsWith("0{") ? "0{…}" : packet);

/** An answer that carries no packets. */
export function describeRefusal({ status, body }: Answer): string {
  const json = /^\{"code":(\d),"message":"(.*)"\}$/.exec(body);
  const reason = REFUSALS.indexOf(json?.[2] ?? body);
  if (json && json[1] !== String(reason)) return `${status} ${body}`;
  return reason === -1 ? `${status} ${body && code(body)}`.trimEnd() : `${status} (${reason})`;
}

/** What came of a request, if it is answered. */
export async function describe(peer: Peer, exchange: Exchange): Promise<string | undefined> {
  if (!exchange.settled) return undefined;
  const answer = await exchange.answer;
  if (!answer) return "cut";
  if (answer.status !== 200) return describeRefusal(answer);
  if (exchange.method !== "GET") return code(answer.body);
  return peer.read(answer).map(show).join(" ") || undefined;
}

/** What a WebSocket has brought, besides messages. */
export function describeLine(peer: Peer, line: Line): string | undefined {
  const words = peer.readFrom(line).map(show);
  if (line.close && !line.ended) words.push(line.close.code === 1006 ? "cut" : `close ${line.close.code}`);
  return words.join(" ") || undefined;
}

const labelled = (label: string, word: string | undefined): string | undefined => word && `${label}: ${word}`;

/** Runs a pair against a bench on which nothing else goes on. */
export async function outcomeOf(bench: Bench, state: State, input: Input): Promise<string> {
  for (;;) {
    const peer = new Peer(bench);
    try {
      await state.enter(peer);
      const words = await walk(peer, state, input);
      if (words) return words.join("; ") || "nothing";
    } finally {
      await peer.end();
    }
  }
}

/** What came of the input; nothing if the state had gone before. */
async function walk(peer: Peer, state: State, input: Input): Promise<string[] | undefined> {
  const { get, post, line } = peer;
  const transport = peer.view?.conn?.transport.name;
  const alive = peer.view?.conn && peer.view.conn.readyState !== "closed";

  const reaction = await input.act(peer);
  await peer.settle();
  const words = [await reaction?.()];
  if (get && get === peer.get) words.push(labelled("GET", await describe(peer, get)));
  if (post && post === peer.post) words.push(labelled("POST", await describe(peer, post)));
  if (line) words.push(labelled("WebSocket", describeLine(peer, line)));
  if (peer.expired) return undefined;
  if (peer.get?.settled) peer.get = undefined;
  if (peer.post?.settled) peer.post = undefined;

  const conn = peer.view?.conn;
  const fate = conn && (alive || conn.readyState !== "closed") ? await fateOf(peer, conn, state, transport) : [];
  const { delivered = [] } = peer.view ?? {};
  if (peer.heard.length > 0) words.push(`back: ${peer.heard.map(show).join(" ")}`);
  if (delivered.length > 0) words.push("delivered");
  return [...words, ...fate].filter((word) => word !== undefined);
}

/** Whether the session goes on, and where: what is said is tried. */
async function fateOf(
  peer: Peer,
  conn: Conn,
  state: State,
  before: string | undefined,
): Promise<(string | undefined)[]> {
  const words: (string | undefined)[] = [];
  if (conn.readyState === "open") {
    words.push(await state.conclude?.(peer));
    await peer.exchange();
    if (before && conn.transport.name !== before) words.push("moves");
    if (conn.transport.name === "polling" && peer.line?.open) {
      await peer.move();
      await peer.exchange();
    }
    for (const [namespace, reason] of peer.view?.left ?? []) words.push(`leaves ${code(namespace)}: ${code(reason)}`);
    return words;
  }
  if (conn.readyState === "closing") {
    const next = peer.request("GET");
    await next.answer;
    await peer.settle();
    words.push(labelled("next GET", await describe(peer, next)));
    await until(() => conn.readyState === "closed", "the session to end", PATIENCE);
  }
  await until(() => peer.bench.sessions === 0, "the session to be forgotten", PATIENCE);
  await peer.settle();
  if (peer.get && !peer.get.settled) words.push("GET: left waiting");
  if (peer.post && !peer.post.settled) words.push("POST: left waiting");
  if (peer.line?.open) words.push("WebSocket: left open");
  words.push(`ends: ${code(peer.view?.left.get("/") ?? "nobody is told")}`);
  return words;
}
