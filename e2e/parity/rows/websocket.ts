/** WebSockets and the upgrade to them, as the server sees them. */

import { inCore, inServer, type Topic } from "../row.ts";
import { inbox, until } from "../../harness/waiting.ts";
import { upgradeRequest, WEBSOCKET_HANDSHAKE } from "../requests.ts";

export const websocket: Topic = {
  title: "WebSocket and upgrade (server)",
  rows: [
    {
      id: "websocket-handshake",
      api: "a session that begins on a WebSocket",
      how: "101, then the OPEN packet without upgrades, in one frame.",
      async run(world) {
        const { port, url } = await world.serve();
        const tcp = await world.tcp(port);
        tcp.write(WEBSOCKET_HANDSHAKE);
        world.note("tcp", (await tcp.until("\r\n\r\n")).split("\r\n").sort());
        const raw = world.raw(url);
        raw.webSocket = await raw.openWebSocket();
        world.note("raw", await raw.next());
      },
      mutation: inServer('allowUpgrades && transport === "polling"', "allowUpgrades"),
    },
    {
      id: "websocket-frames",
      api: "packets over a WebSocket",
      how: "One packet in one frame, text or binary; binary is a message without a type.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        socket.on("echo", (...args) => socket.emit("echoed", ...args));
        await raw.send('42["echo",1]', '451-["echo",{"_placeholder":true,"num":0}]', Buffer.from([1, 2]));
        for (let count = 0; count < 3; count++) world.note("raw", await raw.next());
        await raw.send('451-["echo",{"_placeholder":true,"num":0}]', "bAwQ=");
        for (let count = 0; count < 2; count++) world.note("raw", await raw.next());
      },
      mutation: inServer('typeof data === "string" ? textFrame(data) : binaryFrame(data)', "textFrame(String(data))"),
    },
    {
      id: "websocket-large-frames",
      api: "frames of all sizes",
      how: "Frames are built with the three forms of length that RFC 6455 has.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served);
        for (const size of [0, 100, 117, 118, 200, 65_525, 65_526, 65_528, 200_000]) {
          socket.emit("x", "a".repeat(size));
          world.note("raw", size, String(await raw.next()).length);
        }
      },
      mutation: inServer("} else if (payloadLength < 65536) {", "} else if (payloadLength < 65540) {"),
    },
    {
      id: "websocket-base64",
      api: "`b64=1` on a WebSocket",
      how: "The client asks for binary as base64 text.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.rawPair(served, "websocket", { query: { b64: "1" } });
        socket.emit("file", Buffer.from([1, 2, 3]));
        world.note("raw", await raw.next(), await raw.next());
      },
      mutation: inServer('revisionOf(request), !queryOf(request)["b64"]', "revisionOf(request), true"),
    },
    {
      id: "upgrade-sequence",
      api: "the upgrade from polling to a WebSocket",
      how: "`2probe`, `3probe`, then `5` adopts the WebSocket; what waits leaves there, in order.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const upgraded = world.watch("conn", socket.conn, "upgrading", "upgrade");
        socket.emit("before");
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        world.note("websocket", await raw.next("3probe"));
        world.note("conn", socket.conn.transport.name, socket.conn.upgraded);
        world.note("get", (await raw.get()).body);
        socket.emit("meanwhile");
        world.note("get", (await raw.get()).body);
        socket.emit("last");
        webSocket.send("5");
        await upgraded.next("upgrade");
        socket.emit("after");
        world.note("conn", socket.conn.transport.name, socket.conn.upgraded);
        for (const event of ["last", "after"]) world.note("websocket", await raw.next(`42["${event}"]`));
      },
      mutation: inServer('transport.name !== "polling"', 'transport.name === "polling"'),
    },
    {
      id: "upgrade-releases-get",
      api: "a GET that waits during an upgrade",
      how: "It is answered with `6`, so that the client finds itself with nothing in flight.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const waiting = raw.get();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        world.noteResponse("get", await waiting);
        webSocket.send("5");
        const received = inbox(socket, "x");
        webSocket.send('42["x"]');
        world.note("socket", await received.next(), socket.conn.transport.name);
      },
      mutation: inCore("old.send([NOOP]);", "old.send([CLOSE]);"),
    },
    {
      id: "upgrade-get-at-switch",
      api: "a GET that waits when `5` arrives",
      how: "Polling is let go of: the GET gets `1`.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const upgraded = inbox(socket.conn, "upgrade");
        const webSocket = await raw.openWebSocket();
        const waiting = raw.get();
        await until(() => socket.conn.transport.writable, "a waiting poll");
        // Without a probe, which would release it.
        webSocket.send("5");
        world.note("get", (await waiting).body);
        await upgraded.next();
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inServer(
        'this.#state = "closed";\n\t\tif (this.#poll) {\n\t\t\tthis.send([CLOSE]);\n\t\t}\n\t\tthis.#dropPost();\n\t}',
        'this.#state = "closed";\n\t\tif (this.#poll) {\n\t\t\tthis.send([NOOP]);\n\t\t}\n\t\tthis.#dropPost();\n\t}',
      ),
    },
    {
      id: "upgrade-wrong-packet",
      api: "something else than a probe on the probing WebSocket",
      how: "That WebSocket alone is closed; the session stays on polling and may be probed again.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        for (const frame of ['42["x"]', "2", "3probe", "2probes"]) {
          const webSocket = await raw.openWebSocket();
          webSocket.send(frame);
          world.note(frame, await webSocket.closed);
        }
        world.note("socket", socket.connected, socket.conn.transport.name);
        const upgraded = inbox(socket.conn, "upgrade");
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        webSocket.send("5");
        await upgraded.next();
        world.note("socket", socket.conn.transport.name);
      },
      mutation: inCore('packet.type === "ping" && packet.data === "probe"', 'packet.type === "ping"'),
    },
    {
      id: "upgrade-timeout",
      api: "option `upgradeTimeout`",
      how: "A WebSocket that does not finish the upgrade in time is closed; the session stays where it is.",
      async run(world) {
        const served = await world.serve({ upgradeTimeout: 1_000 });
        const { raw, socket } = await world.handPolled(served);
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        world.note("websocket", await webSocket.closed);
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inServer("return opts.upgradeTimeout;", "return 60_000;"),
    },
    {
      id: "upgrade-abandoned",
      api: "a probing WebSocket that goes away",
      how: "The session goes on over polling and may be probed again.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const upgrading = inbox(socket.conn, "upgrading");
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        await upgrading.next();
        webSocket.terminate();
        await webSocket.closed;
        socket.emit("still here");
        world.note("get", (await raw.get()).body);
        const received = inbox(socket, "x");
        await raw.post('42["x"]');
        world.note("socket", await received.next(), socket.conn.transport.name);
      },
      mutation: inCore("this.transport.resume?.();", 'this.abort("transport close");'),
    },
    {
      id: "upgrade-second-websocket",
      api: "a second WebSocket for a session",
      how: "Refused; the session is not affected.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const first = await raw.openWebSocket();
        first.send("2probe");
        await raw.next("3probe");
        const tcp = await world.tcp(served.port);
        tcp.write(upgradeRequest(`/socket.io/?EIO=4&transport=websocket&sid=${raw.sid}`));
        world.note("second", (await tcp.until("\r\n")).trim());
        const upgraded = inbox(socket.conn, "upgrade");
        first.send("5");
        await upgraded.next();
        world.note("socket", socket.connected, socket.conn.transport.name);
      },
      mutation: inServer("!session.mayUpgradeTo(transport) ? reject", "false ? reject"),
      differs: {
        id: "websocket-refusals",
        official: ["second: HTTP/1.1 101 Switching Protocols", 'socket: true "websocket"'],
        hawser: ["second: HTTP/1.1 400 Bad Request", 'socket: true "websocket"'],
      },
    },
    {
      id: "upgrade-of-websocket-session",
      api: "a second WebSocket for a session that began on a WebSocket",
      how: "Refused: only a session on polling may be moved.",
      async run(world) {
        const served = await world.serve();
        const { raw } = await world.rawPair(served);
        const tcp = await world.tcp(served.port);
        tcp.write(upgradeRequest(`/socket.io/?EIO=4&transport=websocket&sid=${raw.sid}`));
        world.note("second", (await tcp.until("\r\n")).trim());
      },
      mutation: inServer('current !== "polling" ||', ""),
      differs: {
        id: "second-websocket",
        official: ["second: HTTP/1.1 101 Switching Protocols"],
        hawser: ["second: HTTP/1.1 400 Bad Request"],
      },
    },
    {
      id: "upgrade-session-closes",
      api: "a session that ends while it is upgraded",
      how: "The probing WebSocket is closed with it.",
      async run(world) {
        const served = await world.serve();
        const { raw, socket } = await world.handPolled(served);
        const left = inbox(socket, "disconnect");
        const webSocket = await raw.openWebSocket();
        webSocket.send("2probe");
        await raw.next("3probe");
        await raw.post("1");
        world.note("socket", await left.next());
        world.note("websocket", await webSocket.closed);
      },
      mutation: inCore("this.$heartbeat?.stop();\n\t\tthis.$abandonUpgrades();", "this.$heartbeat?.stop();"),
    },
  ],
};
