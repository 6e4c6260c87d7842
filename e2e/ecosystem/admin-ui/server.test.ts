/** The server's side of `@socket.io/admin-ui`: all that it tells, and all that it does when it is told to. */

import { hostname } from "node:os";
import { expect, test } from "vitest";
import { inbox, until } from "../../harness/waiting.ts";
import { Administered, application, BASIC, CREDENTIALS } from "./administered.ts";

const COMMANDS = ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"];

/** When something happened, as those who watch are told. */
const TIME = expect.stringMatching(/^\d{4}-.*Z$/) as string;

test("the server is hawser's", async () => {
  expect(application.nameOf("socket.io")).toBe("hawser");
  expect(application.nameOf("socket.io-client")).toBe("hawser-client");
});

test("whoever has the password gets a session, by which it is let in later", async () => {
  await using administered = await Administered.start({ auth: BASIC });
  const refused = administered.client("/admin", { auth: { ...CREDENTIALS, password: "wrong" } });
  expect(await inbox(refused, "connect_error").next()).toMatchObject([{ message: "invalid credentials" }]);
  const { told } = await administered.watch(CREDENTIALS);
  const [sessionId] = (await told.session.next()) as [string];
  expect(sessionId).toMatch(/^[0-9a-f]{16}$/);
  const again = await administered.watch({ sessionId });
  await again.told.config.next();
  expect(again.told.session.size).toBe(0);
  const stranger = administered.client("/admin", { auth: { sessionId: "0123456789abcdef" } });
  expect(await inbox(stranger, "connect_error").next()).toMatchObject([{ message: "invalid credentials" }]);
});

test("nobody is let in because authentication was forgotten", async () => {
  await expect(Administered.start({ auth: undefined })).rejects.toThrow("`auth` option must be specified");
});

test.each([
  { options: { mode: "development" }, features: [...COMMANDS, "AGGREGATED_EVENTS", "ALL_EVENTS"] },
  { options: { mode: "production" }, features: [...COMMANDS, "AGGREGATED_EVENTS"] },
  { options: { mode: "development", readonly: true }, features: ["AGGREGATED_EVENTS", "ALL_EVENTS"] },
])("$options: what may be done is told", async ({ options, features }) => {
  await using administered = await Administered.start(options);
  const { told } = await administered.watch();
  expect(await told.config.next()).toEqual([{ supportedFeatures: features }]);
});

test("in production, single sockets and events are not told", async () => {
  await using administered = await Administered.start({ mode: "production" });
  const { told } = await administered.watch();
  const { client, socket } = await administered.connect();
  await socket.join("room");
  client.emit("event");
  await told.server_stats.next();
  const { config: _config, server_stats: _stats, session: _session, ...single } = told;
  expect(Object.values(single).map(({ size }) => size)).toEqual(Object.keys(single).map(() => 0));
});

test("the numbers of the server are told again and again", async () => {
  await using administered = await Administered.start({ serverId: "one", mode: "production" });
  const { told } = await administered.watch();
  await administered.connect("", { transports: ["polling"] });
  const { socket } = await administered.connect("/", { transports: ["polling", "websocket"] });
  if (socket.conn.transport.name !== "websocket") await inbox(socket.conn, "upgrade").next();
  socket.emit("event", "x".repeat(1_000));
  const [stats] = (await told.server_stats.next()) as [Record<string, any>];
  expect(stats).toMatchObject({
    serverId: "one",
    hostname: hostname(),
    pid: process.pid,
    uptime: expect.any(Number) as number,
    clientsCount: 3,
    pollingClientsCount: 1,
    namespaces: [
      { name: "/", socketsCount: 2 },
      { name: "/admin", socketsCount: 1 },
    ],
  });
  const sums: Record<string, number> = {};
  for (const { type, count } of stats.aggregatedEvents as { type: string; count: number }[]) {
    sums[type] = (sums[type] ?? 0) + count;
  }
  expect(sums).toMatchObject({ rawConnection: 3, packetsIn: 3 });
  expect(sums.packetsOut).toBeGreaterThanOrEqual(4);
  expect(sums.bytesOut).toBeGreaterThan(1_000);
  expect(sums.bytesIn).toBeGreaterThan(5);

  socket.disconnect(true);
  const [later] = (await told.server_stats.next()) as [Record<string, any>];
  expect(later).toMatchObject({ clientsCount: 2, pollingClientsCount: 1, namespaces: [{ socketsCount: 1 }, {}] });
  const { aggregatedEvents } = later as { aggregatedEvents: object[] };
  expect(aggregatedEvents).toContainEqual(
    expect.objectContaining({ type: "rawDisconnection", subType: "forced close", count: 1 }),
  );
});

