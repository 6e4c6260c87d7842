/** How a WebTransport session comes in, at virtual time. */

import { DeadlineQueue, type Transport } from "@hawser/core";
import { FakeClock, FakeWebTransport, RawWebTransport } from "@hawser/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { webTransportSettings } from "../../src/engine/transports/webtransport.ts";
import { WebTransportEntrances } from "../../src/engine/webtransport-entrance.ts";
import { settled } from "../fixture.ts";

const TIMEOUT = 10_000;

let clock: FakeClock;
let entrances: WebTransportEntrances;
/** What clients have said that they want. */
let wanted: (string | undefined)[];
/** Whether they get it. */
let admits: boolean;
/** The transports of those that were let in. */
let admitted: Transport[];

beforeEach(() => {
  clock = new FakeClock();
  wanted = [];
  admits = true;
  admitted = [];
  entrances = new WebTransportEntrances({
    ...webTransportSettings(new DeadlineQueue(clock), 1000),
    timeout: TIMEOUT,
    admit(transport, sid) {
      wanted.push(sid);
      if (admits) {
        admitted.push(transport);
      }
      return admits;
    },
  });
});

/** A client that comes in, and what has become of it. */
function enter(): { session: FakeWebTransport; serverEnd: FakeWebTransport; decided: Promise<void> } {
  const { client, server } = FakeWebTransport.join();
  client.closed.catch(() => {});
  return { session: client, serverEnd: server, decided: entrances.enter(server) };
}

/** A client that comes in and opens a stream. */
async function enterWithStream(): Promise<ReturnType<typeof enter> & { stream: RawWebTransport }> {
  const client = enter();
  return { ...client, stream: await RawWebTransport.open(client.session) };
}

const { sid, read } = {
  sid: (value: unknown): string => `0${JSON.stringify({ sid: value })}`,
  read: (transport: Transport): string[] => {
    const frames: string[] = [];
    transport.handler = {
      onTransportOpen() {},
      onTransportPacket: (_transport, { type }) => frames.push(type),
      onTransportWritable() {},
      onTransportClose: (_transport, reason) => frames.push(reason),
    };
    return frames;
  },
};

describe("a client is let in", () => {
  it.each<[string, string | undefined]>([
    ["0", undefined],
    [sid("an-id"), "an-id"],
    [sid("__proto__"), "__proto__"],
    [`0{"sid":"an-id","more":1}`, "an-id"],
  ])("that says %s", async (frame, id) => {
    const { stream, decided, serverEnd } = await enterWithStream();
    void stream.send(frame);
    await decided;
    expect([wanted, admitted.length, serverEnd.closeCalls]).toEqual([[id], 1, 0]);
    expect(clock.armedTimers).toBe(0);
  });

  it("at once with what it has said beside", async () => {
    const { stream, decided } = await enterWithStream();
    let frames: string[] = [];
    const push = admitted.push.bind(admitted);
    admitted.push = (transport) => {
      frames = read(transport as Transport);
      return push(transport);
    };
    void stream.send("0", "2", "3");
    await decided;
    await settled();
    expect(frames).toEqual(["ping", "pong"]);
  });

  it("when the beginning of its first packet comes late, but not too late", async () => {
    const { stream, decided } = await enterWithStream();
    void stream.write(Buffer.from([1]));
    await settled();
    clock.advance(TIMEOUT - 1);
    void stream.write(Buffer.from("0"));
    await decided;
    expect(admitted).toHaveLength(1);
    clock.advance(TIMEOUT);
    expect(clock.armedTimers).toBe(0);
  });
});

describe("a client is sent away", () => {
  const sentAway = async ({ session, decided }: ReturnType<typeof enter>): Promise<void> => {
    await decided;
    await session.closed;
    expect(admitted).toEqual([]);
    expect(clock.armedTimers).toBe(0);
  };

  it.each([
    ["a message", "4hello"],
    ["a probe", "2probe"],
    ["a switch", "5"],
    ["binary data", Buffer.from([1])],
  ])("whose first packet is %s", async (_, frame) => {
    const client = await enterWithStream();
    void client.stream.send(frame);
    await sentAway(client);
    expect(wanted).toEqual([]);
  });

  it.each([
    "0{}",
    "0null",
    "0[]",
    '0"an-id"',
    "0{",
    sid(null),
    sid(1),
    sid(["an-id"]),
    sid({}),
    sid(""),
    `0${"[".repeat(900)}`,
  ])("that asks for a session by %s, which is that of nobody", async (frame) => {
    admits = false;
    const client = await enterWithStream();
    void client.stream.send(frame);
    await sentAway(client);
    expect(wanted).toEqual([""]);
  });

  it("that asks for a session which it can't have", async () => {
    admits = false;
    const client = await enterWithStream();
    void client.stream.send(sid("another's"));
    await sentAway(client);
    expect(client.serverEnd.closeCalls).toBeGreaterThan(0);
  });

  it.each([
    ["garbage", Buffer.from([0])],
    ["a packet that is too long", Buffer.from([0x7e, 0x03, 0xe9])],
    ["a packet of endless length", Buffer.alloc(9, 0xff)],
  ])("that sends %s", async (_, bytes) => {
    const client = await enterWithStream();
    void client.stream.write(bytes);
    await sentAway(client);
  });

  describe("after the time that it has", () => {
    it("if it opens no stream", async () => {
      const client = enter();
      await settled();
      clock.advance(TIMEOUT - 1);
      expect(client.serverEnd.closeCalls).toBe(0);
      clock.advance(1);
      await sentAway(client);
    });

    it("if it says nothing", async () => {
      const client = await enterWithStream();
      await settled();
      clock.advance(TIMEOUT);
      await sentAway(client);
    });

    it("if it does not say all of it", async () => {
      const client = await enterWithStream();
      for (const byte of sid("an-id").slice(0, -1)) {
        void client.stream.write(Buffer.from(byte));
        await settled();
        clock.advance(TIMEOUT / 20);
      }
      clock.advance(TIMEOUT);
      await sentAway(client);
    });

    it("and a stream that it opens then is not looked at", async () => {
      const client = enter();
      clock.advance(TIMEOUT);
      await expect(RawWebTransport.open(client.session)).rejects.toThrow("closed");
      await sentAway(client);
    });
  });

  it("when all are", async () => {
    const clients = [enter(), await enterWithStream()];
    await settled();
    entrances.refuseAll("enough");
    await Promise.all(clients.map(sentAway));
  });
});

