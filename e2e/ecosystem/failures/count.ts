/** Counts, of all that was said, what was heard: too often, out of order, or not at all although that was promised. */

import type { Load, Message, Speaker, Stay } from "./load.ts";

/** A time during which a part of the example was in trouble. */
export interface Trouble {
  readonly part: string;
  readonly since: number;
  until: number;
}

/** What was counted. */
export interface Counts {
  /** Messages that were said, and those of them that a node took. */
  readonly said: number;
  readonly taken: number;
  readonly heard: number;
  /** How often somebody heard something again. */
  readonly repeated: string[];
  /** How often somebody heard something before what the same client had said earlier on the same connection. */
  readonly disordered: string[];
  /** Not heard by a client of the very node that took it, although that was well. */
  readonly lostOnNode: string[];
  /** Not heard by a client of another node, although nothing was wrong. */
  readonly lostBetweenNodes: string[];
  /** Not heard by a client that lost its connection and recovered, although nothing else was wrong. */
  readonly lostInRecovery: string[];
  /** A node never said that it took what a client, which stayed connected, had said. */
  readonly unanswered: string[];
  /** How many of these could have happened: pairs of a message and a client that promises were made for. */
  readonly promises: { onNode: number; betweenNodes: number; inRecovery: number };
}

/** Milliseconds that a message may be under way. A shadow of trouble is as long. */
const SLACK = 2_500;

export function count({ messages, speakers }: Load, troubles: readonly Trouble[]): Counts {
  const byText = new Map(messages.map((message) => [message.text, message]));
  const counts: Counts = {
    said: messages.length,
    taken: messages.filter(({ takenAt }) => takenAt !== undefined).length,
    heard: speakers.reduce((sum, { heard }) => sum + heard.length, 0),
    repeated: [],
    disordered: [],
    lostOnNode: [],
    lostBetweenNodes: [],
    lostInRecovery: [],
    unanswered: [],
    promises: { onNode: 0, betweenNodes: 0, inRecovery: 0 },
  };
  for (const speaker of speakers) countHeard(speaker, byText, counts);
  for (const message of messages) countLost(message, speakers, troubles, counts);
  return counts;
}

/** What one client heard, in order. */
function countHeard({ index, heard }: Speaker, byText: ReadonlyMap<string, Message>, counts: Counts): void {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  for (const text of heard) {
    if (seen.has(text)) counts.repeated.push(`${text} by ${index}`);
    seen.add(text);
    const { from, stay, to } = byText.get(text)!;
    const stream = `${from.index}/${stay}/${to === undefined ? "all" : "one"}`;
    if (Number(text) < (last.get(stream) ?? -1)) counts.disordered.push(`${text} of ${stream} by ${index}`);
    last.set(stream, Number(text));
  }
}

/** Who should have heard one message. */
function countLost(message: Message, speakers: readonly Speaker[], troubles: readonly Trouble[], counts: Counts): void {
  const { from, to, text, at, takenAt, node } = message;
  if (takenAt === undefined || node === undefined) {
    const stay = from.stays[message.stay]!;
    if (stay.until > at + 2 * SLACK && !isTroubled(troubles, at, [`node ${stay.node}`])) counts.unanswered.push(text);
    return;
  }
  for (const speaker of to ? [to] : speakers) {
    const stay = speaker.stays.find(({ since, until }) => since < at && until > takenAt + SLACK);
    const lost = !speaker.heard.includes(text);
    const description = `${text} by ${speaker.index}`;
    if (stay?.node === node) {
      if (isTroubled(troubles, at, [`node ${node}`])) continue;
      counts.promises.onNode++;
      if (lost) counts.lostOnNode.push(description);
    } else if (stay) {
      if (isTroubled(troubles, at, ["Redis", `node ${node}`, `node ${stay.node}`])) continue;
      counts.promises.betweenNodes++;
      if (lost) counts.lostBetweenNodes.push(description);
    } else if (to === undefined) {
      const return_ = recoveryAfter(speaker, at);
      if (!return_ || isTroubled(troubles, at, ["Redis", `node ${node}`, `node ${return_.node}`])) continue;
      counts.promises.inRecovery++;
      if (lost) counts.lostInRecovery.push(description);
    }
  }
}

/** The stay by which a client recovered what it missed at that time. */
function recoveryAfter({ stays }: Speaker, at: number): Stay | undefined {
  const next = stays.findIndex(({ since }) => since > at);
  return next > 0 && stays[next]!.recovered ? stays[next] : undefined;
}

function isTroubled(troubles: readonly Trouble[], at: number, parts: readonly string[]): boolean {
  return troubles.some(({ part, since, until }) => parts.includes(part) && at > since - SLACK && at < until + SLACK);
}
