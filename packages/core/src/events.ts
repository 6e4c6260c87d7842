/**
 * The types of an application's events: what each end may say, and what its listeners are handed.
 * Types only; nothing here exists at run time.
 *
 * A map of events names each event and the type of its listener: `{ chat: (text: string) => void }`. A listener whose last
 * parameter is a function takes an acknowledgement. An application describes both directions in one type, shared by
 * both ends:
 *
 * ```ts
 * interface Events {
 *   clientToServer: { ask: (question: string, answer: (text: string) => void) => void };
 *   serverToClient: { news: (text: string) => void };
 *   interServer: { moved: (user: string) => void }; // optional
 *   data: { user: string }; // the type of `socket.data`; optional
 *   namespaces: { "/admin": AdminEvents }; // single maps of namespaces that have events of their own; optional
 * }
 * new Server<Events>();
 * const socket: Socket<Events> = io();
 * ```
 *
 * Or it hands each class its maps one by one, as Socket.IO does:
 * `Server<ClientToServer, ServerToClient, InterServer, SocketData>`, and `Socket<ServerToClient, ClientToServer>` in the client.
 */

/** Maps the name of each event to the type of its listener. */
export interface EventsMap {
  [event: string]: any;
}

/** Any event with any arguments; what applies when no map is given. */
export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void;
}

type AnyFunction = (...args: any[]) => any;

// --- The single map -------------------------------------------------------------------------------------------------

/**
 * One direction of a single map: a map, and not a listener. Every function has a `Symbol.hasInstance`, and no map of
 * events does, whereas `call` or `name` may well be events.
 */
type Direction = EventsMap & { [Symbol.hasInstance]?: never };

/** What makes a type the single map: both directions, each a map of its own. Any other type is a map of events itself. */
interface SingleMap {
  clientToServer: Direction;
  serverToClient: Direction;
}

// The classes are `Server<A, B = ServerToClient<A>, C = InterServer<A>, D = SocketData<A>>`: whichever way they were
// given, B, C and D are what they say, and A alone is resolved where it is used.

/** The events that clients emit and the server listens to: `A`'s `clientToServer` if it is a single map, else `A` itself. */
export type ClientToServer<A extends EventsMap> = IfSingle<A, A["clientToServer"], A>;

/** The events that the server emits and clients listen to: `A`'s `serverToClient` if it is a single map, else `A` itself. */
export type ServerToClient<A extends EventsMap> = IfSingle<A, A["serverToClient"], A>;

/** The events that servers of a cluster emit to each other: `A`'s `interServer` if it is a single map that has one, else any. */
export type InterServer<A extends EventsMap> = IfSingle<
  A,
  Member<A, "interServer", DefaultEventsMap>,
  DefaultEventsMap
>;

/** The type of a server socket's `data`: `A`'s `data` if it is a single map that has one, else `any`. */
export type SocketData<A extends EventsMap> = IfSingle<A, Member<A, "data", any>, any>;

// Both answers come from outside, where A is not narrowed to a SingleMap: only then does TypeScript see, in code that is
// generic over A, that the name of an event of A will do.
type IfSingle<A, Single, Positional> = A extends SingleMap ? Single : Positional;

type Member<A extends EventsMap, Key extends string, Missing> = Key extends keyof A ? NonNullable<A[Key]> : Missing;

// --- The maps of namespaces -----------------------------------------------------------------------------------------

/** A single map that describes namespaces besides. */
interface WithNamespaces<Namespaces> extends SingleMap {
  namespaces?: Namespaces;
}

/** The names of the namespaces that `A` has maps for, which begin with a slash. Only a single map can have any. */
export type NamespaceNames<A extends EventsMap> =
  A extends WithNamespaces<infer Namespaces> ? Extract<keyof NonNullable<Namespaces>, `/${string}`> : never;

/**
 * The map that `A` has for the namespace `Name`, whose leading slash may be left out; `A` itself for `/`, and for namespaces of
 * which it says nothing.
 */
