/** BroadcastOperator and RemoteSocket, and the events that pass between nodes. */

import { inAdapter, inCore, inServer, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";

export const operators: Topic = {
  title: "BroadcastOperator and RemoteSocket",
  rows: [
    {
      id: "operator-encodes-once",
      api: "a broadcast with binary and nested data",
      how: "Encoded and framed once; every client gets the same bytes, over either transport.",
      async run(world) {
        const served = await world.serve();
        const webSocket = await world.rawPair(served);
        const polling = await world.handPolled(served);
        served.io.emit("chart", { title: "ü", pixels: Buffer.from([0, 255]) }, [new Uint8Array([1])]);
        for (let count = 0; count < 3; count++) world.note("websocket", await webSocket.raw.next());
        world.note("polling", (await polling.raw.get()).body);
      },
      mutation: inServer(
        "for (const packet of broadcast.enginePackets) {",
        "for (const packet of broadcast.enginePackets.slice(0, 1)) {",
      ),
    },
    {
      id: "operator-union",
      api: "`io.to(a).to(b)`, `io.to([a, b])`",
      how: "Whoever is in several of the rooms is visited once.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        await socket.join(["a", "b"]);
        served.io.to("a").to("b").to("a").emit("once");
        served.io.to(["a", "b"]).except("c").emit("once more");
        served.io.to("a").except("b").emit("never");
        served.io.emit("end");
        world.note("raw", await raw.next(), await raw.next(), await raw.next());
      },
      mutation: inAdapter("visited?.add(id);", ""),
    },
    {
      id: "operator-except-wins",
      api: "`except()` of a room or an id",
      how: "Members of any excepted room are left out, whatever selected them.",
      async run(world) {
        const served = await world.serve();
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        await one.socket.join(["deck", "asleep"]);
        await other.socket.join("deck");
        served.io.to("deck").except("asleep").emit("awake");
        served.io.except([other.socket.id]).emit("not other");
        served.io.to(one.socket.id).except(one.socket.id).emit("nobody");
        served.io.emit("end");
        world.note("one", await one.raw.next(), await one.raw.next());
        world.note("other", await other.raw.next(), await other.raw.next());
      },
      mutation: inAdapter("const excluded = this.#membersOf(options.except);", "const excluded = undefined;"),
    },
    {
      id: "operator-reserved-name",
      api: "`emit()` of an operator",
      how: "It refuses reserved names, and returns true.",
      async run(world) {
        const { io } = await world.serve();
        const operator = io.to("room");
        world.note("operator", operator.emit("x"), operator.to("y") === operator, operator.volatile === operator);
        world.noteThrow("operator", "emit", () => operator.emit("disconnect"));
        world.note("operator", await operator.timeout(100).emitWithAck("x"));
      },
      mutation: inCore("is a reserved event name", "is reserved"),
    },
    {
      id: "operator-ack-binary",
      api: "a broadcast with binary that asks for acknowledgements",
      how: "The id stands in the one encoded packet, and each socket waits for its own answer.",
      async run(world) {
        const served = await world.serve();
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        const answer = served.io.timeout(5_000).emitWithAck("ask", Buffer.from([1]));
        world.note("one", await one.raw.next(), await one.raw.next());
        await one.raw.send('461-0[{"_placeholder":true,"num":0}]', Buffer.from([9]));
        const fence = inbox(one.socket, "fence");
        await one.raw.send('42["fence"]');
        await fence.next();
        await other.raw.send('430["text"]');
        world.note("answer", await answer);
        const next = one.socket.emitWithAck("next");
        await one.raw.send("431[1]");
        world.note("one", await one.raw.next(), await next);
      },
      mutation: inAdapter("const id = this.nsp.nextAckId();", "const id = this.nsp.nextAckId() + 7;"),
    },
    {
      id: "operator-ack-disconnect",
      api: "a socket that disconnects before it answers a broadcast",
      how: "Its answer stays missing, so the time limit ends the wait with the answers there are.",
      async run(world) {
        const served = await world.serve();
        const [one, other] = [await world.rawPair(served), await world.rawPair(served)];
        const failed = served.io
          .timeout(1_000)
          .emitWithAck("ask")
          .catch((error: Error & { responses: unknown }) => {
            world.note("answer", error, error.responses);
          });
        await one.raw.send('430["one"]');
        const left = inbox(other.socket, "disconnect");
        await other.raw.send("41");
        await left.next();
        await failed;
      },
      mutation: inServer('this.#finish(failure("ERR_ACK_TIMEOUT"));', "this.#finish(null);"),
    },
    {
      id: "remote-socket",
      api: "RemoteSocket: `id`, `handshake`, `rooms`, `data`, `emit`, `timeout`, `join`, `leave`, `disconnect`",
      how: "What an adapter reports of another node is wrapped; its methods are broadcasts to its id.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const { adapter } = served.io.of("/");
        const { id, handshake } = socket;
        adapter.fetchSockets = () =>
          Promise.resolve([{ id, handshake, rooms: [id, "deck"], data: { name: "ada" } }] as never);
        const [remote] = await served.io.fetchSockets();
        world.note("remote", (remote as unknown) === socket, remote!.id === id, remote!.rooms, remote!.data);
        world.note("remote", remote!.emit("hello", 1));
        world.note("raw", await raw.next());
        world.note("remote", remote!.join("galley"), socket.rooms, remote!.leave("galley"), socket.rooms);
        const answered = new Promise((resolve) => {
          remote!.timeout(5_000).emit("ask", (...args: unknown[]) => resolve(args));
        });
        world.note("raw", await raw.next());
        await raw.send('430["answer"]');
        world.note("remote", await answered);
        const promised = remote!.timeout(5_000).emitWithAck("ask");
        world.note("raw", await raw.next());
        await raw.send('431["promise"]');
        world.note("remote", await promised);
        world.note("remote", remote!.disconnect() === remote);
        world.note("raw", await raw.next("41"));
      },
      mutation: inServer("expectSingleResponse: true", "expectSingleResponse: false"),
    },
    {
      id: "adapter-asked",
      api: "what a broadcast asks of the adapter",
      how: "Operators hand a packet and Sets of rooms and exceptions, with the flags, to the namespace's adapter.",
      async run(world) {
        const served = await world.serve();
        const { socket } = await world.rawPair(served);
        const { adapter } = served.io.of("/");
        const asked = (method: string) => (packet: { type: number; data: unknown }, options: Record<string, any>) => {
          const { volatile, compress, local, broadcast, timeout } = options["flags"];
          const flags = Object.fromEntries(
            Object.entries({ volatile, compress, local, broadcast, timeout }).filter(
              ([, value]) => value !== undefined,
            ),
          );
          world.note("adapter", method, packet.type, packet.data, options["rooms"], options["except"], flags);
        };
        adapter.broadcast = asked("broadcast") as never;
        adapter.broadcastWithAck = asked("broadcastWithAck") as never;
        adapter.addSockets = (options, rooms) =>
          world.note("adapter", "addSockets", options.rooms, options.except, rooms);
        adapter.delSockets = (options, rooms) =>
          world.note("adapter", "delSockets", options.rooms, options.except, rooms);
        adapter.disconnectSockets = (options, close) =>
          world.note("adapter", "disconnectSockets", options.rooms, close);
        served.io.emit("a", 1);
        served.io.local.volatile.compress(false).to(["x", "y"]).except("z").emit("b");
        socket.broadcast.emit("c");
        socket.to("x").emit("d");
        served.io.timeout(50).emit("e", () => {});
        served.io.in("x").socketsJoin("y");
        served.io.except("x").socketsLeave(["y", "z"]);
        served.io.in("x").disconnectSockets(true);
        served.io.disconnectSockets();
      },
      mutation: inServer("except: new Set(this.exceptRooms)", "except: new Set()"),
    },
  ],
};