test("who is there already is told to those who begin to watch", async () => {
  await using administered = await Administered.start({ mode: "development" });
  const { socket } = await administered.connect("", { query: { a: "b" }, transports: ["websocket"] });
  await socket.join("lobby");
  socket.data.name = "ada";
  const watcher = await administered.watch();
  const [sockets] = (await watcher.told.all_sockets.next()) as [object[]];
  expect(sockets).toEqual([
    {
      id: socket.id,
      clientId: expect.stringMatching(/^[\w-]{12}$/) as string,
      transport: "websocket",
      nsp: "/",
      data: { name: "ada" },
      handshake: {
        address: "127.0.0.1",
        headers: expect.objectContaining({ connection: "Upgrade" }) as object,
        query: expect.objectContaining({ a: "b", EIO: "4", transport: "websocket" }) as object,
        issued: expect.any(Number) as number,
        secure: false,
        time: expect.any(String) as string,
        url: expect.stringContaining("/socket.io/?") as string,
        xdomain: false,
      },
      rooms: [socket.id, "lobby"],
    },
    expect.objectContaining({ id: watcher.socket.id, nsp: "/admin" }),
  ]);
});

test("who comes, what becomes of it, and who goes", async () => {
  await using administered = await Administered.start({ mode: "development" });
  const { told } = await administered.watch();
  const connected = told.socket_connected;
  await connected.next();
  told.room_joined.drain();

  const { client, socket } = await administered.connect("", { transports: ["polling", "websocket"] });
  expect(await connected.next()).toEqual([
    expect.objectContaining({ id: socket.id, nsp: "/", transport: "polling", rooms: [socket.id] }),
    TIME,
  ]);
  expect(await told.room_joined.next()).toEqual(["/", socket.id, socket.id, TIME]);
  expect(await told.socket_updated.next()).toEqual([{ id: socket.id, nsp: "/", transport: "websocket" }]);

  socket.data.name = "ada";
  expect(await told.socket_updated.next()).toEqual([{ id: socket.id, nsp: "/", data: { name: "ada" } }]);
  socket.data.place = { room: 1 };
  await told.socket_updated.next();
  socket.data.place.room = 2;
  const [{ data }] = (await told.socket_updated.next()) as [{ data: object }];
  expect(data).toEqual({ name: "ada", place: { room: 2 } });

  await socket.join("lobby");
  expect(await told.room_joined.next()).toEqual(["/", "lobby", socket.id, TIME]);
  await socket.leave("lobby");
  expect(await told.room_left.next()).toEqual(["/", "lobby", socket.id, TIME]);
  client.disconnect();
  expect(await told.room_left.next()).toEqual(["/", socket.id, socket.id, TIME]);
  expect(await told.socket_disconnected.next()).toEqual(["/", socket.id, "client namespace disconnect", TIME]);
});

test("what is received and sent", async () => {
  await using administered = await Administered.start({ mode: "development" });
  const { told } = await administered.watch();
  const { client, socket } = await administered.connect();
  socket.on("question", (_number: number, acknowledge: (answer: string) => void) => acknowledge("answer"));
  await client.emitWithAck("question", 7);
  expect(await told.event_received.next()).toEqual(["/", socket.id, ["question", 7], TIME]);
  client.on("asked", (acknowledge: () => void) => acknowledge());
  socket.emit("event", 1, { two: 3 });
  await socket.emitWithAck("asked");
  administered.io.emit("all", "there are");
  socket.broadcast.emit("others");
  administered.io.to(socket.id).emit("last");
  const sent = await told.event_sent.take(4);
  expect(sent.map(([nsp, id, event]) => [nsp, id, event] as unknown)).toEqual(
    [["event", 1, { two: 3 }], ["asked"], ["all", "there are"], ["last"]].map((event) => ["/", socket.id, event]),
  );
});

