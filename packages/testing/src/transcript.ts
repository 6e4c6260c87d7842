import { showFrame, type Frame } from "./engine-frames.ts";

/** An end of a wire. */
export type Side = "client" | "server";

/** What became of a frame. Each frame has an entry when it is sent, and one when it has arrived or is lost. */
export interface TranscriptEntry {
  /** Milliseconds, by the clock of the wire. */
  readonly at: number;
  /** The name of the wire. */
  readonly wire: string;
  /** The end that sent it. */
  readonly from: Side;
  readonly event: "sent" | "arrived" | "lost";
  readonly frame: Frame;
}

/** What went over one wire or several, in the order in which it happened. */
export class Transcript {
  readonly entries: TranscriptEntry[] = [];

  /** The frames that `side` sent, over all wires or over one. */
  sentBy(side: Side, wire?: string): Frame[] {
    return this.#frames("sent", side, wire);
  }

  /** The frames that reached `side`, over all wires or over one. */
  arrivedAt(side: Side, wire?: string): Frame[] {
    return this.#frames("arrived", side === "client" ? "server" : "client", wire);
  }

  /** The frames that `side` sent and that will never arrive, over all wires or over one. */
  lostFrom(side: Side, wire?: string): Frame[] {
    return this.#frames("lost", side, wire);
  }

  /** One line for each entry. */
  toString(): string {
    return this.entries
      .map(({ at, wire, from, event, frame }) => `${at} ms, ${wire}: ${showFrame(frame)} from the ${from} ${event}`)
      .join("\n");
  }

  #frames(event: TranscriptEntry["event"], from: Side, wire: string | undefined): Frame[] {
    return this.entries
      .filter((entry) => entry.event === event && entry.from === from && (wire === undefined || entry.wire === wire))
      .map((entry) => entry.frame);
  }
}
