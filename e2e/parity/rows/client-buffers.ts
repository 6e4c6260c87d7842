/** Events that wait at the client. */

import { inCore, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { openPacket } from "../script.ts";

export const clientBuffers: Topic = {
  title: "Buffers and volatile events (client)",
  rows: [
    {
      id: "buffer-before-connect",
      api: "`emit()` before the socket is connected, `sendBuffer`",
      how: "Events wait in the link's buffer and leave in order, before the `connect` listeners run.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        client.emit("one", 1);
        client.emit("file", Buffer.from([1]));
        client.emit("two");
        world.note("client", client.sendBuffer.length);
        client.on("connect", () => {
          world.note("client", "connect", client.sendBuffer.length);
          client.emit("in connect");
        });
        const session = await script.session();
        world.note("server", await session.next());
        session.send('40{"sid":"the-socket"}');
        for (let count = 0; count < 5; count++) world.note("server", await session.next());
      },
      mutation: inCore("this.sendBuffer.push({", "this.sendBuffer.unshift({"),
    },
    {
      id: "buffer-while-reconnecting",
      api: "`emit()` while the connection is down",
      how: "The event waits for the next connection.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        await inbox(client, "connect").next();
        session.terminate();
        await inbox(client, "disconnect").next();
        client.emit("meanwhile", 1);
        world.note("client", client.sendBuffer.length, client.connected);
        const again = await script.session();
        await again.next();
        again.send('40{"sid":"two"}');
        world.note("server", await again.next());
      },
      mutation: inCore('return this.$state === "connected" && this.$port.alive();', "return true;"),
    },
    {
      id: "buffer-cleared",
      api: "clearing `sendBuffer`",
      how: "What is taken out of the array is not sent.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        client.emit("unwanted");
        client.sendBuffer = [];
        client.emit("wanted");
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}');
        world.note("server", await session.next());
      },
      mutation: inCore(
        "this.sendBuffer = [];\n\t\tthis.$receiveBuffer = [];",
        "Object.defineProperty(this, 'sendBuffer', { value: [], writable: false });\n\t\tthis.$receiveBuffer = [];",
      ),
    },
    {
      id: "buffer-received-early",
      api: "events that arrive before CONNECT",
      how: "They wait, and are delivered once the socket is connected, before `connect` is emitted.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const watched = world.watch("client", client, "connect", "early", "late");
        client.onAny((event) => world.note("client", "any", event, client.connected));
        const session = await script.session();
        await session.next();
        session.send('42["early",1]', '421["early",2]', '40{"sid":"one"}', '42["late",3]');
        await watched.next("late");
      },
      mutation: inCore("this.$receiveBuffer.push(packet);", ""),
    },
    {
      id: "volatile-client",
      api: "`socket.volatile` at the client",
      how: "Dropped while there is no writable transport; buffered while the namespace is joined.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const connects = inbox(client, "connect");
        client.volatile.emit("dropped");
        world.note("client", client.sendBuffer.length);
        const session = await script.session();
        world.note("server", await session.next());
        client.volatile.emit("kept");
        world.note("client", client.sendBuffer.length);
        session.send('40{"sid":"one"}');
        world.note("server", await session.next());
        await connects.next();
        client.volatile.emit("sent", 1);
        client.emit("lasting");
        world.note("server", await session.next(), await session.next());
      },
      mutation: inCore(
        "if (flags.volatile && !this.$port.writable) {\n\t\t\tthis.$abandonAck(packet);\n\t\t} else if (!this.sendBuffer[0]",
        "if (flags.volatile && !this.$canSend()) {\n\t\t\tthis.$abandonAck(packet);\n\t\t} else if (!this.sendBuffer[0]",
      ),
    },
    {
      id: "volatile-after-disconnect",
      api: "`socket.volatile` after `socket.disconnect()`",
      how: "It can't leave at once, and so is dropped.",
      async run(world) {
        const { url } = await world.serve();
        const client = world.connect(url, { transports: ["websocket"] });
        await inbox(client, "connect").next();
        const closes = inbox(client.io.engine, "close");
        client.disconnect();
        await closes.next();
        client.volatile.emit("x");
        world.note("client", client.sendBuffer.length);
      },
      mutation: inCore(
        "if (flags.volatile && !this.$port.writable) {\n\t\t\tthis.$abandonAck(packet);\n\t\t} else if (!this.sendBuffer[0]",
        "if (false) {\n\t\t\tthis.$abandonAck(packet);\n\t\t} else if (!this.sendBuffer[0]",
      ),
      differs: { id: "volatile-after-disconnect", official: ["client: 1"], hawser: ["client: 0"] },
    },
    {
      id: "buffer-polling-chunks",
      api: "`maxPayload` and what a client sends over polling",
      how: "A POST takes as many packets as fit into the server's limit, and at least one.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { transports: ["polling"], forceNew: true });
        for (const size of [30, 30, 30, 200, 10, 10]) client.emit("x", "ü".repeat(size / 2));
        client.emit("y", Buffer.alloc(40));
        const open = await script.request();
        open.answer(200, openPacket({ maxPayload: 100 }));
        const get = await script.request();
        const post = get.method === "POST" ? get : await script.request();
        const poll = get.method === "POST" ? await script.request() : get;
        world.note("post", post.body);
        post.answer(200, "ok");
        poll.answer(200, '40{"sid":"one"}');
        let left = 8;
        while (left > 0) {
          const exchange = await script.request();
          if (exchange.method === "GET") continue;
          const packets = exchange.body.split("\x1e");
          const fits = packets.length === 1 || Buffer.byteLength(exchange.body) <= 100;
          for (const packet of packets) world.note("packet", packet, fits);
          left -= packets.length;
          exchange.answer(200, "ok");
        }
      },
      mutation: inCore("if (index > 0 && size > maxPayload) {", "if (false) {"),
    },
  ],
};
