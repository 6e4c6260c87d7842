/** `disconnect` at the client: reasons, and what follows. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { openPacket, type ScriptedWebSocket } from "../script.ts";
import type { ClientOptions, World } from "../world.ts";

/** A client that is connected to a scripted server, and what it is told. */
async function connected(world: World, options: ClientOptions = {}) {
  const script = await world.script();
  const client = world.connect(script.url, options);
  const watched = world.watch("client", client, "connect", "disconnect", "connect_error");
  const session = await script.session();
  await session.next();
  session.send('40{"sid":"one"}');
  await watched.next("connect");
  return { script, client, session, watched };
}

/** Takes the next connection and lets its socket in. */
async function acceptAgain(session: ScriptedWebSocket): Promise<void> {
  await session.next();
  session.send('40{"sid":"two"}');
}

export const clientEndings: Topic = {
  title: "Disconnect reasons (client)",
  rows: [
    {
      id: "ending-io-server-disconnect",
      api: "reason `io server disconnect`",
      how: "DISCONNECT from the server makes the socket inactive; the last socket takes the connection with it.",
      async run(world) {
        const { client, session, watched } = await connected(world);
        session.send("41");
        await watched.next("disconnect");
        world.note("client", client.active, client.connected, client.id);
        world.note("server", await session.closed());
      },
      mutation: inCore('this.$leave("io server disconnect", true);', 'this.$leave("transport close", true);'),
    },
    {
      id: "ending-io-client-disconnect",
      api: "reason `io client disconnect`",
      how: "Told within the call of `disconnect()`.",
      async run(world) {
        const { client, session } = await connected(world);
        client.on("disconnect", () => world.note("client", client.active, client.connected, client.id));
        client.disconnect();
        world.note("client", "returned");
        world.note("server", await session.next(), await session.closed());
      },
      mutation: inCore(
        'this.$leave("io client disconnect", wasConnected);',
        'this.$leave("forced close", wasConnected);',
      ),
    },
    {
      id: "ending-transport-close-client",
      api: "reason `transport close` at the client",
      how: "A WebSocket that closes is told with details; the Manager reconnects.",
      async run(world) {
        const { script, client, session, watched } = await connected(world);
        session.close();
        const [, details] = await watched.next("disconnect");
        world.note("client", client.active, details.description, details.context?.code);
        await acceptAgain(await script.session());
        await watched.next("connect");
        world.note("client", client.id);
      },
      mutation: inClient('const details = "websocket connection closed";', 'const details = "closed";'),
    },
    {
      id: "ending-cut-client",
      api: "a WebSocket that is cut",
      how: "It is a `transport close` with the code 1006.",
      async run(world) {
        const { session, watched } = await connected(world, { reconnection: false });
        session.terminate();
        const [reason, details] = await watched.next("disconnect");
        world.note("client", reason, details.context?.code);
      },
      mutation: inClient(
        'this.$end("transport close", new TransportError(details, details, event));',
        'this.$end("transport error", new TransportError(details, details, event));',
      ),
    },
    {
      id: "ending-parse-error-client",
      api: "reason `parse error` at the client",
      how: "An undecodable Socket.IO packet ends the connection, and the Manager reconnects.",
      async run(world) {
        for (const frame of ["4", "4x", '42{"a":1}', '42["connect"]', "451-[]x", "47"]) {
          const script = await world.script();
          const client = world.connect(script.url);
          const [connects, disconnects] = [inbox(client, "connect"), inbox(client, "disconnect")];
          const session = await script.session();
          await acceptAgain(session);
          await connects.next();
          session.send(frame);
          const [reason, error] = await disconnects.next();
          world.note(`sent ${frame}`, reason, error instanceof Error, client.active);
          await acceptAgain(await script.session());
          await connects.next();
          client.disconnect();
        }
      },
      mutation: inClient('this.session.abort("parse error", error);', 'this.session.abort("transport error", error);'),
    },
    {
      id: "ending-engine-close-packet",
      api: "a `1` from the server over polling",
      how: "It is a `transport close`, told as closed by the server.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"], reconnection: false });
        const watched = world.watch("client", client, "connect", "disconnect");
        (await script.request()).answer(200, openPacket());
        const pending = [await script.request(), await script.request()];
        for (const { method, answer } of pending) {
          if (method === "POST") answer(200, "ok");
          else answer(200, '40{"sid":"one"}');
        }
        await watched.next("connect");
        (await script.request()).answer(200, "1");
        const [, details] = await watched.next("disconnect");
        world.note("client", details.description);
      },
      mutation: inClient('"transport closed by the server"', '"closed by the server"'),
    },
    {
      id: "ending-polling-error",
      api: "reason `transport error` at the client",
      how: "A request that fails ends the connection: `xhr poll error`, `xhr post error`.",
      async run(world) {
        for (const failing of ["GET", "POST"]) {
          const script = await world.script();
          const client = world.connect(script.url, { transports: ["polling"], reconnection: false });
          const watched = inbox(client, "disconnect");
          (await script.request()).answer(200, openPacket());
          for (const { method, answer } of [await script.request(), await script.request()]) {
            if (method === "POST") answer(200, "ok");
            else answer(200, '40{"sid":"one"}');
          }
          await inbox(client, "connect")
            .next()
            .catch(() => {});
          const get = await script.request();
          client.emit("x", 1);
          const post = await script.request();
          world.note(failing, post.method, post.body, post.headers["content-type"]);
          if (failing === "GET") get.answer(500);
          else post.answer(413);
          world.note(failing, ...(await watched.next()));
        }
      },
      mutation: inClient('"xhr post error"', '"fetch post error"'),
    },
    {
      id: "ending-listener-order",
      api: "events that arrive together with the end",
      how: "What was sent before the end is delivered before `disconnect`.",
      async run(world) {
        const { client, session, watched } = await connected(world, { reconnection: false });
        world.watch("client", client, "last");
        session.send('42["last",1]', '42["last",2]');
        session.close();
        await watched.next("disconnect");
        client.connect();
      },
      mutation: inCore("this.$inbox.push(item);", "this.$inbox.unshift(item);"),
    },
    {
      id: "ending-server-and-client",
      api: "`io.close()` as a client sees it",
      how: "`transport close`, and the client tries to come back.",
      async run(world) {
        const served = await world.serve();
        const { client, socket } = await world.join(served);
        const watched = world.watch("client", client, "disconnect");
        world.watch("server", socket, "disconnect");
        const attempts = inbox(client.io, "reconnect_attempt");
        await served.io.close();
        await watched.next("disconnect");
        await attempts.next();
        world.note("client", client.active);
      },
      mutation: inClient('const details = "websocket connection closed";', 'const details = "closed";'),
    },
  ],
};
