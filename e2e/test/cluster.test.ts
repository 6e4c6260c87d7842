/** Three servers in one process, joined by a bus, with real clients: hawser's alone, and one of Socket.IO among them. */

import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ClusterAdapterWithHeartbeat,
  type AdapterNamespace,
  type ClusterMessage,
  type ClusterResponse,
  type RestoredSession,
  type SessionToPersist,
} from "@hawser/adapter";
import { ClusterBus, RawClient, type BusMessage } from "@hawser/testing";
import * as hawser from "hawser";
import { io as connect, type Socket as ClientSocket } from "hawser-client";
import * as officialServer from "socket.io";
import * as officialAdapter from "socket.io-adapter";
import { describe, expect, onTestFinished, test } from "vitest";
import { withinSomeLimit } from "../harness/scenario.ts";
import { inbox, until, withTimeout, type Inbox } from "../harness/waiting.ts";

type Bus = ClusterBus<BusMessage, BusMessage>;

/** What both kinds of adapter have that a bus can join. */
interface Joinable {
  readonly uid: string;
  readonly nsp: { readonly name: string };
  onMessage(message: unknown, offset?: string): void;
  onResponse(response: unknown): void;
}

function join(bus: Bus, adapter: unknown): void {
  const joinable = adapter as Joinable;
  bus.join({
    uid: joinable.uid,
    onMessage: (message, offset) => {
      // As the backends of Socket.IO do, whose adapter would take the nodes of other namespaces for its own.
      if ((message as ClusterMessage).nsp === joinable.nsp.name) joinable.onMessage(message, offset);
    },
    onResponse: (response) => joinable.onResponse(response),
  });
}

/** An adapter on a bus that keeps what was published: clients may come back to any of its nodes. */
class HawserBusAdapter extends ClusterAdapterWithHeartbeat {
  readonly #bus: Bus;
  readonly #sessions: Map<string, SessionToPersist>;

  constructor(nsp: AdapterNamespace, bus: Bus, sessions: Map<string, SessionToPersist>) {
    super(nsp);
    this.#bus = bus;
    this.#sessions = sessions;
    join(bus, this);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }

  override persistSession(session: SessionToPersist): void {
    this.#sessions.set(session.pid, session);
  }

  override async restoreSession(pid: string, offset: string | undefined): Promise<RestoredSession | null> {
    const session = this.#sessions.get(pid);
    if (!session || offset === undefined) return null;
    this.#sessions.delete(pid);
    const missedPackets = (this.#bus.published as unknown as ClusterMessage[]).flatMap((message, index) => {
      if (index < Number(offset) || message.type !== 3 || message.nsp !== this.nsp.name) return [];
      const { opts, packet } = message.data;
      const isTheirs = opts.rooms.length === 0 || opts.rooms.some((room) => session.rooms.includes(room));
      return isTheirs ? [[...(packet as { data: unknown[] }).data, String(index + 1)]] : [];
    });
    return { ...session, missedPackets };
  }
}

class OfficialBusAdapter extends officialAdapter.ClusterAdapterWithHeartbeat {
  readonly #bus: Bus;

  constructor(nsp: unknown, bus: Bus) {
    super(nsp, {});
    this.#bus = bus;
    join(bus, this);
  }

  protected override doPublish(message: officialAdapter.ClusterMessage): Promise<string> {
    return this.#bus.publish(message);
  }

  protected override doPublishResponse(uid: string, response: officialAdapter.ClusterResponse): Promise<void> {
    return this.#bus.respond(uid, response);
  }
}

/** Socket.IO constructs it, whatever it is. */
function officialFactory(bus: Bus): (nsp: unknown) => OfficialBusAdapter {
  return function (nsp) {
    return new OfficialBusAdapter(nsp, bus);
  };
}

/** `hosted`: a server of hawser with Socket.IO's adapter. */
type Kind = "hawser" | "official" | "hosted";

/** One server, with a client of its own. Socket.IO's types are the contract for both kinds. */
interface Node {
  readonly io: officialServer.Server;
  readonly http: HttpServer;
  readonly url: string;
}

/** Servers that know of each other; they end with the test, with all clients. */
class Cluster {
  readonly bus: Bus = new ClusterBus();
  readonly nodes: Node[] = [];
  readonly #sessions = new Map<string, SessionToPersist>();
  readonly #clients: ClientSocket[] = [];

