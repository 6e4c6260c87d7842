/** The plugin `fastify-socket.io`, which makes the server and closes it with the application. */

import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerEchoes, expectCleanClose, expectConversations } from "../../harness/conversation.ts";
import { get } from "../../harness/get.ts";
import { inbox } from "../../harness/waiting.ts";
import { Application } from "../application.ts";

/** What the plugin makes of a Fastify. */
type App = FastifyInstance & { io: Server };

describe.each([
  { name: "fastify", manager: "npm" },
  { name: "fastify-yarn", manager: "Yarn" },
])("installed by $manager", ({ name }) => {
  const application = new Application(name);
  const fastify = application.require("fastify") as () => App;
  const { default: plugin } = application.require("fastify-socket.io") as { default: Parameters<App["register"]>[0] };
  let app: App;

  beforeEach(() => {
    app = fastify();
  });

  afterEach(() => app.close());

  /** Registers the plugin, and starts. Returns the URL. */
  async function listen(options: object = {}): Promise<string> {
    await app.register(plugin, options);
    app.get("/hello/:name", (request) => ({ hello: (request.params as { name: string }).name }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    answerEchoes(app.io);
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }

  test("the plugin's Server is hawser's", async () => {
    expect(application.nameOf("socket.io", "fastify-socket.io")).toBe("hawser");
    await app.register(plugin);
    expect(app.io.constructor).toBe((application.require("socket.io") as { Server: unknown }).Server);
  });

  test("fastify.io talks over each transport, and the routes go on working", async () => {
    const url = await listen();
    await expectConversations(app.io, url);
    expect(await get(`${url}/hello/ada`)).toMatchObject({ status: 200, body: '{"hello":"ada"}' });
    expect((await get(`${url}/nowhere`)).status).toBe(404);
  });

  test("the plugin's options are the server's", async () => {
    const url = await listen({ path: "/live", cors: { origin: "http://page.example" } });
    await expectConversations(app.io, url, { path: "/live" });
    const handshake = await get(`${url}/live/?EIO=4&transport=polling`, { headers: { origin: "http://page.example" } });
    expect(handshake.headers["access-control-allow-origin"]).toBe("http://page.example");
  });

  test("the application disconnects its clients when it closes", async () => {
    const url = await listen();
    const told = await expectCleanClose(app.io, url, () => app.close());
    expect(told).toEqual(["io server disconnect", "io server disconnect"]);
  });

  test("what is to happen before it closes can be told", async () => {
    const url = await listen({
      preClose: (done: () => void) => {
        app.io.emit("farewell");
        app.io.disconnectSockets(true);
        done();
      },
    });
    const { io } = application.require("socket.io-client") as typeof import("socket.io-client");
    const client = io(url, { reconnection: false, forceNew: true, transports: ["websocket"] });
    const [connects, farewells, disconnects] = ["connect", "farewell", "disconnect"].map((event) =>
      inbox(client, event),
    );
    await connects!.next();
    await app.close();
    expect((await disconnects!.next())[0]).toBe("io server disconnect");
    expect(farewells!.size).toBe(1);
  });
});
