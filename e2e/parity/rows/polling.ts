/** HTTP long-polling, as the server sees it. */

import { inCore, inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";

export const polling: Topic = {
  title: "Polling (server)",
  rows: [
    {
      id: "polling-handshake",
      api: "the polling handshake",
      how: "The answer to the first GET is the OPEN packet, with its keys in their order.",
      async run(world) {
        const { url } = await world.serve({ pingInterval: 1_000, pingTimeout: 2_000, maxHttpBufferSize: 3_000 });
        const raw = world.raw(url);
        world.noteResponse("get", await raw.get());
      },
      mutation: inCore(
        "sid,\n\t\tupgrades,\n\t\tpingInterval,\n\t\tpingTimeout,\n\t\tmaxPayload\n\t});",
        "sid,\n\t\tupgrades,\n\t\tpingTimeout,\n\t\tpingInterval,\n\t\tmaxPayload\n\t});",
      ),
    },
    {
      id: "polling-get-post",
      api: "GET and POST of a session",
      how: "A GET takes what waits, or waits; a POST is answered `ok` once its packets are processed.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        socket.on("echo", (...args) => socket.emit("echoed", ...args));
        socket.emit("one");
        socket.emit("two", 2);
        world.noteResponse("get", await raw.get());
        const waiting = raw.get();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        world.noteResponse("post", await raw.post('42["echo","ü"]'));
        world.noteResponse("get", await waiting);
        await raw.post('42["echo",1]\x1e42["echo",2]');
        world.note("get", (await raw.get()).body);
      },
      mutation: inServer(
        'this.#answer(exchange, 200, "ok", "text/html");',
        'this.#answer(exchange, 200, "OK", "text/html");',
      ),
    },
    {
      id: "polling-other-methods",
      api: "other methods on a live session",
      how: "They are answered with 500 and do no harm.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        for (const method of ["PUT", "OPTIONS", "DELETE", "HEAD"])
          world.noteResponse(method, await raw.request({ method }));
        world.note("socket", socket.connected);
      },
      mutation: inServer("}, 500);", "}, 501);"),
    },
    {
      id: "polling-parallel-gets",
      api: "two GETs at once",
      how: "The second is answered with 400 and ends the session; the first gets `1`.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = inbox(socket, "disconnect");
        const first = raw.get();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        world.noteResponse("second", await raw.get());
        world.noteResponse("first", await first);
        world.note("socket", (await left.next())[0]);
        world.noteResponse("then", await raw.get());
      },
      mutation: inServer('this.#fail("overlap from client");', ""),
    },
    {
      id: "polling-parallel-posts",
      api: "two POSTs at once",
      how: "The second is answered with 400 and ends the session.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = inbox(socket, "disconnect");
        const { pathname, search } = raw.url({ transport: "polling" });
        const tcp = await world.tcp(served.port);
        tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n42`);
        const half = inbox(served.http, "request");
        await half.next();
        await new Promise((resolve) => setImmediate(resolve));
        world.noteResponse("second", await raw.post('42["x"]'));
        world.note("socket", (await left.next())[0]);
      },
      mutation: inServer('this.#fail("data request overlap from client");', ""),
    },
    {
      id: "polling-octet-stream",
      api: "a POST of `application/octet-stream`",
      how: "Protocol 4 has no such payload: 400, and the session ends.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = inbox(socket, "disconnect");
        world.noteResponse("post", await raw.post("x", { headers: { "content-type": "application/octet-stream" } }));
        world.note("socket", (await left.next())[0]);
      },
      mutation: inServer('=== "application/octet-stream"', '=== "application/octet"'),
    },
    {
      id: "polling-too-large",
      api: "option `maxHttpBufferSize` over polling",
      how: "413, whether the length was announced or not; the session lives on.",
      async run(world) {
        const served = await world.serve({ maxHttpBufferSize: 50 });
        const { raw, socket } = await world.handPolled(served);
        world.noteResponse("announced", await raw.post("4".repeat(51)));
        const { pathname, search } = raw.url({ transport: "polling" });
        const tcp = await world.tcp(served.port);
        const head = `POST ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`;
        tcp.write(`${head}33\r\n${"4".repeat(51)}\r\n0\r\n\r\n`);
        world.note("chunked", (await tcp.until("\r\n")).trim());
        const received = inbox(socket, "x");
        world.noteResponse("then", await raw.post(`42["x","${"a".repeat(40)}"]`));
        world.note("socket", socket.connected, (await received.next())[0].length);
      },
      mutation: inServer("(post, 413);", "(post, 400);"),
    },
    {
      id: "polling-garbage",
      api: "an undecodable POST",
      how: "It is answered `ok`; packets before the bad one are handled, and the session ends with `parse error`.",
      async run(world) {
        const served = await world.serve();
        for (const body of ["", "x", '42["fine"]\x1e\x1e42["lost"]', '42["fine"]\x1ey']) {
          const { raw, socket } = await world.handPolled(served);
          const left = inbox(socket, "disconnect");
          world.noteResponse(JSON.stringify(body), await raw.post(body));
          world.note(JSON.stringify(body), (await left.next())[0]);
          world.note(JSON.stringify(body), (await raw.get()).body);
        }
      },
      mutation: inServer('this.#close("parse error", error);', 'this.#close("transport error", error);'),
    },
    {
      id: "polling-post-aborted",
      api: "a POST that breaks off",
      how: "The session ends as by an error of the transport.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = world.watch("socket", socket, "disconnect");
        const { pathname, search } = raw.url({ transport: "polling" });
        const requests = inbox(served.http, "request");
        const tcp = await world.tcp(served.port);
        tcp.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n42`);
        await requests.next();
        await new Promise((resolve) => setImmediate(resolve));
        tcp.reset();
        await left.next("disconnect");
      },
      mutation: inServer('"data request connection closed prematurely"', '"data request closed"'),
    },
    {
      id: "polling-ping",
      api: "the heartbeat over polling",
      how: "A waiting GET is answered with the ping; the pong comes by POST.",
      async run(world) {
        const served = await world.serve({ pingInterval: 500, pingTimeout: 4_000 });
        const { raw, socket } = await world.handPolled(served);
        const beats = inbox(socket.conn, "heartbeat");
        for (let beat = 0; beat < 2; beat++) {
          world.note("get", (await raw.get()).body);
          await raw.post("3");
          await beats.next();
        }
      },
      mutation: inCore('const PING = { type: "ping" };', 'const PING = { type: "noop" };'),
    },
    {
      id: "polling-unicode",
      api: "text of any kind in payloads",
      how: "Payloads are UTF-8; lengths are counted in bytes.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const received = inbox(socket, "text");
        const text = 'ünïcödé 🚢 \u2028 \u0000 \\ "';
        await raw.post(`42${JSON.stringify(["text", text])}`);
        world.note("socket", await received.next());
        socket.emit("text", text);
        world.noteResponse("get", await raw.get());
      },
      mutation: inServer('"Content-Length": Buffer.byteLength(body)', '"Content-Length": body.length'),
    },
  ],
};
