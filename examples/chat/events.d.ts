/**
 * Everything that the page and the server of this example say to each other, written down once.
 * The server reads it as `Server<Events>`, the page as `Socket<Events>`.
 */
export interface Events {
  clientToServer: {
    /** Changes the name, the room or both. The same place is given in the handshake's `auth`, so that a reconnect needs no event. */
    enter(place: Place, reply: Reply<null>): void;
    message(message: { key: string; text: string }, reply: Reply<Receipt>): void;
    picture(picture: { key: string; name: string; bytes: Bytes }, reply: Reply<Receipt>): void;
    /** Somebody is writing; sent as a volatile event, so it is dropped rather than delayed. */
    typing(): void;
    /** Answered at once, to measure the round trip. */
    echo(reply: () => void): void;
    /** Asks the server to close the connection beneath this socket. */
    cut(): void;
  };
  serverToClient: {
    /** The first event on every connection, and the first after a change of the place. */
    welcome(welcome: Welcome): void;
    entry(entry: Entry): void;
    /** Everybody who is in the room now; sent after each change. */
    people(people: Person[]): void;
    typing(person: Person): void;
  };
  data: { place: Place };
}

/** What came of a request that the server answers. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; reason: string };
export type Reply<Value> = (outcome: Outcome<Value>) => void;

/** Sent as ArrayBuffer, received as Buffer by the server and as ArrayBuffer by the page. */
export type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

export interface Place {
  name: string;
  room: string;
  /** The `at` of the last entry this window has seen in the room; 0 for none. */
  after: number;
}

export interface Welcome {
  name: string;
  room: string;
  /** What was said after `place.after`, oldest first. */
  entries: Entry[];
}

export interface Receipt {
  at: number;
}

export interface Person {
  /** The id of the person's socket: another one after each reconnect. */
  id: string;
  name: string;
}

export interface Picture {
  name: string;
  /** A media type which the server found by looking at the bytes. */
  type: string;
  bytes: Bytes;
}

/** Something said in a room: a text or a picture. */
export interface Entry {
  /** When the server accepted it, in milliseconds since 1970. Unique and rising, so it is the entry's place in the room, too. */
  at: number;
  /** Chosen by the author's window, which recognises its own entry by it. */
  key: string;
  author: Person;
  text?: string;
  picture?: Picture;
}
