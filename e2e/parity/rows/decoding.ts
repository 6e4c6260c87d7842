/** Packets at the edges of the protocol, as the server takes them. */

import type { RawClient } from "@hawser/testing";
import { inAdapter, inCore, inParser, inServer, type Topic } from "../row.ts";
import { inbox, Inbox, until } from "../../harness/waiting.ts";
import type { World } from "../world.ts";

/** A raw client whose socket answers `fence`, and notes all else. */
async function noted(world: World) {
  const served = await world.serve();
  const { raw, socket } = await world.rawPair(served);
  const fences = new Inbox("a fence");
  socket.onAny((event, ...args) => {
    if (event === "fence") fences.put();
    else world.note("socket", { event }, ...args);
  });
  const fence = async (): Promise<void> => {
    await raw.send('42["fence"]');
    await fences.next();
  };
  return { served, raw, socket, fence };
}

/** Whether a WebSocket survives what it sent. */
async function fate(raw: RawClient, socket: { on(event: "disconnect" | "fence", listener: () => void): unknown }) {
  const outcome = new Inbox("the outcome");
  socket.on("disconnect", () => outcome.put("closed"));
  socket.on("fence", () => outcome.put("survived"));
  if (raw.webSocket!.open) await raw.send('42["fence"]');
  return (await outcome.next())[0] as string;
}