export type NamespaceEvents<A extends EventsMap, Name extends string> =
  A extends WithNamespaces<infer Namespaces> ? MapOf<NonNullable<Namespaces>, WithSlash<Name>, A> : A;

/** Names whose leading slash may be left out. */
export type OptionalSlash<Name> = Name extends `/${infer Rest}` ? Name | Rest : never;

type WithSlash<Name extends string> = Name extends `/${string}` ? Name : `/${Name}`;

type MapOf<Namespaces, Name, Own> = Name extends "/"
  ? Own
  : Name extends keyof Namespaces
    ? Namespaces[Name] extends EventsMap
      ? Namespaces[Name]
      : never
    : Own;

// --- Names and parameters -------------------------------------------------------------------------------------------

/** The names of the events of a map. */
export type EventNames<Map extends EventsMap> = keyof Map & (string | symbol);

/** The arguments of an event, with its acknowledgement if it takes one. */
export type EventParams<Map extends EventsMap, Name extends EventNames<Map>> = Parameters<Map[Name]>;

/** The names of the events that take an acknowledgement. An event about which nothing is known may do both. */
export type EventNamesWithAck<
  Map extends EventsMap,
  Name extends EventNames<Map> = EventNames<Map>,
> = Name extends unknown ? (true extends TakesAck<Map[Name]> ? Name : never) : never;

/** The names of the events that need no acknowledgement. An event about which nothing is known may do both. */
export type EventNamesWithoutAck<
  Map extends EventsMap,
  Name extends EventNames<Map> = EventNames<Map>,
> = Name extends unknown ? (false extends TakesAck<Map[Name]> ? Name : never) : never;

/** The names of the events whose acknowledgement takes an error first, as it does after `timeout()`. */
export type EventNamesWithError<
  Map extends EventsMap,
  Name extends EventNamesWithAck<Map> = EventNamesWithAck<Map>,
> = Name extends unknown ? (true extends TakesError<Last<Parameters<Map[Name]>>> ? Name : never) : never;

/** The events of a map that need no acknowledgement: what may be broadcast without a timeout. */
export type RemoveAcknowledgements<Map extends EventsMap> = { [Name in EventNamesWithoutAck<Map>]: Map[Name] };

// A condition on `any` takes both branches: these are `boolean` where nothing is known.
type TakesAck<Listener> = Listener extends (...args: infer Params) => any
  ? Params extends []
    ? false
    : Last<Params> extends AnyFunction
      ? true
      : false
  : boolean;
type TakesError<Ack> = Ack extends (...args: infer Params) => any ? (Params[0] extends Error ? true : false) : boolean;

/** The last element of a tuple. */
export type Last<Tuple extends readonly unknown[]> = Tuple extends readonly [...unknown[], infer Element]
  ? Element
  : Tuple extends readonly (infer Element)[]
    ? Element
    : never;

/** A tuple without its last element. */
export type AllButLast<Tuple extends any[]> = Tuple extends [...infer Rest, any] ? Rest : any[];

/** What a server's `emitWithAck` resolves to: the first argument of the acknowledgement `Ack` that is not an error. */
export type FirstNonErrorArg<Ack> = Ack extends (...args: infer Params) => any
  ? Params[0] extends Error
    ? Params[1]
    : Params[0]
  : any;

/** What a client's `emitWithAck` resolves to: as on the server, and anything for an event that declares no acknowledgement. */
export type FirstArg<Ack> = [Ack] extends [never] ? any : FirstNonErrorArg<Ack>;

// --- What the flags make of acknowledgements ------------------------------------------------------------------------

/** The events after a server's `timeout()`: acknowledgements take an error first, unless they do so already. */
export type DecorateAcknowledgements<Map> = {
  [Name in keyof Map]: Map[Name] extends (...args: infer Params) => infer Result
    ? (...args: { [Index in keyof Params]: ErrorFirst<Params[Index]> }) => Result
    : Map[Name];
};

/** The events after a client's `timeout()`: acknowledgements take an error before what the server sends. */
export type DecorateClientAcknowledgements<Map> = {
  [Name in keyof Map]: Map[Name] extends (...args: infer Params) => infer Result
    ? (...args: { [Index in keyof Params]: PrependError<Params[Index]> }) => Result
    : Map[Name];
};

