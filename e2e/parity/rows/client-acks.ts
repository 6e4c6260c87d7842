/** Acknowledgements at the client: answers, time limits, retries. */

import { inClient, inCore, type Topic } from "../row.ts";
import { inbox, Inbox } from "../../harness/waiting.ts";
import type { ScriptedServer, ScriptedWebSocket } from "../script.ts";
import type { ClientOptions, World } from "../world.ts";

/** A client that is connected to a scripted server. */
async function connected(world: World, options: ClientOptions = {}) {
  const script = await world.script();
  const client = world.connect(script.url, options);
  const session = await accept(script);
  await inbox(client, "connect").next();
  return { script, client, session };
}

/** Takes the next connection and lets its socket in. */
async function accept(script: ScriptedServer, sid = "the-socket"): Promise<ScriptedWebSocket> {
  const session = await script.session();
  await session.next();
  session.send(`40{"sid":"${sid}"}`);
  return session;
}

/** Notes what a callback gets, when it does. */
function outcome(world: World, lane: string): Inbox & { readonly callback: (...args: unknown[]) => void } {
  const box = new Inbox(lane);
  return Object.assign(box, {
    callback: (...args: unknown[]) => {
      world.note(lane, ...args.map((arg) => (typeof arg === "string" ? { answer: arg } : arg)));
      box.put(...args);
    },
  });
}

const rejection = (world: World, lane: string, promise: Promise<unknown>): Promise<void> =>
  promise.then(
    (value) => world.note(lane, "resolved", value),
    (error: unknown) => world.note(lane, "rejected", error),
  );

