/** One scenario's part of a cluster: a namespace of its own, and clients that have names. */

import type { Namespace } from "socket.io";
import { io, type ManagerOptions, type Socket as ClientSocket, type SocketOptions } from "socket.io-client";
import { expect } from "vitest";
import { inbox, Inbox, until, withTimeout } from "../../harness/waiting.ts";
import type { Act, Cluster, Emitter, Node } from "./cluster.ts";

/** The node that acts in most scenarios, and the other one. */
export type Place = "here" | "there";

/** Where a client is: at which node, and in which rooms. */
export type Whereabouts = readonly [place: Place, ...rooms: string[]];

/** What some clients received of one event: the arguments of each occurrence. Whoever is not named received none. */
export type Heard = Record<string, readonly (readonly unknown[])[]>;

interface Member {
  readonly socket: ClientSocket;
  readonly place: Place;
  readonly fences: Inbox;
  /** What has reached it of the probes of {@link World.reach}. */
  readonly probes: Set<string>;
}

/** Milliseconds until something is tried again that an adapter may not have been ready for. */
const INSISTENCE = 20;

/** The namespace of a scenario on one node. */
export class NamespaceOnNode {
  readonly #node: Node;
  readonly #name: string;

  constructor(node: Node, name: string) {
    this.#node = node;
    this.#name = name;
  }

  get url(): string {
    return this.#node.url;
  }

  /** Runs a function where the server is, see {@link Node.run}. */
  run<Args extends unknown[], Result>(act: Act<Args, Result>, ...args: Args): Promise<Result> {
    return this.#node.run(this.#name, act, ...args);
  }
}

export class World {
  /** The namespace's name. */
  readonly name: string;
  readonly here: NamespaceOnNode;
  readonly there: NamespaceOnNode;
  readonly #options: Partial<ManagerOptions & SocketOptions>;
  readonly #emitter: Emitter | undefined;
  readonly #members = new Map<string, Member>();
  readonly #strangers: ClientSocket[] = [];

  /** @param options - of all clients */
  constructor(cluster: Cluster, name: string, options: Partial<ManagerOptions & SocketOptions>) {
    this.name = name;
    this.#options = options;
    const [here, there] = cluster.nodes;
    this.here = new NamespaceOnNode(here, name);
    this.there = new NamespaceOnNode(there, name);
    this.#emitter = cluster.emitter?.of(name);
  }