/** The events as they are broadcast: acknowledgements take an array, of the first argument of each response. */
export type DecorateAcknowledgementsWithMultipleResponses<Map> = {
  [Name in keyof Map]: Map[Name] extends (...args: infer Params) => infer Result
    ? (...args: { [Index in keyof Params]: MultipleResponses<Params[Index]> }) => Result
    : Map[Name];
};

/** The events as they are emitted to other servers: acknowledgements take an error, then an array of responses. */
export type DecorateAcknowledgementsWithTimeoutAndMultipleResponses<Map> =
  DecorateAcknowledgementsWithMultipleResponses<DecorateAcknowledgements<Map>>;

type PrependError<Param> = Param extends (...args: infer Params) => infer Result
  ? (err: Error, ...args: Params) => Result
  : Param;

type ErrorFirst<Param> = Param extends (...args: infer Params) => any
  ? IsError<Params[0]> extends true
    ? Param
    : PrependError<Param>
  : Param;

type MultipleResponses<Param> = Param extends (...args: infer Params) => infer Result
  ? IsError<Params[0]> extends true
    ? Params extends [any, ...infer Responses]
      ? (err: Error, ...args: FirstAsArray<Responses>) => Result
      : Param
    : (...args: FirstAsArray<Params>) => Result
  : Param;

/** The first parameter as an array, under its own name, where that can be told. */
type FirstAsArray<Params extends any[]> = Params extends []
  ? []
  : Params extends [any, ...infer Rest]
    ? Params extends [...infer First, ...Rest]
      ? { [Index in keyof First]: First[Index][] }
      : never
    : [responses: Params[number][]];

/** `true` for an error; `boolean` for `any`, which counts as none. */
type IsError<T> = T extends Error ? true : false;

// --- Emitters -------------------------------------------------------------------------------------------------------

/** The names that may be listened to: the library's own events and the application's. */
export type ReservedOrUserEventNames<Reserved extends EventsMap, User extends EventsMap> =
  EventNames<Reserved> | EventNames<User>;

/** The listener of an event. Where the library and the application both have an event of that name, it is the library's. */
export type ReservedOrUserListener<
  Reserved extends EventsMap,
  User extends EventsMap,
  Name extends ReservedOrUserEventNames<Reserved, User>,
> = OrUntyped<Name extends EventNames<Reserved> ? Reserved[Name] : Name extends EventNames<User> ? User[Name] : never>;

/** Where no listener can be told, any will do. */
type OrUntyped<Listener> = [Listener] extends [never] ? (...args: any[]) => void | Promise<void> : Listener;

/**
 * What every object with listeners offers, at both ends.
 *
 * @typeParam Listen - the events that the application listens to
 * @typeParam Reserved - the events that the library emits itself
 */
export interface TypedListening<Listen extends EventsMap, Reserved extends EventsMap> {
  /**
   * Calls `listener` whenever `event` occurs.
   *
   * @param event - the name of the event
   * @param listener - called with the event's arguments
   */
  on<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
    listener: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /**
   * Calls `listener` the next time that `event` occurs, and not again.
   *
   * @param event - the name of the event
   * @param listener - called with the event's arguments
   */
  once<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
    listener: ReservedOrUserListener<Reserved, Listen, Name>,
  ): this;
  /**
   * Returns the listeners of `event`, in the order in which they are called.
   *
   * @param event - the name of the event
   */
  listeners<Name extends ReservedOrUserEventNames<Reserved, Listen>>(
    event: Name,
  ): ReservedOrUserListener<Reserved, Listen, Name>[];
}

/** An object that emits the application's events, and has no listeners. */
export interface TypedEventBroadcaster<Emit extends EventsMap> {
  /**
   * Emits `event`.
   *
   * @param event - the name of the event
   * @param args - the event's arguments; an acknowledgement comes last
   */
  emit<Name extends EventNames<Emit>>(event: Name, ...args: EventParams<Emit, Name>): boolean;
}