export const clientAcks: Topic = {
  title: "Acknowledgements and retries (client)",
  rows: [
    {
      id: "client-ack",
      api: "`socket.emit(event, …, callback)`",
      how: "Ids are counted for each socket from 0; the callback gets the first answer's arguments.",
      async run(world) {
        const { client, session } = await connected(world);
        const answer = outcome(world, "answer");
        client.emit("ask", 1, answer.callback);
        client.emit("again", answer.callback);
        world.note("server", await session.next(), await session.next());
        session.send('431["two",{"b":2}]', "430[]", '430["late"]', '437["unknown"]', '42["fence"]');
        await inbox(client, "fence").next();
        world.note("answers", answer.size);
      },
      mutation: inCore(
        "this.$pending.delete(id);\n\t\t\tthis.$deadlines.stop(pending);",
        "this.$deadlines.stop(pending);",
      ),
    },
    {
      id: "client-ack-timeout",
      api: "`socket.timeout(ms).emit()`",
      how: "The callback takes an error first: null with an answer in time, or `operation has timed out`.",
      async run(world) {
        const { client, session } = await connected(world);
        const [inTime, late] = [outcome(world, "in time"), outcome(world, "late")];
        client.timeout(5_000).emit("ask", inTime.callback);
        session.send(String(await session.next()).replace(/^420.*/, '430["x",1]'));
        await inTime.next();
        client.timeout(20).emit("ask", late.callback);
        await session.next();
        await late.next();
        session.send('431["too late"]', '42["fence"]');
        await inbox(client, "fence").next();
        client.emit("plain", outcome(world, "plain").callback);
        await session.next();
        session.send('432["no error first"]', '42["fence"]');
        await inbox(client, "fence").next();
      },
      mutation: inCore("pending.errorFirst ? [null, ...args] : args", "args"),
    },
    {
      id: "client-emit-with-ack",
      api: "`socket.emitWithAck()`",
      how: "Resolves with the first argument of the answer, or rejects after `timeout()` or a disconnection.",
      async run(world) {
        const { client, session } = await connected(world);
        const answered = client.emitWithAck("ask", 1);
        world.note("server", await session.next());
        session.send('430["first","second"]');
        await rejection(world, "answered", answered);
        await rejection(world, "timeout", client.timeout(20).emitWithAck("ask"));
        const pending = rejection(world, "disconnect", client.emitWithAck("ask"));
        client.disconnect();
        await pending;
      },
      mutation: inCore('ERR_DISCONNECTED: "socket has been disconnected"', 'ERR_DISCONNECTED: "disconnected"'),
    },
    {
      id: "client-acks-on-disconnect",
      api: "pending acknowledgements when the connection is lost",
      how: "Error-first callbacks are told; plain ones are dropped.",
      async run(world) {
        const { script, client, session } = await connected(world);
        const [plain, first] = [outcome(world, "plain"), outcome(world, "error first")];
        client.emit("plain", plain.callback);
        client.timeout(60_000).emit("first", first.callback);
        await session.next();
        await session.next();
        world.watch("client", client, "disconnect");
        session.close();
        await first.next();
        const again = await accept(script, "again");
        again.send('430["late"]', '431["late"]', '42["fence"]');
        await inbox(client, "fence").next();
        world.note("answers", plain.size, first.size);
      },
      mutation: inCore("if (pending?.errorFirst) {", "if (false) {"),
    },
    {
      id: "client-ack-buffered",
      api: "an acknowledgement for an event that waits to be sent",
      how: "The time limit counts from the call; the event is taken out of the buffer when it is over.",
      async run(world) {
        const script = await world.script();
        const client = world.connect(script.url);
        const [late, kept] = [outcome(world, "late"), outcome(world, "kept")];
        client.timeout(20).emit("late", late.callback);
        client.timeout(60_000).emit("kept", kept.callback);
        await late.next();
        world.note("buffer", client.sendBuffer.length);
        const session = await accept(script);
        const frame = String(await session.next());
        world.note("server", frame);
        session.send('431["answer"]');
        await kept.next();
      },
      mutation: inCore("this.sendBuffer = this.sendBuffer.filter((event) => event.id !== id);", ""),
    },
    {
      id: "client-ack-timeout-option",
      api: "option `ackTimeout`",
      how: "It is the time limit of every acknowledgement, whose callback then takes an error first.",
      async run(world) {
        const { client, session } = await connected(world, { ackTimeout: 1_000 });
        const [answered, late] = [outcome(world, "answered"), outcome(world, "late")];
        client.emit("ask", answered.callback);
        await session.next();
        session.send('430["x"]');
        await answered.next();
        client.emit("ask", late.callback);
        const rejected = rejection(world, "promise", client.emitWithAck("ask"));
        await late.next();
        await rejected;
        client.timeout(60_000).emit("longer", answered.callback);
        for (let question = 0; question < 3; question++) await session.next();
        session.send('433["y"]');
        await answered.next();
      },
      mutation: inClient("this.$options.ackTimeout", "undefined"),
    },
    {
      id: "retries-in-order",
      api: "option `retries`: one event at a time",
      how: "Events wait in a queue; the next one leaves when the one before is acknowledged.",
      async run(world) {
        const { client, session } = await connected(world, { retries: 2, ackTimeout: 5_000 });
        const [one, two] = [outcome(world, "one"), outcome(world, "two")];
        client.emit("one", 1, one.callback);
        client.emit("two", two.callback);
        client.emit("three");
        world.note("server", await session.next());
        session.send('42["fence"]');
        await inbox(client, "fence").next();
        world.note("server", "waiting", session.waiting);
        session.send('430["a","b"]');
        await one.next();
        world.note("server", await session.next());
        session.send("431[]");
        await two.next();
        world.note("server", await session.next());
      },
      mutation: inClient("if (this.$retries && !flags.volatile) {", "if (false) {"),
    },
    {
      id: "retries-resent",
      api: "option `retries`: an event that is not acknowledged",
      how: "It is sent again after the time limit, `retries` times at most; then the callback gets the error.",
      async run(world) {
        const { client, session } = await connected(world, { retries: 2, ackTimeout: 150 });
        const [lost, next] = [outcome(world, "lost"), outcome(world, "next")];
        client.emit("lost", 1, lost.callback);
        client.emit("next", next.callback);
        for (let tries = 0; tries < 3; tries++) world.note("server", await session.next());
        await lost.next();
        const answerNext = async (): Promise<string> => {
          const frame = String(await session.next());
          session.send(`43${frame.slice(2, frame.indexOf("["))}["fine"]`);
          return frame;
        };
        world.note("server", await answerNext());
        // It may come again before it is known to be answered.
        const again = answerNext().then(answerNext);
        await Promise.race([next.next(), again]);
      },
      mutation: inClient("event.tries > this.$retries", "event.tries > 0"),
    },
    {
      id: "retries-over-reconnection",
      api: "option `retries`: an event that is lost with the connection",
      how: "It is sent again on the next connection, before `connect` is emitted.",
      async run(world) {
        const { script, client, session } = await connected(world, { retries: 3, ackTimeout: 60_000 });
        const answer = outcome(world, "answer");
        client.emit("precious", answer.callback);
        world.note("server", await session.next());
        client.on("connect", () => client.volatile.emit("connected"));
        session.terminate();
        const again = await accept(script, "again");
        const frame = String(await again.next());
        world.note("server", frame.replace(/^42\d+/, "42<id>"));
        again.send(`43${frame.slice(2, frame.indexOf("["))}["fine"]`);
        await answer.next();
      },
      mutation: inClient("this.$retries?.sendNext();", ""),
    },
    {
      id: "retries-volatile",
      api: "option `retries` and volatile events",
      how: "Volatile events and those that may wait no longer bypass the queue.",
      async run(world) {
        const { client, session } = await connected(world, { retries: 3, ackTimeout: 60_000 });
        const anyId = async (): Promise<string> => String(await session.next()).replace(/^42\d+/, "42<id>");
        client.emit("queued");
        client.emit("queued too");
        world.note("server", await anyId());
        client.volatile.emit("bypasses", () => {});
        world.note("server", await anyId());
        session.send("430[]");
        world.note("server", await anyId());
      },
      mutation: inClient("if (this.$retries && !flags.volatile) {", "if (this.$retries) {"),
    },
  ],
};
