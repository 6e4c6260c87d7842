import { ProtocolError } from "@hawser/parser";
import { describe, expect, it } from "vitest";
import type { Socket } from "../src/index.ts";
import { deadlinesByHand, nextEvent, settled, TestServer, until } from "./fixture.ts";
import { frames, upgradeRequest } from "./websocket-bytes.ts";

/** All that the listeners of `socket` are told about its end. */
function endLog(socket: Socket): unknown[] {
  const log: unknown[] = [];
  socket.on("error", (error) => log.push(["error", (error as Error & { code?: string }).code]));
  socket.on("disconnecting", (reason) => log.push(["disconnecting", reason]));
  socket.on("disconnect", (reason) => log.push(["disconnect", reason]));
  return log;
}

const UNDECODABLE: [string, string[], string][] = [
  ["an unknown type", ["49"], "ERR_PACKET_TYPE"],
  ["no type", ["4"], "ERR_PACKET_TYPE"],
  ["an event that is no array", ['42{"a":1}'], "ERR_PACKET_PAYLOAD"],
  ["an event of null", ["42null"], "ERR_PACKET_PAYLOAD"],
  ["an event without a name", ["42[]"], "ERR_PACKET_PAYLOAD"],
  ["an event whose name is an object", ["42[{}]"], "ERR_PACKET_PAYLOAD"],
  ["an event whose name is null", ["42[null]"], "ERR_PACKET_PAYLOAD"],
  ["broken JSON", ['42["a"'], "ERR_PACKET_PAYLOAD"],
  ["an id with letters", ['42abc["a"]'], "ERR_PACKET_PAYLOAD"],
  ["the name of the library's own event", ['42["disconnect"]'], "ERR_RESERVED_EVENT"],
  ["newListener", ['42["newListener"]'], "ERR_RESERVED_EVENT"],
  ["an id beyond what a number holds", ['429007199254740992["a"]'], "ERR_ACK_ID"],
  ["an acknowledgement without an id", ["43[]"], "ERR_ACK_ID"],
  ["a CONNECT of an array", ["40[]"], "ERR_PACKET_PAYLOAD"],
  ["a DISCONNECT with data", ["41{}"], "ERR_PACKET_PAYLOAD"],
  ["no attachments where some are announced", ['450-["a"]'], "ERR_ATTACHMENT_COUNT"],
  ["attachments that are not counted", ['45-["a"]'], "ERR_ATTACHMENT_COUNT"],
  ["a negative count of attachments", ['45-1-["a"]'], "ERR_ATTACHMENT_COUNT"],
  ["too many attachments", ['4511-["a"]'], "ERR_TOO_MANY_ATTACHMENTS"],
  ["text where an attachment is due", ['451-["a",{"_placeholder":true,"num":0}]', '42["b"]'], "ERR_TEXT_WITHIN_BINARY"],
  ["binary data where none is due", ["bAQI="], "ERR_BINARY_UNEXPECTED"],
  ["a placeholder for nothing", ['451-["a",{"_placeholder":true,"num":1}]', "bAQI="], "ERR_PLACEHOLDER"],
  ["a placeholder of a word", ['451-["a",{"_placeholder":true,"num":"splice"}]', "bAQI="], "ERR_PLACEHOLDER"],
  ["an attachment that nobody uses", ['451-["a"]', "bAQI="], "ERR_PLACEHOLDER"],
];

describe.each(["websocket", "polling"] as const)("a packet that can't be decoded, over %s:", (transport) => {
  it.each(UNDECODABLE)("%s", async (_what, packets, code) => {
    const server = await TestServer.start();
    const { client, socket } = await server.join(transport);
    const other = await server.joinWith(client, "/other");
    const logs = [endLog(socket), endLog(other)];
    const events: unknown[] = [];
    socket.onAny((...event) => events.push(event));
    await client.send('42["before"]', ...packets, '42["after"]');
    await until(() => server.io.engine.clientsCount === 0);
    await settled();
    for (const log of logs) {
      expect(log).toEqual([
        ["error", code],
        ["disconnecting", "forced close"],
        ["disconnect", "forced close"],
      ]);
    }
    expect(events).toEqual([["before"]]);
  });
});

it.each([
  ["that can't be decoded", "49", "ERR_PACKET_TYPE"],
  ["that is out of order", "40", "ERR_PACKET_ORDER"],
])("a packet %s is told to disconnect listeners as a ProtocolError with its code", async (_which, packet, code) => {
  const server = await TestServer.start();
  const { client, socket } = await server.join();
  const end = nextEvent(socket, "disconnect");
  await client.send(packet);
  const [reason, error] = await end;
  expect(reason).toBe("forced close");
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code });
});

const OUT_OF_ORDER: [string, string][] = [
  ["an event for a namespace that was never joined", '42/other,["a"]'],
  ["an acknowledgement for a namespace that was never joined", "43/other,1[]"],
  ["a DISCONNECT for a namespace that was never joined", "41/other,"],
  ["a second CONNECT", "40"],
  ["a CONNECT_ERROR", '44{"message":"no"}'],
];

describe.each(["websocket", "polling"] as const)(
  "a packet that is out of order, over %s, ends all without an error event:",
  (transport) => {
    it.each(OUT_OF_ORDER)("%s", async (_what, packet) => {
      const server = await TestServer.start();
      server.io.of("/other");
      const { client, socket } = await server.join(transport);
      const log = endLog(socket);
      await client.send(packet);
      await until(() => server.io.engine.clientsCount === 0);
      await settled();
      expect(log).toEqual([
        ["disconnecting", "forced close"],
        ["disconnect", "forced close"],
      ]);
    });
  },
);