  get #places(): readonly Place[] {
    return ["here", "there"];
  }

  get emitter(): Emitter {
    if (!this.#emitter) throw new Error("this adapter has no emitter");
    return this.#emitter;
  }

  /** Makes the namespace on both nodes, and waits until either hears the other. */
  async open(): Promise<void> {
    const answer = (namespace: Namespace): void => {
      namespace.on("are you there", (reply: (answer: string) => void) => reply("yes"));
    };
    for (const place of this.#places) await this[place].run(answer);
    for (const place of this.#places) await withTimeout(this[place].run(isAnswered, INSISTENCE), "the other node");
  }

  /** Connects clients, each at its node and in its rooms, and waits until all nodes reach them there. */
  async connect<Name extends string>(whereabouts: Record<Name, Whereabouts>): Promise<Record<Name, ClientSocket>> {
    const entries = Object.entries<Whereabouts>(whereabouts);
    await Promise.all(entries.map(([name, [place]]) => this.#connectOne(name, place)));
    for (const [name, [place, ...rooms]] of entries) {
      await this[place].run(
        (namespace, id, names) => namespace.sockets.get(id)!.join(names),
        this.socket(name).id!,
        rooms,
      );
    }
    const names = Object.keys(whereabouts);
    const rooms = new Set(entries.flatMap(([, [, ...ofOne]]) => ofOne));
    await this.#reach(undefined, names);
    const membersOf = (room: string): string[] => names.filter((name) => whereabouts[name as Name].includes(room));
    await Promise.all([...rooms].map((room) => this.reach(room, ...membersOf(room))));
    return Object.fromEntries(names.map((name) => [name, this.socket(name)])) as Record<Name, ClientSocket>;
  }

  /** A client by its name. */
  socket(name: string): ClientSocket {
    return this.#members.get(name)!.socket;
  }

  /** Waits until what either node sends to a room reaches these clients: adapters subscribe to rooms in their own time. */
  async reach(room: string, ...names: string[]): Promise<void> {
    await this.#reach(room, names);
  }

  /**
   * Does something, and expects that it has clients receive an event as often, and with such arguments, as is said, and not again.
   */
  async expectHeard(event: string, act: () => unknown, expected: Heard): Promise<void> {
    const inboxes = new Map<string, Inbox>();
    for (const [name, { socket }] of this.#members) {
      const box = new Inbox(`"${event}" at ${name}`);
      socket.on(event, box.put);
      inboxes.set(name, box);
    }
    await act();
    const heard: Record<string, unknown[][]> = {};
    for (const [name, box] of inboxes) heard[name] = await box.take(expected[name]?.length ?? 0);
    await this.fence();
    for (const [name, box] of inboxes) {
      heard[name]!.push(...box.drain());
      this.socket(name).off(event, box.put);
    }
    expect(heard).toEqual(Object.fromEntries([...inboxes.keys()].map((name) => [name, expected[name] ?? []])));
  }

  /** Does something again and again, until these clients have received an event. */
  async expectInTheEnd(event: string, act: () => unknown, ...names: string[]): Promise<void> {
    const unreached = new Set(names);
    for (const name of names) this.socket(name).on(event, () => unreached.delete(name));
    await insist(act, () => unreached.size === 0, `"${event}" at ${names.join(", ")}`);
  }

  /** Waits until what was sent before has been done everywhere, as far as the adapter keeps the order. */
  async fence(): Promise<void> {
    for (const place of this.#places) await this[place].run((namespace) => void namespace.emit("fence"));
    this.#emitter?.emit("fence");
    for (const { socket, fences } of this.#members.values()) {
      if (socket.connected) await fences.take(this.#emitter ? 3 : 2);
    }
  }

  /** Breaks a client's connection, and waits until both ends know, and its session is kept. */
  async lose(name: string): Promise<void> {
    const { socket } = this.#member(name);
    const ended = inbox(socket, "disconnect");
    const { id } = socket;
    socket.io.engine.close();
    await ended.next();
    for (const place of this.#places) {
      await this[place].run(async (namespace, sid) => {
        while (namespace.sockets.has(sid)) await new Promise((resolve) => setImmediate(resolve));
      }, id!);
    }
    await this.fence();
  }

  /** Has a client connect again, as a load balancer would have it: to any node. */
  async comeBack(name: string, place: Place): Promise<void> {
    const { socket } = this.#member(name);
    // Where a manager connects to is read each time.
    Object.assign(socket.io, { uri: this[place].url });
    const connected = inbox(socket, "connect");
    socket.connect();
    await connected.next();
  }

  /** Ends all clients, with what else they have on their connections. */
  close(): void {
    for (const { socket } of this.#members.values()) socket.io.engine.close();
    for (const socket of this.#strangers) socket.disconnect();
  }

  /** Connects a client to another namespace: one that is no part of what is expected to be heard. */
  async connectElsewhere(place: Place, namespace: string): Promise<ClientSocket> {
    const socket = this.#dial(place, namespace, "somebody else");
    this.#strangers.push(socket);
    await inbox(socket, "connect").next();
    return socket;
  }

  #dial(place: Place, namespace: string, name: string): ClientSocket {
    return io(this[place].url + namespace, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      ...this.#options,
      auth: { name },
      query: { name },
    });
  }

  async #connectOne(name: string, place: Place): Promise<void> {
    const socket = this.#dial(place, this.name, name);
    const probes = new Set<string>();
    socket.on("probe", (probe: string) => void probes.add(probe));
    this.#members.set(name, { socket, place, fences: inbox(socket, "fence"), probes });
    await inbox(socket, "connect").next();
  }

  async #reach(room: string | undefined, names: readonly string[]): Promise<void> {
    const probes = this.#places.map((place) => `${place} to ${room ?? "all"}`);
    const unreached = (): string[] =>
      names.filter((name) => probes.some((probe) => !this.#member(name).probes.has(probe)));
    for (const name of names) for (const probe of probes) this.#member(name).probes.delete(probe);
    const probe = async (): Promise<void> => {
      for (const [index, place] of this.#places.entries()) {
        await this[place].run(
          (namespace, target, text) => {
            (target === undefined ? namespace : namespace.to(target)).emit("probe", text);
          },
          room,
          probes[index]!,
        );
      }
    };
    await insist(probe, () => unreached().length === 0, `${probes.join(", ")} at ${names.join(", ")}`);
  }

  #member(name: string): Member {
    return this.#members.get(name)!;
  }
}

/** Does something now and every few milliseconds until a condition holds. */
async function insist(act: () => unknown, condition: () => boolean, what: string): Promise<void> {
  const insisting = async (): Promise<void> => {
    while (!condition()) {
      await act();
      const again = performance.now() + INSISTENCE;
      await until(() => condition() || performance.now() > again, what);
    }
  };
  await withTimeout(insisting(), what);
}

/** Asks the other nodes until one answers. */
function isAnswered(namespace: Namespace, interval: number): Promise<void> {
  return new Promise((resolve) => {
    const ask = (): void => {
      namespace.serverSideEmit("are you there", (_error: unknown, answers: unknown[] | undefined) => {
        if (answers?.length !== 1) return;
        clearInterval(timer);
        resolve();
      });
    };
    const timer = setInterval(ask, interval);
    ask();
  });
}
