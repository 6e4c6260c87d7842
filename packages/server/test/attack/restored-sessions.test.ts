import { Adapter, type AdapterLike, type RestoredSession } from "@hawser/adapter";
import type { RawClient } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import type { ServerOptions, Socket } from "../../src/index.ts";
import { nextEvent, TestServer, until } from "../fixture.ts";
import { expectNothingUncaught } from "./scene.ts";

expectNothingUncaught();

const session = { sid: "lost socket", pid: "lost", rooms: ["a"], data: {}, missedPackets: [["x", 1, "offset"]] };

/** Options of a server whose adapter finds in its store what `restore` says. */
function storing(restore: AdapterLike["restoreSession"]): Partial<ServerOptions> {
  class StoringAdapter extends Adapter {
    override restoreSession(...args: [string, string | undefined]): Promise<RestoredSession | null | undefined> {
      return restore(...args);
    }
  }
  return { connectionStateRecovery: {}, adapter: StoringAdapter };
}

/** A client asks for the session that it had. */
function comeBack(client: RawClient): Promise<{ sid: string; pid?: string }> {
  return client.join("/", { pid: "lost", offset: "1" });
}

describe("what an adapter restores, whatever is in its store,", () => {
  it.each<[string, unknown]>([
    ["a number", 7],
    ["a text", "session"],
    ["no id", { ...session, sid: undefined }],
    ["an id that is no text", { ...session, sid: 5 }],
    ["no private id", { ...session, pid: "" }],
    ["no rooms", { ...session, rooms: undefined }],
    ["rooms that are none", { ...session, rooms: [{}] }],
    ["no list of what was missed", { ...session, missedPackets: undefined }],
    ["no event among what was missed", { ...session, missedPackets: ["x"] }],
    ["an event without a name", { ...session, missedPackets: [[]] }],
    ["an event that clients may not be sent", { ...session, missedPackets: [["disconnect"]] }],
  ])("is not used if it is no session: %s", async (_title, found) => {
    const server = await TestServer.start(storing(() => Promise.resolve(found as RestoredSession)));
    const error = nextEvent(server.io, "handler_error");
    const { sid, pid } = await comeBack(await server.connect());
    expect([sid === session.sid, pid === session.pid]).toEqual([false, false]);
    expect((await error)[0]).toMatchObject({ code: "ERR_RESTORED_SESSION" });
  });

  it("costs the event that can't be encoded, and nothing else", async () => {
    const missedPackets = [["a"], ["b", 1n], ["c"]];
    const server = await TestServer.start(storing(() => Promise.resolve({ ...session, missedPackets })));
    const error = nextEvent(server.io, "handler_error");
    const client = await server.connect();
    expect(await comeBack(client)).toEqual({ sid: session.sid, pid: session.pid });
    expect([await client.next(), await client.next()]).toEqual(['42["a"]', '42["c"]']);
    expect((await error)[0]).toBeInstanceOf(TypeError);
  });
});

/** A server whose store answers when the test says so; by then the sessions that were asked for are there to be had. */
async function slowStore(options: Partial<ServerOptions> = {}): Promise<{
  server: TestServer;
  answer(): void;
  asked(count: number): Promise<void>;
}> {
  const waiting: (() => void)[] = [];
  const restore = (): Promise<RestoredSession> =>
    new Promise((resolve) => waiting.push(() => resolve({ ...session, missedPackets: [] })));
  const server = await TestServer.start({ ...storing(restore), ...options });
  return {
    server,
    answer: () => waiting.splice(0).forEach((settle) => settle()),
    asked: (count) => until(() => waiting.length === count),
  };
}

describe("one session that two connections ask for at once", () => {
  it("is the one's that is let in last, and the other connection ends", async () => {
    const { server, answer, asked } = await slowStore();
    const sockets: Socket[] = [];
    server.io.on("connection", (socket) => sockets.push(socket));
    const clients = [await server.connect(), await server.connect()] as const;
    for (const client of clients) {
      await client.send('40{"pid":"lost","offset":"1"}');
    }
    await asked(2);
    answer();
    await clients[1].next(/^40/);
    await until(() => server.io.engine.clientsCount === 1);
    const [former, present] = sockets as [Socket, Socket];
    expect([former.connected, present.connected]).toEqual([false, true]);
    expect([...server.io.sockets.sockets.values()]).toEqual([present]);
    server.io.to("a").emit("to the room");
    expect(await clients[1].next(/^42/)).toBe('42["to the room"]');
  });

  it("also while middlewares look at them", async () => {
    const { server, answer, asked } = await slowStore({ connectionStateRecovery: { skipMiddlewares: false } });
    const waiting: (() => void)[] = [];
    server.io.use((_socket, next) => void waiting.push(next));
    const clients = [await server.connect(), await server.connect()] as const;
    for (const client of clients) {
      await client.send('40{"pid":"lost","offset":"1"}');
    }
    await asked(2);
    answer();
    await until(() => waiting.length === 2);
    waiting.forEach((next) => next());
    await clients[1].next(/^40/);
    await until(() => server.io.engine.clientsCount === 1);
    expect([...server.io.sockets.sockets.keys()]).toEqual([session.sid]);
    server.io.to("a").emit("to the room");
    expect(await clients[1].next(/^42/)).toBe('42["to the room"]');
  });

  it("leaves alone whom a middleware kept out: that has it no more", async () => {
    const options = storing(() => Promise.resolve({ ...session, missedPackets: [] }));
    const server = await TestServer.start({ ...options, connectionStateRecovery: { skipMiddlewares: false } });
    server.io.use((_socket, next) => next(new Error("no")));
    const [first, second] = [await server.connect(), await server.connect()];
    for (const client of [first, second]) {
      await expect(comeBack(client)).rejects.toThrow("no");
    }
    server.io.of("/else");
    expect(await first.join("/else")).toHaveProperty("sid");
  });

  it("leaves alone who has the id by another private one", async () => {
    let pid = "first";
    const server = await TestServer.start(storing(() => Promise.resolve({ ...session, pid })));
    const [first, second] = [await server.connect(), await server.connect()];
    expect(await first.join("/", { pid, offset: "1" })).toMatchObject({ sid: session.sid });
    pid = "second";
    const error = nextEvent(server.io, "handler_error");
    expect((await second.join("/", { pid, offset: "1" })).sid).not.toBe(session.sid);
    expect((await error)[0]).toMatchObject({ code: "ERR_RESTORED_SESSION" });
    server.io.to("a").emit("to the room");
    expect(await first.next(/^42\["to/)).toBe('42["to the room"]');
  });
});
