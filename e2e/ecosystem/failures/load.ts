/** Clients that speak steadily, and write down all that is said and heard. */

import { io, type Socket } from "hawser-client";
import type { Events } from "../../../examples/three-nodes/events.d.ts";

/** How often each client says something to everybody, and whispers to another one, in milliseconds. */
const SAY_EVERY = 250;
const WHISPER_EVERY = 500;

/** A time during which a client was connected to one node. */
export interface Stay {
  readonly node: string;
  readonly recovered: boolean;
  readonly since: number;
  /** Infinity while it lasts. */
  until: number;
}

/** Something that a client has said. */
export interface Message {
  readonly text: string;
  readonly from: Speaker;
  /** Of a whisper: whom it is for. */
  readonly to: Speaker | undefined;
  /** Where in its sender's stays it was said: what is said during one stay is in order. */
  readonly stay: number;
  readonly at: number;
  /** When the node said that it had it; undefined if it never did. */
  takenAt?: number;
  /** The node that said so. */
  node?: string;
}

/** One client. */
export class Speaker {
  readonly index: number;
  readonly socket: Socket<Events>;
  readonly stays: Stay[] = [];
  /** What it has heard, in order. */
  readonly heard: string[] = [];

  constructor(index: number, url: string) {
    this.index = index;
    this.socket = io(url, {
      auth: { name: String(index) },
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: 200,
      reconnectionDelayMax: 1_000,
    });
    this.socket.on("welcome", ({ node, recovered }) => {
      this.stays.push({ node, recovered, since: performance.now(), until: Infinity });
    });
    this.socket.on("disconnect", () => {
      const stay = this.stays.at(-1);
      if (stay) stay.until = Math.min(stay.until, performance.now());
    });
    this.socket.on("said", ({ text }) => this.heard.push(text));
  }

  /** The stay that lasts, if the client is connected and welcome. */
  get stay(): Stay | undefined {
    const stay = this.stays.at(-1);
    return stay?.until === Infinity && this.socket.connected ? stay : undefined;
  }

  /** Loses the connection as if the network had failed. */
  loseConnection(): void {
    this.socket.io.engine.close();
  }
}

/** All clients, and all that they say. */
export class Load {
  readonly speakers: readonly Speaker[];
  readonly messages: Message[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(url: string, size: number) {
    this.speakers = Array.from({ length: size }, (_, index) => new Speaker(index, url));
  }

  /** Whether all clients are connected. */
  get complete(): boolean {
    return this.speakers.every(({ stay }) => stay !== undefined);
  }

  /** From now on all of them speak. */
  start(): void {
    for (const speaker of this.speakers) {
      this.#timers.push(setInterval(() => this.#say(speaker), SAY_EVERY));
      this.#timers.push(setInterval(() => this.#whisper(speaker), WHISPER_EVERY));
    }
  }

  /** From now on all of them are silent. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    for (const { socket } of this.speakers) socket.disconnect();
  }

  #say(from: Speaker): void {
    if (!from.stay) return;
    const message = this.#note(from, undefined);
    from.socket.emit("say", message.text, (outcome) => take(message, outcome));
  }

  #whisper(from: Speaker): void {
    const to =
      this.speakers[(from.index + 1 + (this.messages.length % (this.speakers.length - 1))) % this.speakers.length]!;
    if (!from.stay || !to.stay) return;
    const message = this.#note(from, to);
    from.socket.emit("whisper", to.socket.id!, message.text, (outcome) => take(message, outcome));
  }

  #note(from: Speaker, to: Speaker | undefined): Message {
    const text = String(this.messages.length);
    const message: Message = { text, from, to, stay: from.stays.length - 1, at: performance.now() };
    this.messages.push(message);
    return message;
  }
}

function take(message: Message, outcome: { ok: true; value: string } | { ok: false }): void {
  if (outcome.ok) {
    message.takenAt = performance.now();
    message.node = outcome.value;
  }
}
