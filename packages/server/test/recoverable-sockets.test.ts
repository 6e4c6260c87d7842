import { Adapter, type RestoredSession, type SessionToPersist } from "@hawser/adapter";
import type { RawClient } from "@hawser/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerOptions, Socket } from "../src/index.ts";
import { nextEvent, settled, TestServer, until } from "./fixture.ts";

const ASKING: Partial<ServerOptions> = { connectionStateRecovery: { skipMiddlewares: false } };

/** What a client asks for its socket by. */
interface Lost {
  readonly sid: string;
  readonly auth: { pid: string; offset: string };
}

let server: TestServer;

/** A client that was in the room `red`, received an event, and lost its connection. */
async function lose(): Promise<Lost> {
  const { client, socket } = await server.join();
  void socket.join("red");
  socket.data.name = "ada";
  socket.emit("seen");
  const [, offset] = JSON.parse(String(await client.next(/^42/)).slice(2)) as [string, string];
  const gone = nextEvent(socket, "disconnect");
  client.webSocket?.terminate();
  await gone;
  return { sid: socket.id, auth: { pid: socket.pid as string, offset } };
}

/** A client asks for the socket that was lost. */
async function ask({ auth }: Lost): Promise<RawClient> {
  const client = await server.connect();
  await client.send(`40${JSON.stringify(auth)}`);
  return client;
}

/** The names of the events that came before CONNECT, and the id that is told there. */
async function letIn(client: RawClient): Promise<{ sid: string; missed: string[] }> {
  const missed: string[] = [];
  for (;;) {
    const frame = String(await client.next());
    if (frame.startsWith("40")) {
      return { ...(JSON.parse(frame.slice(2)) as { sid: string }), missed };
    }
    missed.push((JSON.parse(frame.slice(2)) as [string])[0]);
  }
}

/** Middlewares that the test holds up: each one's socket, and what lets it go on. */
function holdUp(): [Socket, (error?: Error) => void][] {
  const held: [Socket, (error?: Error) => void][] = [];
  server.io.use((socket, next) => void held.push([socket, next]));
  return held;
}

beforeEach(async () => {
  server = await TestServer.start(ASKING);
});

describe("a client that is back and that a middleware refuses", () => {
  it("finds its socket when it comes with something better, with all that it missed", async () => {
    const lost = await lose();
    const refuse = vi.fn<() => boolean>(() => false).mockReturnValueOnce(true);
    server.io.use((_socket, next) => (refuse() ? next(new Error("expired")) : next()));
    server.io.to("red").emit("first");
    const refused = await ask(lost);
    expect(await refused.next()).toBe('44{"message":"expired"}');
    server.io.to("red").emit("second");
    const connected = nextEvent(server.io, "connection") as Promise<[Socket]>;
    expect(await letIn(await ask(lost))).toMatchObject({ sid: lost.sid, missed: ["first", "second"] });
    const [socket] = await connected;
    expect([socket.recovered, socket.data, [...socket.rooms]]).toEqual([true, { name: "ada" }, [lost.sid, "red"]]);
    expect(refused.received.waiting).toEqual([]);
  });

  it("is in no room, and leaves nothing behind", async () => {
    const lost = await lose();
    server.io.use((_socket, next) => next(new Error("no")));
    await (await ask(lost)).next(/^44/);
    const { adapter, sockets } = server.io.sockets;
    expect([adapter.rooms.size, adapter.sids.size, sockets.size]).toEqual([0, 0, 0]);
  });

  it("is kept by an adapter that knows nothing of this as it was", async () => {
    const session: RestoredSession = {
      sid: "s",
      pid: "p",
      rooms: ["s", "red"],
      data: { a: 1 },
      missedPackets: [["x", "1"]],
    };
    const persisted: SessionToPersist[] = [];
    class Consuming extends Adapter {
      override restoreSession(): Promise<RestoredSession> {
        return Promise.resolve({ ...session });
      }
      override persistSession(kept: SessionToPersist): void {
        persisted.push(kept);
      }
    }
    server = await TestServer.start({ ...ASKING, adapter: Consuming });
    server.io.use((_socket, next) => next(new Error("no")));
    await (await ask({ sid: "s", auth: { pid: "p", offset: "1" } })).next(/^44/);
    expect(persisted).toEqual([{ sid: "s", pid: "p", rooms: ["s", "red"], data: { a: 1 } }]);
  });
});

describe("a client that is back, and goes while middlewares run,", () => {
  it.each<[string, (client: RawClient) => unknown]>([
    ["as its connection is lost", (client) => client.webSocket?.terminate()],
    ["as it leaves", (client) => client.send("41")],
  ])("%s, finds its socket the next time", async (_how, go) => {
    const lost = await lose();
    const held = holdUp();
    const first = await ask(lost);
    await until(() => held.length === 1);
    await go(first);
    await until(() => held[0]?.[0].link.state === "closed");
    server.io.to("red").emit("missed");
    const second = await ask(lost);
    await until(() => held.length === 2);
    // The first one's verdict comes too late to matter.
    held[0]?.[1]();
    held[1]?.[1]();
    expect(await letIn(second)).toMatchObject({ sid: lost.sid, missed: ["missed"] });
  });

  it("unnoticed, takes its socket from the connection that asks for it", async () => {
    const lost = await lose();
    const held = holdUp();
    await ask(lost);
    await until(() => held.length === 1);
    const second = await ask(lost);
    await until(() => held.length === 2);
    expect(held[0]?.[0].link.state).toBe("closed");
    for (const [, next] of held) {
      next();
    }
    expect(await letIn(second)).toMatchObject({ sid: lost.sid });
    expect([...server.io.sockets.sockets.keys()]).toEqual([lost.sid]);
  });
});

describe("while middlewares look at a client that is back", () => {
  it("it is in its rooms, and is sent nothing; what is emitted there comes when it is let in, once", async () => {
    const lost = await lose();
    server.io.to("red").emit("before");
    const held = holdUp();
    const client = await ask(lost);
    await until(() => held.length === 1);
    const [socket, next] = held[0] as [Socket, () => void];
    expect([socket.recovered, socket.data, [...socket.rooms]]).toEqual([true, { name: "ada" }, [lost.sid, "red"]]);
    server.io.to("red").emit("meanwhile");
    server.io.to("blue").emit("to others");
    await settled();
    expect(client.received.waiting).toEqual([]);
    next();
    expect(await letIn(client)).toMatchObject({ sid: lost.sid, missed: ["before", "meanwhile"] });
    server.io.to("red").emit("after");
    expect(await client.next()).toMatch(/^42\["after"/);
  });

  it("and once it is let in, nobody finds the session any more", async () => {
    const lost = await lose();
    const held = holdUp();
    const first = await ask(lost);
    await until(() => held.length === 1);
    held[0]?.[1]();
    await letIn(first);
    await first.send("41");
    await until(() => server.io.sockets.sockets.size === 0);
    const second = await ask(lost);
    await until(() => held.length === 2);
    held[1]?.[1]();
    expect((await letIn(second)).sid).not.toBe(lost.sid);
  });
});

it("a session that is asked for many times at once is one socket's", async () => {
  const lost = await lose();
  const held = holdUp();
  const clients = await Promise.all(Array.from({ length: 5 }, () => server.connect()));
  await Promise.all(clients.map((client) => client.send(`40${JSON.stringify(lost.auth)}`)));
  await until(() => held.length === 5);
  for (const [, next] of held) {
    next();
  }
  await settled();
  const recovered = [...server.io.sockets.sockets.values()].filter((socket) => socket.recovered);
  expect(recovered.map(({ id }) => id)).toEqual([lost.sid]);
});