describe("before any namespace is joined", () => {
  it.each(['42["a"]', "430[]", "41", '44{"message":"no"}', "49", "bAQI="])("%s ends the session", async (packet) => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.send(packet);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    await until(() => server.io.engine.clientsCount === 0);
  });
});

it("an error event without listeners harms nobody", async () => {
  const server = await TestServer.start();
  const { client } = await server.join();
  const { client: other } = await server.join();
  await client.send("4nonsense");
  await client.webSocket?.closed;
  await other.send("41", "40");
  await other.next(/^40/);
});

describe("connectTimeout", () => {
  it("ends a session that joins no namespace in time", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ connectTimeout: 20 });
    const client = await server.connect();
    clock.advance(20);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    await until(() => server.io.engine.clientsCount === 0);
    expect(server.io.engine.deadlines.size).toBe(0);
  });

  it("ends one that only asked for namespaces that it was kept out of, or whose answer is still to come", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ connectTimeout: 40 });
    server.io.of("/slow").use(() => {});
    const client = await server.connect();
    await client.send("40/nope,", "40/slow,");
    await client.next('44/nope,{"message":"Invalid namespace"}');
    clock.advance(40);
    await client.webSocket?.closed;
    expect(server.io.of("/slow").sockets.size).toBe(0);
  });

  it("does not touch one that has joined", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start({ connectTimeout: 20 });
    const { client, socket } = await server.join();
    clock.advance(50);
    const answered = nextEvent(socket, "still here");
    await client.send('42["still here"]');
    await answered;
  });

  it("may be told by a method", async () => {
    const clock = deadlinesByHand();
    const server = await TestServer.start();
    expect(server.io.connectTimeout()).toBe(45_000);
    expect(server.io.connectTimeout(10)).toBe(server.io);
    expect(server.io.connectTimeout()).toBe(10);
    const client = await server.connect();
    clock.advance(10);
    await client.webSocket?.closed;
  });
});

describe("socket.client", () => {
  it("knows the sockets of the connection by id and by namespace", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const other = await server.joinWith(client, "/other");
    expect(socket.client).toBe(other.client);
    expect([...socket.client.sockets]).toEqual([
      [socket.id, socket],
      [other.id, other],
    ]);
    expect([...socket.client.nsps]).toEqual([
      ["/", socket],
      ["/other", other],
    ]);
    expect(socket.client.id).toBe(client.sid);
  });

  it("forgets those that have left", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const other = await server.joinWith(client, "/other");
    const left = nextEvent(other, "disconnect");
    await client.send("41/other,");
    await left;
    expect([...socket.client.nsps.keys()]).toEqual(["/"]);
  });
});

describe("what arrives in one segment", () => {
  it("is handled in wire order, across namespaces", async () => {
    const server = await TestServer.start();
    const seen: string[] = [];
    for (const namespace of [server.io.of("/"), server.io.of("/other")]) {
      namespace.on("connection", (socket) => {
        seen.push(`connection ${namespace.name}`);
        socket.onAny((event: string) => seen.push(`${event} ${namespace.name}`));
        socket.on("disconnect", (reason) => seen.push(`${reason} ${namespace.name}`));
      });
    }
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("}");
    tcp.write(frames("40", "40/other,", '42["a"]', '42/other,["b"]', "41", '42/other,["c"]', "41/other,", "40"));
    await until(() => seen.length === 8);
    expect(seen).toEqual([
      "connection /",
      "connection /other",
      "a /",
      "b /other",
      "client namespace disconnect /",
      "c /other",
      "client namespace disconnect /other",
      "connection /",
    ]);
  });

  it("is handled however many events it holds and however small each of them must be", async () => {
    const server = await TestServer.start({ maxHttpBufferSize: 100 });
    const seen: unknown[] = [];
    server.io.on("connection", (socket) => socket.onAny((event) => seen.push(event)));
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("}");
    const events = Array.from({ length: 4_000 }, (_, index) => `42["${index}"]`);
    tcp.write(frames("40", ...events));
    await until(() => seen.length === events.length);
    expect(seen).toEqual(events.map((_, index) => String(index)));
  });

  it("an event and the DISCONNECT after it: the event is delivered", async () => {
    const server = await TestServer.start();
    const seen: unknown[] = [];
    server.io.on("connection", (socket) => {
      socket.on("bye", () => seen.push("bye"));
      socket.on("disconnect", (reason) => seen.push(reason));
    });
    const tcp = await server.tcp();
    tcp.write(upgradeRequest());
    await tcp.until("}");
    tcp.write(frames("40", '42["bye"]', "41"));
    await until(() => seen.length === 2);
    expect(seen).toEqual(["bye", "client namespace disconnect"]);
  });

  it("an event after the DISCONNECT is ignored, and the session goes on", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    const left = nextEvent(socket, "disconnect");
    await client.send("41", '42["late"]', "430[]", "41");
    await left;
    await client.join();
    expect(server.io.engine.clientsCount).toBe(1);
  });
});

it("a client joins as many namespaces as the option maxNamespaces says, and one more ends its connection", async () => {
  const server = await TestServer.start({ maxNamespaces: 2 });
  const { client, socket } = await server.join();
  const ended = nextEvent(socket, "disconnect") as Promise<[string, ProtocolError]>;
  await server.joinWith(client, "/second");
  server.io.of("/third");
  await client.send("40/third,");
  const [reason, error] = await ended;
  expect([reason, error.code]).toEqual(["forced close", "ERR_BUDGET_NAMESPACES"]);
});
