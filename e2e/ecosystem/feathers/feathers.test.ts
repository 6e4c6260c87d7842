/** Feathers' services, events, channels and authentication over `@feathersjs/socketio` and its client. */

import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "socket.io";
import type { Socket as ClientSocket } from "socket.io-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { get } from "../../harness/get.ts";
import { inbox, until, type Listenable } from "../../harness/waiting.ts";
import { Application } from "../application.ts";

/** A service, as either end sees it. */
type Service = Listenable &
  Record<"create" | "find" | "get" | "enter" | "remove", (...args: any[]) => Promise<any>> & {
    patch(id: unknown, data: object, params?: object): Promise<any>;
  };

interface Feathers {
  readonly io: Server;
  readonly channels: string[];
  service(path: string): Service;
  channel(name: string): { readonly length: number };
  listen(port: number, host: string): Promise<HttpServer>;
  teardown(): Promise<unknown>;
  on(event: string, listener: (...args: any[]) => void): void;
}

interface FeathersClient extends Feathers {
  authenticate(credentials: object): Promise<{ accessToken: string; user: { email: string } }>;
  reAuthenticate(): Promise<unknown>;
  logout(): Promise<unknown>;
}

const application = new Application("feathers");
const folder = application.place(new URL("application/", import.meta.url));
const { createApplication } = (await import(`${folder}/application.mjs`)) as {
  createApplication: (options?: object, withServer?: (io: Server) => void) => Feathers;
};
const { createClient } = (await import(`${folder}/client.mjs`)) as {
  createClient: (url: string, options?: object) => { client: FeathersClient; socket: ClientSocket };
};

const ADA = { email: "ada@application.example", password: "countess" };

let app: Feathers;
let server: HttpServer;
let url: string;
const sockets: ClientSocket[] = [];

beforeEach(() => start());

afterEach(stop);

async function start(options?: object, withServer?: (io: Server) => void): Promise<void> {
  app = createApplication(options, withServer);
  server = await app.listen(0, "127.0.0.1");
  if (!server.listening) await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.disconnect();
  const closed = app.teardown();
  // Those that a client keeps for its next request.
  server.closeAllConnections();
  await closed;
}

/** A client that is connected. */
async function connect(options?: object) {
  const { client, socket } = createClient(url, options);
  sockets.push(socket);
  await inbox(socket, "connect").next();
  return { client, socket };
}

test("Feathers' Server and its client's io are hawser's", () => {
  expect(application.nameOf("socket.io", "@feathersjs/socketio")).toBe("hawser");
  expect(application.nameOf("socket.io-client")).toBe("hawser-client");
  expect(app.io.constructor).toBe((application.require("socket.io") as { Server: unknown }).Server);
});

test.each(["polling", "websocket"])("a service's methods are called over %s", async (transport) => {
  const { client } = await connect({ transports: [transport] });
  const messages = client.service("messages");
  expect(await messages.create({ text: "ahoy" })).toEqual({ id: 0, text: "ahoy" });
  expect(await messages.create([{ text: "b" }, { text: "a" }])).toEqual([
    { id: 1, text: "b" },
    { id: 2, text: "a" },
  ]);
  expect(await messages.get(0)).toEqual({ id: 0, text: "ahoy" });
  expect(await messages.patch(0, { text: "changed" })).toEqual({ id: 0, text: "changed" });
  const sorted = await messages.find({ query: { $sort: { text: 1 }, $limit: 2, text: { $ne: "b" } } });
  expect(sorted).toMatchObject({ total: 2, limit: 2, skip: 0, data: [{ text: "a" }, { text: "changed" }] });
});

test("what is created over HTTP is what is found over the socket", async () => {
  const { client } = await connect();
  await client.service("messages").create({ text: "from the socket" });
  expect(JSON.parse((await get(`${url}/messages/0`)).body)).toEqual({ id: 0, text: "from the socket" });
});

test("errors arrive as Feathers' own", async () => {
  const { client, socket } = await connect();
  const missing = await client
    .service("messages")
    .get(7)
    .catch((error: unknown) => error);
  expect(missing).toMatchObject({ name: "NotFound", code: 404, className: "not-found" });
  const nowhere = await client
    .service("nowhere")
    .find()
    .catch((error: unknown) => error);
  expect(nowhere).toMatchObject({ code: 404 });
  expect(await socket.emitWithAck("find", { not: "a path" })).toMatchObject({ code: 404 });
});