describe("a client that goes leaves nothing behind", () => {
  it.each<[string, () => Promise<ReturnType<typeof enter>>]>([
    ["before it opens a stream", async () => enter()],
    ["before it says what it wants", enterWithStream],
    [
      "in the middle of it",
      async () => {
        const client = await enterWithStream();
        void client.stream.write(Buffer.from([9, 0x30]));
        return client;
      },
    ],
  ])("%s", async (_, arrive) => {
    for (const leave of ["close", "fail"] as const) {
      const { session, decided } = await arrive();
      await settled();
      session[leave]();
      await decided;
      expect(clock.armedTimers).toBe(0);
    }
  });

  it.each<[string, (client: Awaited<ReturnType<typeof enterWithStream>>) => Promise<void>]>([
    ["when it finishes its stream", ({ stream }) => stream.finish()],
    ["when it resets its stream", ({ stream }) => stream.abort()],
  ])("%s, and its session is closed", async (_, leave) => {
    const client = await enterWithStream();
    void leave(client);
    await client.decided;
    await client.session.closed;
    expect(clock.armedTimers).toBe(0);
  });

  it("although its session never becomes ready", async () => {
    const { client, server } = FakeWebTransport.join({ ready: false });
    const decided = entrances.enter(server);
    client.ready.catch(() => {});
    client.closed.catch(() => {});
    server.fail();
    await decided;
    expect(clock.armedTimers).toBe(0);
  });
});

describe("a session that is not like others does no harm:", () => {
  it("its streams can't be read", async () => {
    let closed = 0;
    await entrances.enter({
      closed: new Promise(() => {}),
      incomingBidirectionalStreams: { getReader: () => ({ read: () => Promise.reject(new Error("broken")) }) },
      close: () => closed++,
    });
    expect([closed, clock.armedTimers]).toEqual([1, 0]);
  });

  it("it does not end when it is closed, and what its client says then is not looked at", async () => {
    const { client, server } = FakeWebTransport.join();
    server.close = () => {};
    const decided = entrances.enter(server);
    clock.advance(TIMEOUT);
    await decided;
    const stream = await RawWebTransport.open(client);
    let taken = false;
    void stream.send("0").then(() => (taken = true));
    await settled();
    expect([wanted, taken, clock.armedTimers]).toEqual([[], false, 0]);
  });
});

it("a session whose close() throws or rejects does no harm", async () => {
  for (const close of [
    () => {
      throw new Error("closed already");
    },
    () => Promise.reject(new Error("closed already")),
  ]) {
    const { decided, serverEnd } = enter();
    serverEnd.close = close as () => void;
    clock.advance(TIMEOUT);
    await decided;
    await settled();
  }
});

describe("a transport that closes in an orderly way", () => {
  it("gives its client time to end its side, and closes the session then", async () => {
    const { stream, decided, session, serverEnd } = await enterWithStream();
    void stream.send("0");
    await decided;
    const [transport] = admitted as [Transport];
    const told = read(transport);
    transport.send([{ type: "message", data: "last" }]);
    transport.close();
    transport.close();
    expect(await stream.finished).toBe("finished");
    expect(stream.all).toEqual(["4last"]);
    await settled();
    clock.advance(1999);
    expect([told, serverEnd.closeCalls]).toEqual([[], 0]);
    clock.advance(1);
    expect(told).toEqual(["transport close"]);
    await session.closed;
    expect(clock.armedTimers).toBe(0);
  });

  it("is done as soon as its client ends its side", async () => {
    const { stream, decided, session } = await enterWithStream();
    void stream.send("0");
    await decided;
    const [transport] = admitted as [Transport];
    const told = read(transport);
    transport.close();
    await stream.finished;
    void stream.send("3");
    void stream.finish();
    await session.closed;
    expect(told).toEqual(["pong", "transport close"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("waits for nobody if it was aborted before all had left", async () => {
    const { client, server } = FakeWebTransport.join({ breaking: false });
    const decided = entrances.enter(server);
    const stream = await RawWebTransport.open(client, { reading: false });
    void stream.send("0");
    await decided;
    const [transport] = admitted as [Transport];
    read(transport);
    transport.send([{ type: "message", data: "a" }]);
    transport.close();
    await settled();
    transport.abort();
    stream.read();
    await stream.finished;
    await settled();
    expect(clock.armedTimers).toBe(0);
  });

  it("may still be aborted, and reports nothing then", async () => {
    const { stream, decided, session } = await enterWithStream();
    void stream.send("0");
    await decided;
    const [transport] = admitted as [Transport];
    const told = read(transport);
    transport.close();
    await settled();
    transport.abort();
    await session.closed;
    await settled();
    expect([told, clock.armedTimers]).toEqual([[], 0]);
  });
});