test("namespaces that come to be later are watched, too", async () => {
  await using administered = await Administered.start({ mode: "development" });
  const { told } = await administered.watch();
  await told.socket_connected.next();
  administered.io.of(/^\/dynamic-\d+$/).on("connection", (socket) => {
    void socket.join("lobby");
    socket.emit("last");
  });
  const client = administered.client("/dynamic-1");
  await inbox(client, "connect").next();
  expect(await told.socket_connected.next()).toEqual([expect.objectContaining({ nsp: "/dynamic-1" }), TIME]);
  await told.event_sent.next();
  const joined = told.room_joined.drain().filter(([namespace]) => namespace === "/dynamic-1");
  expect(joined.map(([, room, id]) => [room, id] as unknown)).toEqual([
    [client.id, client.id],
    ["lobby", client.id],
  ]);
});

test("commands: emit to all, to a room, to one", async () => {
  await using administered = await Administered.start({ mode: "production" });
  const { socket: admin } = await administered.watch();
  const [ada, bob] = [await administered.connect(), await administered.connect()];
  const news = [ada, bob].map(({ client }) => inbox(client, "news"));
  admin.emit("emit", "/", undefined, "news", "for all", 1);
  for (const box of news) expect(await box.next()).toEqual(["for all", 1]);
  admin.emit("emit", "/", bob.socket.id, "news", "for bob");
  expect(await news[1]!.next()).toEqual(["for bob"]);
  expect(news[0]!.size).toBe(0);
});

test("commands: join, leave, disconnect", async () => {
  await using administered = await Administered.start({ mode: "production" });
  const { socket: admin } = await administered.watch();
  const [ada, bob] = [await administered.connect(), await administered.connect()];
  const { adapter } = administered.io.sockets;
  admin.emit("join", "/", "all", undefined);
  await until(() => adapter.rooms.get("all")?.size === 2, "both in the room");
  admin.emit("join", "/", "some", ada.socket.id);
  await until(() => adapter.rooms.has("some"), "one in the room");
  expect([...ada.socket.rooms]).toEqual([ada.socket.id, "all", "some"]);
  expect([...bob.socket.rooms]).toEqual([bob.socket.id, "all"]);
  admin.emit("leave", "/", "all", "some");
  await until(() => adapter.rooms.get("all")?.size === 1, "one to leave");
  expect(bob.socket.rooms.has("all")).toBe(true);
  admin.emit("leave", "/", "all", undefined);
  await until(() => !adapter.rooms.has("all"), "the other to leave");

  const gone = [ada, bob].map(({ client }) => inbox(client, "disconnect"));
  const [closes] = [inbox(bob.socket.conn, "close")];
  admin.emit("_disconnect", "/", false, ada.socket.id);
  expect((await gone[0]!.next())[0]).toBe("io server disconnect");
  expect(administered.io.sockets.sockets.size).toBe(1);
  admin.emit("_disconnect", "/", true, undefined);
  expect((await gone[1]!.next())[0]).toBe("io server disconnect");
  await closes.next();
});

test("where nothing may be changed, commands do nothing", async () => {
  await using administered = await Administered.start({ mode: "development", readonly: true });
  const { socket: admin, told } = await administered.watch();
  const { client, socket } = await administered.connect();
  admin.emit("join", "/", "all", undefined);
  admin.emit("_disconnect", "/", true, undefined);
  client.emit("last");
  admin.emit("emit", "/", undefined, "news");
  await told.event_received.next();
  expect([...socket.rooms]).toEqual([socket.id]);
  expect(socket.connected).toBe(true);
});