  static async start(kinds: readonly Kind[], options: Partial<hawser.ServerOptions> = {}): Promise<Cluster> {
    const cluster = new Cluster();
    onTestFinished(() => cluster.#stop());
    for (const kind of kinds) await cluster.#add(kind, options);
    await cluster.settle("/");
    return cluster;
  }

  /** Waits until every node knows of all the others, in a namespace. */
  async settle(namespace: string): Promise<void> {
    for (const { io } of this.nodes) {
      let count = 0;
      await until(() => {
        void io
          .of(namespace)
          .adapter.serverCount()
          .then((known) => (count = known));
        return count === this.nodes.length;
      }, `${this.nodes.length} nodes in ${namespace}`);
    }
  }

  async #add(kind: Kind, options: Partial<hawser.ServerOptions>): Promise<void> {
    const http = createServer();
    const io =
      kind === "official"
        ? new officialServer.Server(http, {
            ...(options as Partial<officialServer.ServerOptions>),
            adapter: officialFactory(this.bus) as never,
          })
        : (new hawser.Server(http, {
            ...options,
            adapter: (nsp) =>
              kind === "hawser"
                ? new HawserBusAdapter(nsp, this.bus, this.#sessions)
                : new OfficialBusAdapter(nsp, this.bus),
          }) as unknown as officialServer.Server);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    this.nodes.push({ io, http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
  }

  /** A client of a node, and its socket there. */
  async connect(index: number, namespace = "/"): Promise<{ client: ClientSocket; socket: officialServer.Socket }> {
    const { io, url } = this.nodes[index]!;
    const connections = inbox(io.of(namespace), "connection");
    const client = connect(url + namespace, { forceNew: true, transports: ["websocket"], reconnection: false });
    this.#clients.push(client);
    const [socket] = (await connections.next()) as [officialServer.Socket];
    if (!client.connected) await withTimeout(new Promise<void>((resolve) => client.on("connect", resolve)), "connect");
    return { client, socket };
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.nodes.map(({ io }) => io.close()));
  }
}

/** A cluster with one client at each node: `a`, `b` and `c`, in rooms of their names; `a` and `b` in `ab`, … */
async function populated(kinds: readonly Kind[]): Promise<{
  cluster: Cluster;
  io: officialServer.Server;
  sockets: officialServer.Socket[];
  clients: ClientSocket[];
  /** What each client hears of `x`. */
  heard: Inbox[];
}> {
  const cluster = await Cluster.start(kinds);
  const pairs = await Promise.all([0, 1, 2].map((index) => cluster.connect(index)));
  const sockets = pairs.map(({ socket }) => socket);
  const clients = pairs.map(({ client }) => client);
  const ROOMS = [
    ["a", "ab", "ac"],
    ["b", "ab", "bc"],
    ["c", "ac", "bc"],
  ];
  sockets.forEach((socket, index) => {
    void socket.join(ROOMS[index]!);
    socket.data = { name: "abc"[index] };
  });
  const heard = clients.map((client) => inbox(client, "x"));
  return { cluster, io: cluster.nodes[0]!.io, sockets, clients, heard };
}

describe.each([
  ["hawser's servers", ["hawser", "hawser", "hawser"]],
  ["hawser's server, with one of Socket.IO beside it", ["hawser", "official", "hawser"]],
  ["Socket.IO's server, with those of hawser beside it", ["official", "hawser", "hawser"]],
  ["hawser's servers with Socket.IO's adapter", ["hosted", "hosted", "hosted"]],
  ["hawser's server with Socket.IO's adapter, with others beside it", ["hosted", "official", "hawser"]],
] as [string, Kind[]][])("%s", (_name, kinds) => {
  test.each<[string, (io: officialServer.Server, sockets: officialServer.Socket[]) => unknown, string]>([
    ["io.emit", (io) => io.emit("x", 1), "abc"],
    ["io.of().emit", (io) => io.of("/").emit("x", 1), "abc"],
    ["a room", (io) => io.to("bc").emit("x", 1), "bc"],
    ["several rooms, each once", (io) => io.to("ab").in(["bc", "c"]).emit("x", 1), "abc"],
    ["all but a room", (io) => io.except("bc").emit("x", 1), "a"],
    ["a room but another", (io) => io.to("ab").except("b").emit("x", 1), "a"],
    ["one socket of another node", (io, [, b]) => io.to(b!.id).emit("x", 1), "b"],
    ["all but one socket of another node", (io, [, , c]) => io.except(c!.id).emit("x", 1), "ab"],
    ["the others", (_io, [a]) => a!.broadcast.emit("x", 1), "bc"],
    ["the others in a room", (_io, [a]) => a!.to("ac").emit("x", 1), "c"],
    ["this node", (io) => io.local.emit("x", 1), "a"],
    ["everybody, volatile and compressed", (io) => io.volatile.compress(true).emit("x", 1), "abc"],
  ])("an event reaches %s", async (_whom, send, expected) => {
    const { io, sockets, clients, heard } = await populated(kinds);
    const ends = clients.map((client) => inbox(client, "end"));
    send(io, sockets);
    io.emit("end");
    await Promise.all(ends.map((end) => end.next()));
    expect(heard.map((box, index) => "abc"[index]!.repeat(box.drain().length)).join("")).toBe(expected);
  });

  test("binary data reaches everybody", async () => {
    const { io, heard } = await populated(kinds);
    io.emit("x", Buffer.from("rope"), { deep: [Buffer.from("rope")] });
    for (const box of heard) expect(await box.next()).toEqual([Buffer.from("rope"), { deep: [Buffer.from("rope")] }]);
  });

  test("answers are collected from the clients of all nodes", async () => {
    const { io, clients } = await populated(kinds);
    clients.forEach((client, index) =>
      client.on("ask", (question: string, answer: (text: string) => void) => answer(`${question} ${"abc"[index]}`)),
    );
    const answers = await io.timeout(2000).emitWithAck("ask", "who?");
    expect(answers.sort()).toEqual(["who? a", "who? b", "who? c"]);
    expect((await io.to("bc").timeout(2000).emitWithAck("ask", "?")).sort()).toEqual(["? b", "? c"]);
  });

  test("answers that do not come in time are missing", async () => {
    const { io, clients } = await populated(kinds);
    for (const client of clients.slice(1)) client.on("ask", (answer: (text: string) => void) => answer("yes"));
    await withinSomeLimit(async (limit) => {
      const failure = io.timeout(limit).emitWithAck("ask");
      await expect(failure).rejects.toMatchObject({ message: "operation has timed out", responses: ["yes", "yes"] });
    });
  });

  test("sockets of all nodes are found, and can be used", async () => {
    const { cluster, io, sockets, clients, heard } = await populated(kinds);
    const found = await io.fetchSockets();
    expect(found.map(({ data }) => data.name).sort()).toEqual(["a", "b", "c"]);
    const remote = found.find(({ id }) => id === sockets[2]!.id)!;
    expect([...remote.rooms]).toEqual([sockets[2]!.id, "c", "ac", "bc"]);
    expect(remote.handshake.address).toBe(sockets[2]!.handshake.address);

    remote.emit("x", "alone");
    expect(await heard[2]!.next()).toEqual(["alone"]);
    clients[2]!.on("ask", (answer: (text: string) => void) => answer("me"));
    expect(await remote.timeout(2000).emitWithAck("ask")).toBe("me");

    remote.join("green");
    await until(() => sockets[2]!.rooms.has("green"), "the room");
    expect(await io.in("green").fetchSockets()).toHaveLength(1);
    remote.leave("green");
    await until(() => !sockets[2]!.rooms.has("green"), "no room");
    const gone = inbox(clients[2]!, "disconnect");
    remote.disconnect();
    expect((await gone.next())[0]).toBe("io server disconnect");
    expect(cluster.nodes[2]!.io.of("/").sockets.size).toBe(0);
  });

  test("sockets of all nodes are made to join and to leave, and are disconnected", async () => {
    const { io, sockets, clients } = await populated(kinds);
    io.in("bc").socketsJoin(["green", "grey"]);
    await until(() => sockets.map(({ rooms }) => rooms.has("green")).join() === "false,true,true", "joined");
    io.in("b").socketsLeave("green");
    await until(() => sockets.map(({ rooms }) => rooms.has("green")).join() === "false,false,true", "left");
    const gone = clients.map((client) => inbox(client, "disconnect"));
    io.in("grey").disconnectSockets(true);
    expect([(await gone[1]!.next())[0], (await gone[2]!.next())[0]]).toEqual(Array(2).fill("io server disconnect"));
    expect(clients[0]!.connected).toBe(true);
  });

  test("the other servers hear events, and answer", async () => {
    const { cluster, io } = await populated(kinds);
    const [own, second, third] = cluster.nodes.map((node) => inbox(node.io, "moved"));
    io.serverSideEmit("moved", "ada", { to: 1 });
    expect([await second!.next(), await third!.next()]).toEqual(Array(2).fill(["ada", { to: 1 }]));
    expect(own!.size).toBe(0);
    cluster.nodes.forEach((node, index) => node.io.on("count", (answer: (value: number) => void) => answer(index)));
    expect((await io.serverSideEmitWithAck("count")).sort()).toEqual([1, 2]);
    const answers = new Promise<unknown[]>((resolve) =>
      io.serverSideEmit("count", (...args: unknown[]) => resolve(args)),
    );
    expect(await answers).toEqual([null, expect.arrayContaining([1, 2])]);
  });

  test("namespaces are apart", async () => {
    const { cluster, io, heard } = await populated(kinds);
    for (const node of cluster.nodes) node.io.of("/chat");
    await cluster.settle("/chat");
    const { client } = await cluster.connect(1, "/chat");
    const chat = inbox(client, "x");
    const rootServer = inbox(cluster.nodes[1]!.io, "moved");
    const chatServer = inbox(cluster.nodes[1]!.io.of("/chat"), "moved");
    io.of("/chat").emit("x", "of the chat");
    io.of("/chat").serverSideEmit("moved");
    io.to("b").emit("x", "of the root");
    expect(await chat.next()).toEqual(["of the chat"]);
    expect(await heard[1]!.next()).toEqual(["of the root"]);
    await chatServer.next();
    expect(rootServer.size).toBe(0);
  });

  test("a node that closes is not waited for", async () => {
    const { cluster, io } = await populated(kinds);
    cluster.nodes[1]!.io.on("count", (answer: (value: number) => void) => answer(1));
    const pending = io.serverSideEmitWithAck("count");
    await cluster.nodes[2]!.io.close();
    expect(await pending).toEqual([1]);
    expect(await io.fetchSockets()).toHaveLength(2);
  });

  test("while the bus is down, each server serves its own clients", async () => {
    const { cluster, io, heard } = await populated(kinds);
    const failures = inbox(io, "handler_error");
    cluster.bus.refusal = new Error("the bus is down");
    io.emit("x", "here");
    expect(await heard[0]!.next()).toEqual(["here"]);
    if (kinds[0] === "hawser") expect(await failures.next()).toEqual([cluster.bus.refusal, { phase: "adapter" }]);
    cluster.bus.refusal = undefined;
    io.emit("x", "everywhere");
    for (const box of heard.slice(1)) expect(await box.next()).toEqual(["everywhere"]);
  });
});

describe("a client whose connection is lost", () => {
  const HAWSER: Kind[] = ["hawser", "hawser"];

  test("comes back to another server, as who it was, and gets what it missed", async () => {
    const cluster = await Cluster.start(HAWSER, { connectionStateRecovery: {} });
    const [first, second] = cluster.nodes as [Node, Node];
    first.io.on("connection", (socket) => {
      socket.data = { name: "ada" };
      void socket.join("news");
    });
    await using before = new RawClient(first.url);
    await before.connect("websocket");
    const { sid, pid } = await before.join();
    await until(() => first.io.of("/").sockets.size === 1, "the socket");
    second.io.emit("seen", 1);
    const [, offset] = /^42\["seen",1,"(\d+)"\]$/.exec(String(await before.next(/seen/))) ?? [];
    const gone = inbox(first.io.of("/").sockets.get(sid)!, "disconnect");
    before.webSocket!.close();
    await gone.next();
    first.io.to("news").emit("missed", Buffer.from("rope"));
    second.io.to("other").emit("not missed");
    second.io.emit("missed", "too");
    await until(() => cluster.bus.published.length > Number(offset) + 2, "the last event");

    const recovered = inbox(second.io, "connection");
    await using after = new RawClient(second.url);
    await after.connect("websocket");
    await after.send(`40${JSON.stringify({ pid, offset })}`);
    const [socket] = (await recovered.next()) as [officialServer.Socket];
    expect([socket.recovered, socket.id, socket.data, socket.rooms.has("news")]).toEqual([
      true,
      sid,
      { name: "ada" },
      true,
    ]);
    expect(String(await after.next())).toMatch(/^451-\["missed",\{"_placeholder":true,"num":0\},"\d+"\]$/);
    await after.next();
    expect(String(await after.next())).toMatch(/^42\["missed","too","\d+"\]$/);
    expect(String(await after.next())).toBe(`40${JSON.stringify({ sid, pid })}`);
  });
});