export const decoding: Topic = {
  title: "Packets at the edges",
  rows: [
    {
      id: "decode-event-forms",
      api: "forms of EVENT",
      how: "JSON may have white space, names may be numbers, and an event without any payload has no arguments.",
      async run(world) {
        const { raw, fence } = await noted(world);
        for (const frame of ['42["a"]', '42[ "b" , 1 ]', "42[5]", '42[""]', '42["c",{"d":[]}]', '42/,["e"]']) {
          await raw.send(frame);
          await fence();
        }
      },
      mutation: inParser('typeof name !== "string" && typeof name !== "number"', 'typeof name !== "string"'),
    },
    {
      id: "decode-empty-event",
      api: "EVENT without a payload",
      how: "Delivered as an event without a name and arguments; with an id it can be answered.",
      async run(world) {
        const { raw, fence } = await noted(world);
        await raw.send("42");
        await fence();
        world.note("raw", raw.webSocket!.open);
      },
      mutation: inParser("data: []\n\t\t} : packetError", "data: ['x']\n\t\t} : packetError"),
    },
    {
      id: "decode-namespaces",
      api: "names of namespaces",
      how: "A name ends at the first comma or the end of the packet; nothing in it is decoded.",
      async run(world) {
        const served = await world.serve();
        for (const name of ["/x", "/ü", "/a b", "/?q=1", "/1", "/{}", "//"]) {
          served.io.of(name).on("connection", ({ nsp, handshake }) => world.note(name, nsp.name, handshake.auth));
        }
        const raw = world.raw(served.url);
        await raw.connect();
        for (const frame of [
          "40/x",
          '40/ü,{"a":1,"b":2}',
          "40/a b,",
          "40/?q=1,",
          "40/1,",
          "40/{},",
          "40//,",
          "40/x/,",
        ]) {
          await raw.send(frame);
          world.note("raw", await raw.next());
        }
      },
      mutation: inParser('const comma = text.indexOf(",", index);', 'const comma = text.lastIndexOf(",");'),
    },
    {
      id: "decode-ack-ids",
      api: "ids of acknowledgements",
      how: "Any integer that a number can hold comes back as it was.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.on("ask", (reply) => reply());
        for (const id of ["0", "7", "007", "9007199254740991"]) {
          await raw.send(`42${id}["ask"]`);
          world.note(id, await raw.next());
        }
      },
      mutation: inParser("if (!Number.isSafeInteger(id)) {", "if (id > 2 ** 50) {"),
    },
    {
      id: "decode-huge-ack-id",
      api: "an id beyond 2^53",
      how: "A violation, for the answer would go to another event.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.on("ask", (reply) => reply());
        await raw.send('429007199254740993["ask"]');
        world.note("raw", await fate(raw, socket));
      },
      mutation: inParser("if (!Number.isSafeInteger(id)) {", "if (false) {"),
      differs: { id: "ack-ids", official: ["raw: survived"], hawser: ["raw: closed"] },
    },
    {
      id: "decode-ack-without-id",
      api: "an ACK without an id",
      how: "A violation.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        await raw.send('43["x"]');
        world.note("raw", await fate(raw, socket));
      },
      mutation: inParser('id === undefined ? packetError("ERR_ACK_ID")', 'id === 0.5 ? packetError("ERR_ACK_ID")'),
      differs: { id: "ack-without-id", official: ["raw: survived"], hawser: ["raw: closed"] },
    },
    {
      id: "decode-attachments",
      api: "how many attachments a packet may have",
      how: "Ten; an eleventh is a violation when it is announced.",
      async run(world) {
        const { raw, socket, fence } = await noted(world);
        const placeholders = (count: number): string =>
          Array.from({ length: count }, (_, num) => `{"_placeholder":true,"num":${num}}`).join();
        await raw.send(
          `4510-["x",${placeholders(10)}]`,
          ...Array.from({ length: 10 }, (_, index) => Buffer.from([index])),
        );
        await fence();
        await raw.send(`4511-["x",${placeholders(11)}]`);
        const left = inbox(socket, "disconnect");
        world.note("raw", (await left.next())[0]);
      },
      mutation: inParser("const DEFAULT_MAX_ATTACHMENTS = 10;", "const DEFAULT_MAX_ATTACHMENTS = 9;"),
    },
    {
      id: "decode-attachment-order",
      api: "frames between a packet and its attachments",
      how: "Text where an attachment is awaited, and binary where none is, are violations.",
      async run(world) {
        const placeholder = '{"_placeholder":true,"num":0}';
        for (const [name, frames] of Object.entries({
          "text instead": [`451-["x",${placeholder}]`, '42["y"]'],
          "binary alone": [Buffer.from([1])],
          "one too many": [`451-["x",${placeholder}]`, Buffer.from([1]), Buffer.from([2])],
          "out of range": ['451-["x",{"_placeholder":true,"num":1}]', Buffer.from([1])],
          negative: ['451-["x",{"_placeholder":true,"num":-1}]', Buffer.from([1])],
          "not a number": ['451-["x",{"_placeholder":true,"num":"0"}]', Buffer.from([1])],
        })) {
          const served = await world.serve();
          const { raw, socket } = await world.rawPair(served);
          const left = inbox(socket, "disconnect");
          await raw.send(...frames);
          world.note(name, (await left.next())[0]);
        }
      },
      mutation: inParser('return packetError("ERR_TEXT_WITHIN_BINARY");', "return undefined;"),
    },
    {
      id: "decode-placeholder-reused",
      api: "a placeholder that stands twice, or an attachment that stands nowhere",
      how: "A violation: each attachment has one place.",
      async run(world) {
        for (const [name, json] of Object.entries({
          twice: '["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]',
          nowhere: '["x"]',
        })) {
          const served = await world.serve();
          const { raw, socket } = await world.rawPair(served);
          await raw.send(`451-${json}`, Buffer.from([1]));
          world.note(name, await fate(raw, socket));
        }
      },
      mutation: inParser("if (this.$unused > 0) {", "if (false) {"),
      differs: {
        id: "placeholders",
        official: ["nowhere: survived", "twice: survived"],
        hawser: ["nowhere: closed", "twice: closed"],
      },
    },
    {
      id: "decode-prototype-keys",
      api: "keys such as `__proto__` in what peers send",
      how: "They become own properties, also beside attachments.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const received = inbox(socket, "x");
        await raw.send('42["x",{"__proto__":{"polluted":1},"constructor":2}]');
        const [value] = await received.next();
        world.note("socket", Object.keys(value as object), ({} as { polluted?: unknown }).polluted);
        await raw.send('451-["x",{"__proto__":{"_placeholder":true,"num":0}}]', Buffer.from([1]));
        await received.next();
        world.note("socket", ({} as { polluted?: unknown }).polluted);
      },
      mutation: inParser(
        "data = JSON.parse(text.slice(index), reviver);",
        "data = JSON.parse(text.slice(index).replace('__proto__', 'proto'), reviver);",
      ),
    },
    {
      id: "packets-for-left-namespace",
      api: "a packet for a namespace that was just left",
      how: "Ignored: the client sent it before it knew.",
      async run(world) {
        const served = await world.serve();
        served.io.of("/x");
        const { raw, socket } = await world.rawPair(served);
        await raw.join("/x");
        for (const other of served.io.of("/x").sockets.values()) other.disconnect();
        await raw.next("41/x,");
        await raw.send('42/x,["late"]');
        world.note("raw", await fate(raw, socket));
      },
      mutation: inCore("return leftMeanwhile ? undefined :", "return false ? undefined :"),
      differs: { id: "packets-for-left-namespaces", official: ["raw: closed"], hawser: ["raw: survived"] },
    },
    {
      id: "connect-twice-at-once",
      api: "CONNECT again while middlewares still run",
      how: "One socket and one answer for both.",
      async run(world) {
        const served = await world.serve();
        let asked = 0;
        const proceed: (() => void)[] = [];
        served.io.use((_socket, next) => {
          asked++;
          proceed.push(next);
        });
        const raw = world.raw(served.url);
        await raw.connect();
        // Whoever is refused elsewhere has been asked here as often as will be.
        await raw.send("40", "40", "40/fence,");
        await raw.next(/^44\/fence,/);
        await until(() => proceed.length > 0, "the middleware");
        for (const next of proceed) next();
        await raw.next(/^40/);
        await raw.send('42["x"]');
        world.note("io", asked, served.io.sockets.sockets.size);
      },
      mutation: inCore('if (this.$state === "connecting" && packet.type === PacketType.CONNECT) {', "if (false) {"),
      differs: { id: "repeated-connect", official: ["io: 2 2"], hawser: ["io: 1 1"] },
    },
    {
      id: "broadcast-ack-without-timeout",
      api: "a broadcast that asks for answers, without `timeout()`",
      how: "There is a default time limit within which answers may come.",
      async run(world) {
        const served = await world.serve();
        const { raw } = await world.rawPair(served);
        const answered = new Promise((resolve) =>
          served.io.emit("ask", ((...args: unknown[]) => resolve(args)) as never),
        );
        await raw.next();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await raw.send('430["answer"]');
        world.note("callback", await answered);
      },
      mutation: inServer("broadcastAckTimeout ?? 1e4", "broadcastAckTimeout ?? 1"),
      differs: {
        id: "broadcast-ack-timeout",
        official: ['callback: [Error("operation has timed out"), []]'],
        hawser: ['callback: [null, ["answer"]]'],
      },
    },
    {
      id: "join-with-callback",
      api: "`socket.join(room, callback)`",
      how: "The callback of Socket.IO 2 is called when it is done.",
      async run(world) {
        const served = await world.serve();
        const { socket } = await world.rawPair(served);
        (socket.join as (room: string, done: (error: unknown) => void) => void)("deck", (error) =>
          world.note("socket", "joined", error),
        );
        await new Promise((resolve) => setImmediate(resolve));
        world.note("socket", socket.rooms.has("deck"));
      },
      mutation: inServer("() => callback(null)", "() => {}"),
      differs: { id: "join-callback", official: ["socket: true"], hawser: ["socket: joined null", "socket: true"] },
    },
    {
      id: "ack-after-disconnect",
      api: "`socket.emitWithAck()` when the client leaves first",
      how: "It rejects, or calls back, at once.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        const pending = socket
          .timeout(1_000)
          .emitWithAck("ask")
          .catch((error: Error) => world.note("socket", error));
        await raw.next();
        await raw.send("41");
        await pending;
      },
      mutation: inCore(
        "this.$handler.onLinkClose(reason, cause);\n\t\tthis.$dropAcks();",
        "this.$handler.onLinkClose(reason, cause);",
      ),
      differs: {
        id: "acks-on-disconnect",
        official: ['socket: Error("operation has timed out")'],
        hawser: ['socket: Error("socket has been disconnected")'],
      },
    },
    {
      id: "volatile-offset",
      api: "a volatile event that ends with a text, with recovery on",
      how: "It is given a true offset, since clients take the text for one.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: {} });
        const { raw, socket } = await world.rawPair(served);
        socket.volatile.emit("tick", "text");
        const frame = String(await raw.next());
        world.note("raw", (JSON.parse(frame.slice(2)) as unknown[]).length);
      },
      mutation: inAdapter("data.push(this.#log.offsetOf(this.#log.position));", ""),
      differs: { id: "volatile-offsets", official: ["raw: 2"], hawser: ["raw: 3"] },
    },
    {
      id: "forced-close-over-polling",
      api: "a packet out of order, over polling while no GET waits",
      how: "Nothing can be told to the client, so its sockets end at once, with `forced server close`.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = inbox(socket, "disconnect");
        await raw.post('42/nowhere,["x"]');
        raw.get().catch(() => {});
        world.note("socket", (await left.next())[0]);
      },
      mutation: inServer('undecodable ? "forced close" : "forced server close"', '"forced close"'),
    },
  ],
};
