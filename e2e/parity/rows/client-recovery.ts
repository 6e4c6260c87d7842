/** Connection state recovery, as a client does it. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";

export const clientRecovery: Topic = {
  title: "Connection state recovery (client)",
  rows: [
    {
      id: "client-recovery-asks",
      api: "what a client tells a server that offers recovery",
      how: "CONNECT carries the private id and the last offset, below what `auth` says.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { auth: { token: "t" } });
        const watched = world.watch("client", client, "connect", "disconnect", "x");
        const session = await script.session();
        world.note("server", await session.next());
        session.send('40{"sid":"one","pid":"private"}', '42["x",1,"offset-1"]', '42["x",2,"offset-2"]');
        await watched.next("x");
        await watched.next("x");
        session.terminate();
        const again = await script.session();
        world.note("server", await again.next());
        again.send('42["x",3,"offset-3"]', '40{"sid":"one","pid":"private"}', '42["x",4,"offset-4"]');
        await watched.next("x");
        await watched.next("x");
        world.note("client", client.recovered, client.id);
        again.terminate();
        const third = await script.session();
        world.note("server", await third.next());
        third.send('40{"sid":"three","pid":"another"}');
        await watched.next("connect");
        await watched.next("connect");
        await watched.next("connect");
        world.note("client", client.recovered, client.id);
      },
      mutation: inClient("offset: this.$lastOffset,", ""),
    },
    {
      id: "client-recovery-auth-wins",
      api: "`auth` with a `pid` of its own",
      how: "What the application says goes over what the client remembers.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url, { auth: { pid: "mine" } });
        const session = await script.session();
        world.note("server", await session.next());
        session.send('40{"sid":"one","pid":"private"}', '42["x","offset"]');
        await inbox(client, "x").next();
        session.terminate();
        world.note("server", await (await script.session()).next());
      },
      mutation: inClient("offset: this.$lastOffset,\n\t\t\t\t...auth", "offset: this.$lastOffset"),
    },
    {
      id: "client-recovery-not-offered",
      api: "a server without recovery",
      how: "Texts at the end of events are no offsets then.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const session = await script.session();
        await session.next();
        session.send('40{"sid":"one"}', '42["x","text"]');
        await inbox(client, "x").next();
        session.terminate();
        world.note("server", await (await script.session()).next());
      },
      mutation: inClient("this.$link.connect(pid ?", "this.$link.connect(true ?"),
    },
    {
      id: "client-recovery-whole",
      api: "recovery at both ends",
      how: "After a cut the client has its id, rooms and data, and gets what it missed before `connect`.",
      async run(world) {
        const served = await world.serve({ connectionStateRecovery: {} });
        const { client, socket } = await world.join(served);
        const { id } = socket;
        await socket.join("deck");
        socket.data.name = "ada";
        client.on("news", (text: string) => world.note("client", "news", text, client.connected));
        const first = inbox(client, "news");
        served.io.emit("news", "first");
        await first.next();
        const connections = inbox(served.io, "connection");
        const left = inbox(socket, "disconnect");
        const connects = world.watch("client", client, "connect");
        (client.io.engine.transport as unknown as { close(): void }).close();
        await left.next();
        served.io.to("deck").emit("news", "missed");
        const [again] = await connections.next();
        await connects.next("connect");
        world.note("client", client.recovered, client.id === id);
        world.note("server", again.recovered, again.id === id, again.data, again.rooms.has("deck"));
      },
      mutation: inCore("this.$receiveBuffer.push(packet);", ""),
    },
  ],
};
