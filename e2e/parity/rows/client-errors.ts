/** `connect_error`: why a client could not connect. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { openPacket } from "../script.ts";

export const clientErrors: Topic = {
  title: "connect_error (client)",
  rows: [
    {
      id: "error-refused-by-middleware",
      api: "`connect_error` from a middleware",
      how: "An error with the server's message and data; the socket becomes inactive.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "connect_error", "disconnect");
        const session = await script.session();
        await session.next();
        session.send('44{"message":"not authorized","data":{"code":7}}');
        await watched.next("connect_error");
        world.note("client", client.active, client.connected);
        await session.closed();
        client.connect();
        const again = await script.session();
        await again.next();
        again.send('44{"message":"no data"}');
        const [error] = await watched.next("connect_error");
        world.note("client", error instanceof Error, "data" in error && error.data !== undefined);
      },
      mutation: inCore("$receiveRefusal(data) {", "$receiveRefusal({ message }, data = { message }) {"),
    },
    {
      id: "error-refused-one-of-two",
      api: "a namespace that is refused beside one that is not",
      how: "Only that socket becomes inactive; the connection stays.",
      async run(world) {
        const served = await world.serve();
        const shared = { forceNew: false };
        const good = world.connect(served.url, shared);
        const bad = world.connect(`${served.url}/nowhere`, shared);
        const watched = world.watch("bad", bad, "connect_error");
        await watched.next("connect_error");
        if (!good.connected) await inbox(good, "connect").next();
        world.note("both", good.active, bad.active, good.connected, good.io === bad.io);
      },
      mutation: inClient(
        "for (const socket of this.$sockets.values()) {\n\t\t\tif (socket.active) {",
        "for (const socket of this.$sockets.values()) {\n\t\t\tif (false) {",
      ),
    },
    {
      id: "error-websocket",
      api: "`connect_error` of a WebSocket",
      how: "`websocket error` of the type TransportError; the socket stays active.",
      async run(world) {
        const script = await world.script();
        const { url } = script;
        await script.close();
        const client = world.connect(url, { reconnection: false });
        const [error] = await world.watch("client", client, "connect_error").next("connect_error");
        world.note("client", client.active, error instanceof Error, error.type, typeof error.description);
      },
      mutation: inClient('new TransportError("websocket error"', 'new TransportError("websocket failed"'),
    },
    {
      id: "error-polling-statuses",
      api: "`connect_error` of polling",
      how: "`xhr poll error` with the status as description, and the response for a closer look.",
      async run(world) {
        const script = await world.script();
        // First, for a connection that was used before may break by chance, and is tried again.
        const broken = inbox(
          world.connect(script.url, { transports: ["polling"], reconnection: false }),
          "connect_error",
        );
        (await script.request()).destroy();
        const [failure] = await broken.next();
        world.note("broken", failure.message, failure.type);
        for (const status of [400, 403, 500, 204, 404]) {
          const client = world.connect(script.url, { transports: ["polling"], reconnection: false });
          const watched = inbox(client, "connect_error");
          (await script.request()).answer(status, "the body");
          const [error] = await watched.next();
          world.note(`${status}`, error, error.context?.status);
        }
      },
      mutation: inClient('"xhr poll error"', '"fetch poll error"'),
    },
    {
      id: "error-handshake-garbage",
      api: "a handshake that is none",
      how: "What can't be understood is an error of the connection, not an exception.",
      async run(world) {
        const script = await world.script();
        for (const body of ["", "x", "4x"]) {
          const client = world.connect(script.url, { transports: ["polling"], reconnection: false, timeout: 800 });
          const watched = inbox(client, "connect_error");
          (await script.request()).answer(200, body);
          const [error] = await watched.next();
          world.note(JSON.stringify(body), error instanceof Error);
          client.disconnect();
        }
      },
      mutation: inClient('this.$end("transport error", violation);', "throw violation;"),
    },
    {
      id: "error-before-connect",
      api: "a connection that is lost before the socket is connected",
      how: "`connect_error`, not `disconnect`; the socket stays active and the Manager reconnects.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "connect_error", "disconnect");
        const session = await script.session();
        await session.next();
        session.close();
        const again = await script.session();
        await again.next();
        again.send('40{"sid":"one"}');
        await watched.next("connect");
      },
      mutation: inCore("this.$handler.onLinkLost?.(reason, cause);", ""),
      differs: {
        id: "lost-before-connect",
        official: ['client: disconnect "transport close" details("websocket connection closed")', "client: connect"],
        hawser: ['client: connect_error details("websocket connection closed")', "client: connect"],
      },
    },
    {
      id: "error-recoverable",
      api: "`connect_error`, then a server that comes up",
      how: "Attempts go on until one succeeds.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"] });
        const watched = world.watch("client", client, "connect", "connect_error");
        for (let refusals = 0; refusals < 3; refusals++) (await script.request()).answer(503);
        (await script.request()).answer(200, openPacket());
        let connected = false;
        void watched.next("connect").then(() => (connected = true));
        while (!connected) {
          const exchange = await script.request();
          if (exchange.method === "POST") exchange.answer(200, "ok");
          else {
            exchange.answer(200, '40{"sid":"one"}');
            break;
          }
        }
        await inbox(client, "connect")
          .next()
          .catch(() => {});
        world.note("client", client.connected);
      },
      mutation: inClient(
        '} else if (this._readyState === "closed") {\n\t\t\tthis.$reconnection.lost();\n\t\t}\n\t\tif (state',
        "}\n\t\tif (state",
      ),
    },
    {
      id: "error-old-server",
      api: "a server of Socket.IO 2",
      how: "A CONNECT without `sid` is a `connect_error` that explains itself.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { reconnection: false });
        const watched = world.watch("client", client, "connect", "connect_error");
        const session = await script.session();
        await session.next();
        session.send("40");
        await watched.next("connect_error");
        world.note("client", client.connected, client.active);
      },
      mutation: inCore("It seems you are trying to reach", "You are trying to reach"),
      differs: {
        id: "v2-servers",
        official: [
          'client: connect_error Error("It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible (more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)")',
          "client: false true",
        ],
        hawser: [
          'client: connect_error Error("It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible (more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)")',
          "client: false false",
        ],
      },
    },
  ],
};
