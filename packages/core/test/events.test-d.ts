import { describe, expectTypeOf, it } from "vitest";
import { Emitter } from "../src/emitter.ts";
import type {
  AllButLast,
  ClientToServer,
  DecorateAcknowledgements,
  DecorateAcknowledgementsWithMultipleResponses,
  DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  DecorateClientAcknowledgements,
  DefaultEventsMap,
  EventNames,
  EventNamesWithAck,
  EventNamesWithError,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  FirstArg,
  FirstNonErrorArg,
  InterServer,
  Last,
  NamespaceEvents,
  NamespaceNames,
  OptionalSlash,
  RemoveAcknowledgements,
  ReservedOrUserListener,
  ServerToClient,
  SocketData,
  TypedEventBroadcaster,
  TypedListening,
} from "../src/events.ts";

// Stand-ins for the classes of both packages: as small as they can be, and using the types in the same places.

declare const ServerEmitter: abstract new <
  L extends EventsMap,
  E extends EventsMap,
  R extends EventsMap,
>() => TypedListening<L, R> & TypedEventBroadcaster<E>;

interface ServerEvents<A extends EventsMap, B extends EventsMap, C extends EventsMap, D> {
  connection: (socket: ServerSocket<A, B, C, D>) => void;
}

declare class Server<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
> extends ServerEmitter<C, RemoveAcknowledgements<B>, ServerEvents<A, B, C, D>> {
  readonly sockets: Map<string, ServerSocket<A, B, C, D>>;
  private readonly middlewares: ((socket: ServerSocket<A, B, C, D>) => void)[];
  override emit<Name extends EventNamesWithoutAck<B>>(event: Name, ...args: EventParams<B, Name>): boolean;
  use(middleware: (socket: ServerSocket<A, B, C, D>, next: (error?: Error) => void) => void): this;
  of(name: string): Server<A, B, C, D>;
  to(room: string): Broadcast<DecorateAcknowledgementsWithMultipleResponses<B>>;
  timeout(delay: number): Broadcast<DecorateAcknowledgements<DecorateAcknowledgementsWithMultipleResponses<B>>>;
  serverSideEmit<Name extends EventNames<C>>(
    event: Name,
    ...args: EventParams<DecorateAcknowledgementsWithTimeoutAndMultipleResponses<C>, Name>
  ): boolean;
  serverSideEmitWithAck<Name extends EventNamesWithAck<C>>(
    event: Name,
    ...args: AllButLast<EventParams<C, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<C, Name>>>[]>;
}

declare class ServerSocket<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ServerToClient<A>,
  C extends EventsMap = InterServer<A>,
  D = SocketData<A>,
> extends ServerEmitter<ClientToServer<A>, B, { disconnect: (reason: string) => void }> {
  readonly nsp: Server<A, B, C, D>;
  data: D;
  emitWithAck<Name extends EventNamesWithAck<B>>(
    event: Name,
    ...args: AllButLast<EventParams<B, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<B, Name>>>>;
  timeout(delay: number): ServerSocket<A, DecorateAcknowledgements<B>, C, D>;
  to(room: string): Broadcast<DecorateAcknowledgementsWithMultipleResponses<B>>;
}

declare class Broadcast<B extends EventsMap> {
  emit<Name extends EventNames<B>>(event: Name, ...args: EventParams<B, Name>): boolean;
  emitWithAck<Name extends EventNamesWithError<B>>(
    event: Name,
    ...args: AllButLast<EventParams<B, Name>>
  ): Promise<FirstNonErrorArg<Last<EventParams<B, Name>>>>;
  timeout(delay: number): Broadcast<DecorateAcknowledgements<B>>;
}

declare class ClientSocket<
  A extends EventsMap = DefaultEventsMap,
  B extends EventsMap = ClientToServer<A>,
> extends Emitter<ServerToClient<A>, B, { connect: () => void; disconnect: (reason: string) => void }> {
  emitWithAck<Name extends EventNames<B>>(
    event: Name,
    ...args: AllButLast<EventParams<B, Name>>
  ): Promise<FirstArg<Last<EventParams<B, Name>>>>;
  timeout(delay: number): ClientSocket<A, DecorateClientAcknowledgements<B>>;
}

declare function io(): ClientSocket;

// One application: described once, and in Socket.IO's manner.

interface FromClient {
  say: (text: string) => void;
  ask: (question: string, answer: (text: string, sure: boolean) => void) => void;
  data: (chunk: number[]) => void;
  leave: () => void;
}

interface FromServer {
  news: (text: string, at: number) => void;
  poll: (question: string, vote: (choice: number, comment: string) => void) => void;
  ping: (pong: () => void) => void;
  login: (done: (error: Error, token: string) => void) => void;
}

interface BetweenServers {
  moved: (user: string) => void;
  load: (answer: (percent: number) => void) => void;
}

interface Data {
  user: string;
}

interface Events {
  clientToServer: FromClient;
  serverToClient: FromServer;
  interServer: BetweenServers;
  data: Data;
}

declare enum Name {
  Chat = "chat",
}

declare const single: Server<Events>;
declare const positional: Server<FromClient, FromServer, BetweenServers, Data>;
declare const untyped: Server;
declare const socket: ServerSocket<Events>;
declare const client: ClientSocket<Events>;

describe("the single map", () => {
  it("is resolved to the events of each direction, between servers, and the type of a socket's data", () => {
    expectTypeOf<ClientToServer<Events>>().toEqualTypeOf<FromClient>();
    expectTypeOf<ServerToClient<Events>>().toEqualTypeOf<FromServer>();
    expectTypeOf<InterServer<Events>>().toEqualTypeOf<BetweenServers>();
    expectTypeOf<SocketData<Events>>().toEqualTypeOf<Data>();
  });

  it("needs both directions and nothing else", () => {
    interface Directions {
      clientToServer: FromClient;
      serverToClient: FromServer;
    }
    expectTypeOf<ClientToServer<Directions>>().toEqualTypeOf<FromClient>();
    expectTypeOf<InterServer<Directions>>().toEqualTypeOf<DefaultEventsMap>();
    expectTypeOf<SocketData<Directions>>().toBeAny();

    interface OneDirection {
      clientToServer: FromClient;
    }
    expectTypeOf<ClientToServer<OneDirection>>().toEqualTypeOf<OneDirection>();
    expectTypeOf<ServerToClient<OneDirection>>().toEqualTypeOf<OneDirection>();
  });

  it("may declare the events between servers and the data as optional", () => {
    interface WithOptional {
      clientToServer: FromClient;
      serverToClient: FromServer;
      interServer?: BetweenServers;
      data?: Data;
    }
    expectTypeOf<InterServer<WithOptional>>().toEqualTypeOf<BetweenServers>();
    expectTypeOf<SocketData<WithOptional>>().toEqualTypeOf<Data>();
  });

  it("may leave a direction empty or untyped", () => {
    interface Half {
      clientToServer: {};
      serverToClient: DefaultEventsMap;
    }
    expectTypeOf<ClientToServer<Half>>().toEqualTypeOf<{}>();
    expectTypeOf<ServerToClient<Half>>().toEqualTypeOf<DefaultEventsMap>();
  });

  it("may have events that are named like the members of a function", () => {
    interface Calls {
      clientToServer: { call: (number: string) => void; apply: () => void; bind: () => void; name: () => void };
      serverToClient: { length: () => void; toString: () => string };
    }
    expectTypeOf<EventNames<ClientToServer<Calls>>>().toEqualTypeOf<"call" | "apply" | "bind" | "name">();
    expectTypeOf<EventNames<ServerToClient<Calls>>>().toEqualTypeOf<"length" | "toString">();
  });

  it("is not mistaken for a map whose events are named clientToServer and serverToClient", () => {
    interface OddNames {
      clientToServer: (text: string) => void;
      serverToClient: (text: number) => void;
      interServer: () => void;
      data: () => void;
    }
    expectTypeOf<ClientToServer<OddNames>>().toEqualTypeOf<OddNames>();
    expectTypeOf<ServerToClient<OddNames>>().toEqualTypeOf<OddNames>();
    expectTypeOf<InterServer<OddNames>>().toEqualTypeOf<DefaultEventsMap>();
    expectTypeOf<SocketData<OddNames>>().toBeAny();

    const server = {} as ServerSocket<OddNames>;
    server.on("clientToServer", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    // @ts-expect-error -- a number is due
    server.emit("serverToClient", "text");
  });

  it("leaves any and the default untyped", () => {
    expectTypeOf<ClientToServer<any>>().toBeAny();
    expectTypeOf<ServerToClient<any>>().toBeAny();
    expectTypeOf<SocketData<any>>().toBeAny();
    expectTypeOf<ClientToServer<DefaultEventsMap>>().toEqualTypeOf<DefaultEventsMap>();
    expectTypeOf<InterServer<DefaultEventsMap>>().toEqualTypeOf<DefaultEventsMap>();
    expectTypeOf<SocketData<DefaultEventsMap>>().toBeAny();
  });

  it("gives the same events as the maps one by one", () => {
    expectTypeOf<EventNames<ClientToServer<FromClient>>>().toEqualTypeOf<EventNames<ClientToServer<Events>>>();
    expectTypeOf(single.emit).toEqualTypeOf(positional.emit);
    expectTypeOf(single.timeout(1)).toEqualTypeOf(positional.timeout(1));
    expectTypeOf(single.serverSideEmit).toEqualTypeOf(positional.serverSideEmit);
  });
});

describe("the maps of namespaces", () => {
  interface AdminEvents {
    clientToServer: { ban: (user: string) => void };
    serverToClient: { load: (percent: number) => void };
    data: { role: string };
  }
  interface GameEvents {
    clientToServer: { move: () => void };
    serverToClient: { moved: () => void };
  }
  interface Site extends Events {
    namespaces: { "/admin": AdminEvents; [game: `/game-${string}`]: GameEvents };
  }

  it("are found by the namespace's name, with or without its leading slash", () => {
    expectTypeOf<NamespaceNames<Site>>().toEqualTypeOf<"/admin" | `/game-${string}`>();
    expectTypeOf<OptionalSlash<"/admin" | `/game-${string}`>>().toEqualTypeOf<
      "/admin" | "admin" | `/game-${string}` | `game-${string}`
    >();
    expectTypeOf<NamespaceEvents<Site, "/admin">>().toEqualTypeOf<AdminEvents>();
    expectTypeOf<NamespaceEvents<Site, "admin">>().toEqualTypeOf<AdminEvents>();
    expectTypeOf<NamespaceEvents<Site, "/game-sea">>().toEqualTypeOf<GameEvents>();
    expectTypeOf<NamespaceEvents<Site, "/admin" | "/game-sea">>().toEqualTypeOf<AdminEvents | GameEvents>();
  });

  it("leave the application's own events to other names, to / and to names that are not known", () => {
    expectTypeOf<NamespaceEvents<Site, "/other">>().toEqualTypeOf<Site>();
    expectTypeOf<NamespaceEvents<Site, "/">>().toEqualTypeOf<Site>();
    expectTypeOf<NamespaceEvents<Site, string>>().toEqualTypeOf<Site>();

    interface AllOthers extends Events {
      namespaces: { [name: `/${string}`]: GameEvents };
    }
    expectTypeOf<NamespaceEvents<AllOthers, "/any">>().toEqualTypeOf<GameEvents>();
    expectTypeOf<NamespaceEvents<AllOthers, "/">>().toEqualTypeOf<AllOthers>();
  });

  it("change nothing of the rest of the single map", () => {
    expectTypeOf<ClientToServer<Site>>().toEqualTypeOf<FromClient>();
    expectTypeOf<ServerToClient<Site>>().toEqualTypeOf<FromServer>();
    expectTypeOf<SocketData<Site>>().toEqualTypeOf<Data>();
  });

  it("may be declared as optional, and may be maps of one direction", () => {
    interface WithOptional extends Events {
      namespaces?: { "/both": FromClient };
    }
    expectTypeOf<NamespaceNames<WithOptional>>().toEqualTypeOf<"/both">();
    expectTypeOf<NamespaceEvents<WithOptional, "/both">>().toEqualTypeOf<FromClient>();
  });

  it("are there in a single map only", () => {
    interface Positional {
      namespaces: (names: string[]) => void;
    }
    expectTypeOf<NamespaceNames<Events>>().toBeNever();
    expectTypeOf<NamespaceNames<Positional>>().toBeNever();
    expectTypeOf<NamespaceNames<DefaultEventsMap>>().toBeNever();
    expectTypeOf<NamespaceNames<any>>().toBeNever();
    expectTypeOf<NamespaceEvents<Events, "/admin">>().toEqualTypeOf<Events>();
    expectTypeOf<NamespaceEvents<Positional, "/admin">>().toEqualTypeOf<Positional>();
    expectTypeOf<NamespaceEvents<any, "/admin">>().toBeAny();
  });
});

describe("both ends of the single map", () => {
  it("agree on an event from the client", () => {
    client.emit("say", "hello");
    socket.on("say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    socket.once("data", (chunk) => expectTypeOf(chunk).toEqualTypeOf<number[]>());

    // @ts-expect-error -- misspelt
    client.emit("sya", "hello");
    // @ts-expect-error -- misspelt
    socket.on("sya", () => {});
    // @ts-expect-error -- a text is due
    client.emit("say", 1);
    // @ts-expect-error -- a text is due
    client.emit("say");
    // @ts-expect-error -- there is a text only
    client.emit("say", "hello", "world");
    // @ts-expect-error -- a text comes
    socket.on("say", (text: number) => text);
    // @ts-expect-error -- a text comes, and nothing else
    socket.on("say", (text, more) => more);
  });

  it("agree on an event from the server", () => {
    socket.emit("news", "text", 1);
    client.on("news", (text, at) => expectTypeOf({ text, at }).toEqualTypeOf<{ text: string; at: number }>());

    // @ts-expect-error -- misspelt
    socket.emit("nwes", "text", 1);
    // @ts-expect-error -- misspelt
    client.on("nwes", () => {});
    // @ts-expect-error -- a number is due
    socket.emit("news", "text", "now");
    // @ts-expect-error -- a number comes
    client.once("news", (text, at: string) => at);
    // @ts-expect-error -- misspelt
    client.off("nwes");
  });

  it("agree on an acknowledgement", () => {
    client.emit("ask", "why?", (text, sure) =>
      expectTypeOf({ text, sure }).toEqualTypeOf<{ text: string; sure: boolean }>(),
    );
    socket.on("ask", (question, answer) => answer(question, true));
    socket.emit("poll", "which?", (choice) => expectTypeOf(choice).toEqualTypeOf<number>());
    client.on("poll", (question, vote) => vote(question.length, "because"));

    // @ts-expect-error -- a text comes
    client.emit("ask", "why?", (text: number) => text);
    // @ts-expect-error -- an acknowledgement is due
    client.emit("ask", "why?");
    // @ts-expect-error -- a text is due
    socket.on("ask", (question, answer) => answer(1, true));
    // @ts-expect-error -- a number is due
    client.on("poll", (question, vote) => vote("first", "because"));
  });

  it("keep the directions apart", () => {
    // @ts-expect-error -- clients emit it
    socket.emit("say", "hello");
    // @ts-expect-error -- clients emit it
    client.on("say", () => {});
    // @ts-expect-error -- the server emits it
    client.emit("news", "text", 1);
    // @ts-expect-error -- the server emits it
    socket.on("news", () => {});
    // @ts-expect-error -- it is no event
    socket.on("clientToServer", () => {});
    // @ts-expect-error -- it is no event
    client.emit("serverToClient");
  });

  it("know the library's own events", () => {
    socket.on("disconnect", (reason) => expectTypeOf(reason).toEqualTypeOf<string>());
    client.on("connect", () => {});
    // @ts-expect-error -- connect has no arguments
    client.on("connect", (id) => id);
  });
});

describe("a server", () => {
  it("hands its own parameters to the sockets that connect", () => {
    single.on("connection", (connected) => {
      expectTypeOf(connected).toEqualTypeOf<ServerSocket<Events>>();
      expectTypeOf(connected.nsp).toEqualTypeOf<Server<Events>>();
      expectTypeOf(connected.data).toEqualTypeOf<Data>();
      connected.on("say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    });
    single.use((connecting, next) => {
      expectTypeOf(connecting.data.user).toEqualTypeOf<string>();
      next();
    });
    single.of("/other").on("connection", (connected) => expectTypeOf(connected).toEqualTypeOf<ServerSocket<Events>>());
  });

  it("broadcasts without a timeout only what needs no acknowledgement", () => {
    single.emit("news", "text", 1);
    // @ts-expect-error -- who would answer when?
    single.emit("poll", "which?", () => {});
  });

  it("hears of the events between servers, and of no others", () => {
    single.on("moved", (user) => expectTypeOf(user).toEqualTypeOf<string>());
    single.on("load", (answer) => answer(50));
    single.serverSideEmit("moved", "user");
    single.serverSideEmit("load", (error, percents) =>
      expectTypeOf({ error, percents }).toEqualTypeOf<{ error: Error; percents: number[] }>(),
    );
    expectTypeOf(single.serverSideEmitWithAck("load")).toEqualTypeOf<Promise<number[]>>();

    // @ts-expect-error -- clients emit it, to a socket
    single.on("say", () => {});
    // @ts-expect-error -- misspelt
    single.serverSideEmit("move", "user");
    // @ts-expect-error -- it has no acknowledgement
    single.serverSideEmitWithAck("moved", "user");
  });
});

describe("acknowledgements", () => {
  it("take an error first after timeout()", () => {
    client.timeout(1).emit("ask", "why?", (error, text, sure) => {
      expectTypeOf({ error, text, sure }).toEqualTypeOf<{ error: Error; text: string; sure: boolean }>();
    });
    socket.timeout(1).emit("poll", "which?", (error, choice, comment) => {
      expectTypeOf({ error, choice, comment }).toEqualTypeOf<{ error: Error; choice: number; comment: string }>();
    });
    socket.timeout(1).emit("ping", (error) => expectTypeOf(error).toEqualTypeOf<Error>());

    // @ts-expect-error -- an error comes first
    client.timeout(1).emit("ask", "why?", (text: string) => text);
  });

  it("leave the other arguments and the other events as they are after timeout()", () => {
    client.timeout(1).emit("say", "hello");
    // @ts-expect-error -- a text is due
    client.timeout(1).emit("say", 1);
    client.timeout(1).on("news", (text) => expectTypeOf(text).toEqualTypeOf<string>());
  });

  it("that take an error first already are left so on the server, and take another one on the client", () => {
    type Login = Parameters<FromServer["login"]>[0];
    expectTypeOf<DecorateAcknowledgements<FromServer>["login"]>().toEqualTypeOf<(done: Login) => void>();
    expectTypeOf<DecorateClientAcknowledgements<FromServer>["login"]>().toEqualTypeOf<
      (done: (error: Error, sent: Error, token: string) => void) => void
    >();
    expectTypeOf(socket.timeout(1).timeout(2).emit).toEqualTypeOf(socket.timeout(1).emit);
  });

  it("become arrays of the first arguments when broadcast", () => {
    socket.to("room").emit("poll", "which?", (choices) => expectTypeOf(choices).toEqualTypeOf<number[]>());
    single.timeout(1).emit("poll", "which?", (error, choices) => {
      expectTypeOf({ error, choices }).toEqualTypeOf<{ error: Error; choices: number[] }>();
    });
    single
      .to("room")
      .timeout(1)
      .emit("login", (error, tokens) => {
        expectTypeOf({ error, tokens }).toEqualTypeOf<{ error: Error; tokens: string[] }>();
      });

    // @ts-expect-error -- only the first argument of each response is kept
    single.timeout(1).emit("poll", "which?", (error, choices, comments) => comments);
    // @ts-expect-error -- an error comes first
    single.timeout(1).emit("poll", "which?", (choices: number[]) => choices);
  });

  it("become arrays also where little is known of their parameters", () => {
    interface Loose {
      one: (ack: (value: any) => void) => void;
      some: (ack: (...values: any[]) => void) => void;
      optional: (ack: (value?: number) => void) => void;
    }
    type Multiple = DecorateAcknowledgementsWithMultipleResponses<Loose>;
    expectTypeOf<Multiple["one"]>().parameter(0).parameters.toEqualTypeOf<[any[]]>();
    expectTypeOf<Multiple["some"]>().parameter(0).parameters.toEqualTypeOf<[any[]]>();
    expectTypeOf<Multiple["optional"]>().parameter(0).parameters.toEqualTypeOf<[(number | undefined)[]]>();
    type Timed = DecorateAcknowledgements<Loose>;
    expectTypeOf<Timed["one"]>().parameter(0).parameters.toEqualTypeOf<[Error, any]>();
    expectTypeOf<Timed["some"]>().parameter(0).parameters.toEqualTypeOf<[Error, ...any[]]>();
  });

  it("are what emitWithAck resolves to", () => {
    expectTypeOf(client.emitWithAck("ask", "why?")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(client.timeout(1).emitWithAck("ask", "why?")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(client.emitWithAck("say")).toEqualTypeOf<Promise<any>>();
    expectTypeOf(client.emitWithAck("leave")).toEqualTypeOf<Promise<any>>();
    expectTypeOf(socket.emitWithAck("poll", "which?")).toEqualTypeOf<Promise<number>>();
    expectTypeOf(socket.timeout(1).emitWithAck("poll", "which?")).toEqualTypeOf<Promise<number>>();
    expectTypeOf(socket.emitWithAck("login")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(single.timeout(1).emitWithAck("poll", "which?")).toEqualTypeOf<Promise<number[]>>();

    // @ts-expect-error -- a text is due
    client.emitWithAck("ask", 1);
    // @ts-expect-error -- emitWithAck brings the acknowledgement
    client.emitWithAck("ask", "why?", () => {});
    // @ts-expect-error -- it has no acknowledgement
    socket.emitWithAck("news", "text", 1);
    // @ts-expect-error -- a broadcast needs a timeout
    single.to("room").emitWithAck("poll", "which?");
  });
});

describe("the names of events", () => {
  it("are told apart by whether they take an acknowledgement, and one with an error first", () => {
    expectTypeOf<EventNames<FromServer>>().toEqualTypeOf<"news" | "poll" | "ping" | "login">();
    expectTypeOf<EventNamesWithAck<FromServer>>().toEqualTypeOf<"poll" | "ping" | "login">();
    expectTypeOf<EventNamesWithoutAck<FromServer>>().toEqualTypeOf<"news">();
    expectTypeOf<EventNamesWithError<FromServer>>().toEqualTypeOf<"login">();
    expectTypeOf<RemoveAcknowledgements<FromServer>>().toEqualTypeOf<Pick<FromServer, "news">>();
  });

  it("are in both sets where nothing is known of the event", () => {
    interface Loose {
      all: any;
      last: (value: any) => void;
      rest: (...args: any[]) => void;
      none: () => void;
      unknown: (value: unknown) => void;
      function: (first: () => void, last: string) => void;
    }
    expectTypeOf<EventNamesWithAck<Loose>>().toEqualTypeOf<"all" | "last" | "rest">();
    expectTypeOf<EventNamesWithoutAck<Loose>>().toEqualTypeOf<EventNames<Loose>>();
    expectTypeOf<EventNamesWithAck<DefaultEventsMap>>().toEqualTypeOf<string>();
    expectTypeOf<EventNamesWithoutAck<DefaultEventsMap>>().toEqualTypeOf<string>();
    expectTypeOf<EventNamesWithError<DefaultEventsMap>>().toEqualTypeOf<string>();
  });

  it("include symbols and no numbers", () => {
    const symbol = Symbol("event");
    interface Odd {
      [symbol]: () => void;
      1: () => void;
      text: () => void;
    }
    expectTypeOf<EventNames<Odd>>().toEqualTypeOf<typeof symbol | "text">();
  });

  it("stand for the library's event where the application has one of the same name", () => {
    interface Reserved {
      close: (reason: string) => void;
    }
    interface User {
      close: (code: number) => void;
      open: (code: number) => void;
    }
    expectTypeOf<ReservedOrUserListener<Reserved, User, "close">>().toEqualTypeOf<Reserved["close"]>();
    expectTypeOf<ReservedOrUserListener<Reserved, User, "open">>().toEqualTypeOf<User["open"]>();
  });

  it("take any listener where the map has none", () => {
    interface User {
      silent: never;
    }
    expectTypeOf<ReservedOrUserListener<{}, User, "silent">>().toEqualTypeOf<
      (...args: any[]) => void | Promise<void>
    >();
  });
});

describe("without a map", () => {
  it("any event takes any arguments", () => {
    untyped.emit("anything", 1, "two", [3]);
    untyped.serverSideEmit("anything", 1);
    untyped.on("connection", (connected) => {
      expectTypeOf(connected).toEqualTypeOf<ServerSocket>();
      expectTypeOf(connected.data).toBeAny();
      connected.on("anything", (a, b) => {
        expectTypeOf(a).toBeAny();
        expectTypeOf(b).toBeAny();
      });
      connected.timeout(1).emit("anything", 1, (error: Error, value: string) => [error, value]);
      expectTypeOf(connected.emitWithAck("anything", 1)).toEqualTypeOf<Promise<any>>();
      connected.on("disconnect", (reason) => expectTypeOf(reason).toEqualTypeOf<string>());
    });
    expectTypeOf(untyped.timeout(1).emitWithAck("anything", 1)).toEqualTypeOf<Promise<any>>();
    io()
      .on("anything", (a) => expectTypeOf(a).toBeAny())
      .emit("anything", 1, (value: string) => value);
    expectTypeOf(io().timeout(1).emitWithAck("anything")).toEqualTypeOf<Promise<any>>();

    // @ts-expect-error -- connect is the library's, and has no arguments
    io().on("connect", (id) => id);
    // @ts-expect-error -- no name of an event
    io().on(1, () => {});
  });

  it("members of an enum will do as names", () => {
    io().on(Name.Chat, (text) => expectTypeOf(text).toBeAny());
    io().emit(Name.Chat, "text");
  });
});

describe("the maps one by one", () => {
  it("are as strict as the single map", () => {
    positional.on("connection", (connected) => {
      expectTypeOf(connected).toEqualTypeOf<ServerSocket<FromClient, FromServer, BetweenServers, Data>>();
      connected.on("say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
      expectTypeOf(connected.data).toEqualTypeOf<Data>();
      // @ts-expect-error -- misspelt
      connected.on("sya", () => {});
    });
    positional.emit("news", "text", 1);
    // @ts-expect-error -- a number is due
    positional.emit("news", "text", "now");
  });

  it("count for both directions when there is just one", () => {
    const chat = {} as Server<FromClient>;
    chat.emit("say", "text");
    chat.on("connection", (connected) => {
      connected.emit("say", "text");
      connected.on("say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    });
    const peer = {} as ClientSocket<FromClient>;
    peer.emit("say", "text");
    peer.on("say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
  });

  it("come in the opposite order at the client", () => {
    const mirrored: ClientSocket<FromServer, FromClient> = io();
    mirrored.emit("say", "text");
    mirrored.on("news", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    // @ts-expect-error -- the server emits it
    mirrored.emit("news", "text", 1);
  });

  it("may be any", () => {
    const loose = {} as ServerSocket<any, any, any, any>;
    loose.on("anything", (value: number) => value);
    loose.emit("anything", 1);
    const peer = {} as ClientSocket<any>;
    peer.on("anything", (value: number) => value);
    peer.emit("anything", 1);
  });
});

describe("typed code that others wrote", () => {
  it("takes a typed object where an untyped one is declared, and the other way round", () => {
    expectTypeOf<Server<Events>>().toExtend<Server>();
    expectTypeOf<Server<FromClient, FromServer>>().toExtend<Server>();
    expectTypeOf<Server>().toExtend<Server<Events>>();
    expectTypeOf<ServerSocket<Events>>().toExtend<ServerSocket>();
    expectTypeOf<ServerSocket<Events>>().toExtend<ServerSocket<any, any, any, any>>();
    expectTypeOf<ClientSocket<Events>>().toExtend<ClientSocket>();
    expectTypeOf<ClientSocket>().toExtend<ClientSocket<Events>>();
    expectTypeOf<ClientSocket>().toExtend<ClientSocket<FromServer, FromClient>>();
    // @ts-expect-error -- the data of the sockets differ
    const other: Server<FromClient, FromServer, BetweenServers, { user: number }> = positional;
    void other;
  });

  it("may be generic over the map", () => {
    function count<L extends EventsMap>(server: Server<L>): Server<L> {
      const anyServer: Server = server;
      void anyServer;
      return server.on("connection", (connected) => {
        connected.on("disconnect", (reason) => reason.length);
        const anySocket: ServerSocket = connected;
        void anySocket;
      });
    }
    expectTypeOf(count(untyped)).toEqualTypeOf<Server>();
    expectTypeOf(count(single)).toEqualTypeOf<Server<Events>>();
    expectTypeOf(count(new Server())).toEqualTypeOf<Server>();
    expectTypeOf(count(new Server<Events>())).toEqualTypeOf<Server<Events>>();
    count(positional);
  });

  it("may be generic over the name of an event", () => {
    function listen<L extends EventsMap, Name extends EventNames<L>>(
      to: ServerSocket<L>,
      name: Name,
      listener: L[Name],
    ) {
      to.on(name, listener);
    }
    function listenClient<L extends EventsMap, Name extends EventNames<L>>(
      to: ClientSocket<L>,
      name: Name,
      listener: L[Name],
    ) {
      to.on(name, listener);
      to.off(name, listener);
    }
    function send<L extends EventsMap, E extends EventsMap, Name extends EventNames<E>>(
      through: ServerSocket<L, E>,
      name: Name,
      ...args: EventParams<E, Name>
    ) {
      through.emit(name, ...args);
    }
    function sendClient<E extends EventsMap, Name extends EventNames<E>>(
      through: ClientSocket<any, E>,
      name: Name,
      ...args: EventParams<E, Name>
    ) {
      through.emit(name, ...args);
    }

    listen({} as ServerSocket<FromClient>, "say", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    listenClient({} as ClientSocket<FromServer>, "news", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    send(socket, "news", "text", 1);
    sendClient(client, "say", "text");
    // @ts-expect-error -- a number is due
    send(socket, "news", "text", "now");
    // @ts-expect-error -- misspelt
    sendClient(client, "sya", "text");
  });

  it("may infer all parameters from an object", () => {
    function parameters<L extends EventsMap, E extends EventsMap, S extends EventsMap, D>(server: Server<L, E, S, D>) {
      return { same: server } as { emits: E; between: S; data: D; same: Server<L, E, S, D> };
    }
    expectTypeOf(parameters(single)).toEqualTypeOf<{
      emits: FromServer;
      between: BetweenServers;
      data: Data;
      same: Server<Events>;
    }>();
    expectTypeOf(parameters(positional)).toEqualTypeOf<{
      emits: FromServer;
      between: BetweenServers;
      data: Data;
      same: Server<FromClient, FromServer, BetweenServers, Data>;
    }>();
    expectTypeOf(parameters(untyped).same).toEqualTypeOf<Server>();
  });

  it("may extend the classes", () => {
    class ChatServer extends Server<Events> {
      announce(): void {
        this.emit("news", "text", 1);
        // @ts-expect-error -- misspelt
        this.emit("nwes", "text", 1);
      }
    }
    class GenericServer<A extends EventsMap = DefaultEventsMap> extends Server<A> {
      count = 0;
      constructor() {
        super();
        this.on("connection", (connected) => connected.on("disconnect", () => this.count--));
      }
    }
    class Wrapper<L extends EventsMap = DefaultEventsMap, E extends EventsMap = L> {
      readonly server: Server<L, E>;
      constructor(server: Server<L, E>) {
        this.server = server.on("connection", (connected) => this.add(connected));
      }
      add(connected: ServerSocket<L, E>): void {
        const anySocket: ServerSocket = connected;
        void anySocket;
      }
    }

    expectTypeOf<ChatServer>().toExtend<Server<Events>>();
    expectTypeOf<ChatServer>().toExtend<Server>();
    expectTypeOf<GenericServer<Events>>().toExtend<Server<Events>>();
    new GenericServer<Events>().emit("news", "text", 1);
    new Wrapper(positional).server.emit("news", "text", 1);
    new Wrapper(single).server.emit("news", "text", 1);
  });
});

describe("the emitter", () => {
  class Typed extends Emitter<FromServer, FromClient, { connect: (id: string) => void }> {
    open(): void {
      this.emitReserved("connect", "id");
      this.emitUntyped("news", "text", 1);
      // @ts-expect-error -- an id is due
      this.emitReserved("connect");
      // @ts-expect-error -- the peer's event
      this.emitReserved("news", "text", 1);
    }
  }
  const typed = new Typed();

  it("types the listeners wherever they are handed in", () => {
    for (const add of ["on", "once", "addEventListener"] as const) {
      typed[add]("news", (text, at) => expectTypeOf({ text, at }).toEqualTypeOf<{ text: string; at: number }>());
      typed[add]("connect", (id) => expectTypeOf(id).toEqualTypeOf<string>());
      // @ts-expect-error -- misspelt
      typed[add]("nwes", () => {});
    }
    for (const remove of ["off", "removeListener", "removeEventListener"] as const) {
      typed[remove]("news", (text) => expectTypeOf(text).toEqualTypeOf<string>());
      typed[remove]("connect");
      typed[remove]();
      // @ts-expect-error -- misspelt
      typed[remove]("nwes");
    }
    typed.removeAllListeners("news").removeAllListeners();
    expectTypeOf(typed.listeners("news")).toEqualTypeOf<FromServer["news"][]>();
    expectTypeOf(typed.hasListeners("connect")).toEqualTypeOf<boolean>();
  });

  it("returns its own type, so that calls can be chained", () => {
    expectTypeOf(typed.on("news", () => {})).toEqualTypeOf<Typed>();
    expectTypeOf(typed.emit("say", "text")).toEqualTypeOf<Typed>();
  });

  it("keeps the emission of the library's events to itself", () => {
    // @ts-expect-error -- protected
    typed.emitReserved("connect", "id");
    // @ts-expect-error -- protected
    typed.emitUntyped("news");
    // @ts-expect-error -- not the application's to emit
    typed.emit("connect", "id");
  });
});
