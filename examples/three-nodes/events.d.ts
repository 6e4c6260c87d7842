/** Everything that the page and the nodes of this example say to each other. */
export interface Events {
  clientToServer: {
    /** Adds one to the counter that all nodes share. */
    count(reply: Reply<number>): void;
    /** Says something to everybody, on all nodes. The answer names the node that took it. */
    say(text: string, reply: Reply<string>): void;
    /** Says something to one socket, wherever it is connected. */
    whisper(to: string, text: string, reply: Reply<string>): void;
    /** Ends the node, or Redis, as a crash would: this is a demonstration. */
    kill(what: "node" | "redis"): void;
  };
  serverToClient: {
    /** Comes with each connection. */
    welcome(welcome: Welcome): void;
    counter(value: number): void;
    said(said: Said): void;
    people(people: Person[]): void;
  };
  interServer: Record<string, never>;
  data: { name: string; node: string };
}

/** What came of a request. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; reason: string };
export type Reply<Value> = (outcome: Outcome<Value>) => void;

export interface Welcome {
  node: string;
  process: number;
  /** Whether the socket is the same as before, and has been sent what it missed. */
  recovered: boolean;
}

export interface Said {
  name: string;
  node: string;
  text: string;
  /** Whether only you were told. */
  whispered: boolean;
}

export interface Person {
  id: string;
  name: string;
  node: string;
}