test("events go to those who are in the channel, and to nobody else", async () => {
  const [ada, bob] = [await connect(), await connect()];
  const heard = [ada, bob].map(({ client }) => inbox(client.service("rooms"), "entered"));
  const created = [ada, bob].map(({ client }) => inbox(client.service("messages"), "created"));
  expect(await ada.client.service("rooms").enter({ room: "lobby" })).toEqual({ room: "lobby" });
  expect(await heard[0]!.next()).toEqual([{ room: "lobby" }]);
  await bob.client.service("messages").create({ text: "for all" });
  for (const box of created) expect(await box.next()).toEqual([{ id: 0, text: "for all" }]);
  expect(heard[1]!.size).toBe(0);
});

test("whoever leaves is in no channel any more", async () => {
  const { socket } = await connect();
  expect(app.channel("anonymous").length).toBe(1);
  const gone = inbox(app, "disconnect");
  socket.disconnect();
  expect(await gone.next()).toMatchObject([{ provider: "socketio" }]);
  await until(() => app.channels.length === 0, "an empty channel to go");
});

test("authentication by password and by token; a connection is authenticated from then on", async () => {
  const { client, socket } = await connect();
  await client.service("users").create(ADA);
  expect(
    await client
      .service("users")
      .find()
      .catch((error: unknown) => error),
  ).toMatchObject({ code: 401 });
  const wrong = client.authenticate({ strategy: "local", ...ADA, password: "duke" });
  expect(await wrong.catch((error: unknown) => error)).toMatchObject({ code: 401 });
  const { accessToken, user } = await client.authenticate({ strategy: "local", ...ADA });
  expect(user).toEqual({ id: 0, email: ADA.email });
  expect(await client.service("users").find()).toEqual([{ id: 0, email: ADA.email }]);
  expect(app.channel("authenticated").length).toBe(1);
  await client.logout();
  expect(app.channels).toEqual([]);

  const other = await connect();
  expect(await other.client.authenticate({ strategy: "jwt", accessToken })).toMatchObject({ user: { id: 0 } });
  const created = inbox(other.client.service("users"), "created");
  await client.service("users").create({ email: "bob@application.example", password: "secret" });
  expect(await created.next()).toEqual([{ id: 1, email: "bob@application.example" }]);
  expect(socket.connected).toBe(true);
});

test("a token in the handshake's headers authenticates the connection before it is let in", async () => {
  const { client } = await connect();
  await client.service("users").create(ADA);
  const { accessToken } = await client.authenticate({ strategy: "local", ...ADA });
  const known = await connect({ extraHeaders: { Authorization: `Bearer ${accessToken}` } });
  expect(await known.client.service("users").find()).toEqual([{ id: 0, email: ADA.email }]);
  const { socket } = createClient(url, { extraHeaders: { Authorization: "Bearer nonsense" } });
  sockets.push(socket);
  const [error] = await inbox(socket, "connect_error").next();
  expect((error as Error).message).toContain("jwt malformed");
});

test("a client authenticates again by itself after its connection was lost", async () => {
  const { client, socket } = await connect({ reconnectionDelay: 10 });
  await client.service("users").create(ADA);
  await client.authenticate({ strategy: "local", ...ADA });
  const again = inbox(socket, "connect");
  const logins = inbox(app, "login");
  for (const { conn } of app.io.sockets.sockets.values()) conn.close();
  await again.next();
  await logins.next();
  expect(await client.service("users").find()).toHaveLength(1);
});

test("the options are the server's, and the application is given the server", async () => {
  await stop();
  let given: Server | undefined;
  await start({ path: "/live" }, (io) => {
    given = io;
    io.use((socket, next) => {
      if (socket.handshake.query.ticket === "valid") return next();
      next(new Error("no ticket"));
    });
  });
  expect(given).toBe(app.io);
  const { client } = await connect({ path: "/live", query: { ticket: "valid" } });
  expect(await client.service("messages").find()).toMatchObject({ total: 0 });
  const { socket } = createClient(url, { path: "/live" });
  sockets.push(socket);
  expect(await inbox(socket, "connect_error").next()).toMatchObject([{ message: "no ticket" }]);
});
