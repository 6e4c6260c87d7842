import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChaosProxy, RawTcp, SeededRandom, type ChaosProxyOptions } from "../src/index.ts";

let target: Server;
let peers: Socket[];
let proxy: ChaosProxy;
let client: RawTcp;

/** Starts the proxy and connects through it; `peers[0]` is the other end. */
async function connect(options: ChaosProxyOptions = {}): Promise<Socket> {
  proxy = await ChaosProxy.start((target.address() as AddressInfo).port, options);
  client = await RawTcp.open(proxy.port);
  return nextPeer(0);
}

async function nextPeer(index: number): Promise<Socket> {
  const peer = peers[index];
  if (peer) {
    return peer;
  }
  await once(target, "connection");
  return nextPeer(index);
}

/** Collects what arrives at a socket until it is `length` bytes; keeps the sizes in which it came. */
function collect(socket: Socket, length: number): Promise<{ bytes: Buffer; sizes: number[] }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      received += chunk.length;
      if (received >= length) {
        socket.off("data", onData);
        resolve({ bytes: Buffer.concat(chunks), sizes: chunks.map((each) => each.length) });
      }
    };
    socket.on("data", onData);
  });
}

/** Sends from the peer to the client and waits for it, so that whatever could have happened before has happened. */
async function roundFromPeer(peer: Socket, text: string): Promise<void> {
  peer.write(text);
  await client.until(text);
}

function noise(length: number): Buffer {
  const random = new SeededRandom(1);
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

beforeEach(async () => {
  peers = [];
  target = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    peers.push(socket);
    socket.on("error", () => {});
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await proxy.close();
  for (const peer of peers) {
    peer.destroy();
  }
  target.close();
  await once(target, "close");
});

describe("without faults, a chaos proxy", () => {
  it("forwards both ways", async () => {
    const peer = await connect();
    client.write("to the server");
    expect((await collect(peer, 13)).bytes.toString()).toBe("to the server");
    peer.write("to the client");
    expect(await client.until("to the client")).toBe("to the client");
    expect([proxy.connections, proxy.accepted]).toEqual([1, 1]);
  });

  it("forwards the end of one direction, and what the other one still sends", async () => {
    const peer = await connect();
    client.write("last");
    client.end();
    const ended = once(peer, "end");
    expect((await collect(peer, 4)).bytes.toString()).toBe("last");
    await ended;
    peer.end("answer");
    await client.until("answer");
    await client.closed;
  });

  it("forwards a reset", async () => {
    const peer = await connect();
    const error = once(peer, "error");
    client.reset();
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
  });

  it("resets the client if nobody listens at the target", async () => {
    await connect();
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, "close");
    await using other = await ChaosProxy.start(port);
    await using tcp = await RawTcp.open(other.port);
    await expect(tcp.until("anything")).rejects.toThrow("ECONNRESET");
  });
});

describe("latency", () => {
  it("delays everything, in each direction, and keeps the order in spite of jitter", async () => {
    const peer = await connect({ latency: 20, jitter: 20 });
    const start = performance.now();
    const all = collect(peer, 20);
    for (let index = 0; index < 10; index++) {
      client.write(`${index};`);
    }
    expect((await all).bytes.toString()).toBe("0;1;2;3;4;5;6;7;8;9;");
    expect(performance.now() - start).toBeGreaterThanOrEqual(20);
    const back = performance.now();
    await roundFromPeer(peer, "back");
    expect(performance.now() - back).toBeGreaterThanOrEqual(20);
  });

  it("changed at runtime applies to a connection that exists, and to what is read from then on", async () => {
    const peer = await connect();
    await roundFromPeer(peer, "quick");
    proxy.set({ latency: 30 });
    const start = performance.now();
    await roundFromPeer(peer, "slow");
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    expect(proxy.faults).toMatchObject({ latency: 30, silent: "nowhere" });
  });
});

describe("slicing", () => {
  const sizesFor = async (seed: number): Promise<number[]> => {
    const peer = await connect({ slice: 9, random: new SeededRandom(seed) });
    client.write("x".repeat(200));
    const { sizes, bytes } = await collect(peer, 200);
    expect(bytes).toHaveLength(200);
    await client[Symbol.asyncDispose]();
    await proxy.close();
    peers.splice(0);
    return sizes;
  };

  it("passes on small pieces of random sizes", async () => {
    const sizes = await sizesFor(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(9);
    expect(new Set(sizes).size).toBeGreaterThan(3);
  });

  it("draws the same sizes for the same seed, and others for another one", async () => {
    const sizes = await sizesFor(1);
    expect(await sizesFor(1)).toEqual(sizes);
    expect(await sizesFor(2)).not.toEqual(sizes);
  });

  it("changes no byte of a long stream, both ways at once", async () => {
    const peer = await connect({ slice: 4000, jitter: 3 });
    peer.pipe(peer);
    const sent = noise(700_000);
    client.write(sent);
    await client.until(sent.subarray(-20).toString("latin1"));
    peer.end();
    expect(peer.bytesRead).toBe(sent.length);
    const everything = await echo(sent);
    expect(everything.equals(sent)).toBe(true);
  });

  /** What comes back through the proxy on a connection of its own. */
  async function echo(sent: Buffer): Promise<Buffer> {
    await using tcp = await RawTcp.open(proxy.port);
    const peer = await nextPeer(1);
    peer.pipe(peer);
    tcp.write(sent);
    tcp.end();
    await tcp.closed;
    return Buffer.from(tcp.received, "latin1");
  }
});

describe("limited bandwidth", () => {
  it("takes its time for the bytes", async () => {
    const peer = await connect({ bandwidth: 50_000 });
    const start = performance.now();
    client.write(noise(30_000));
    const { sizes } = await collect(peer, 30_000);
    expect(performance.now() - start).toBeGreaterThanOrEqual(600);
    // A piece every 10 ms; what comes while the machine stands still is read as one.
    expect(sizes.length).toBeGreaterThan(3);
  });
});

describe("silence", () => {
  it("to the server leaves the connection half-open: the other direction works, and the end is not told", async () => {
    const peer = await connect();
    proxy.set({ silent: "toServer" });
    let heard = "";
    peer.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    const ended = once(peer, "end").then(() => (heard += "<end>"));
    client.write("lost?");
    client.end();
    await roundFromPeer(peer, "one");
    await roundFromPeer(peer, "two");
    expect(heard).toBe("");
    proxy.set({ silent: "nowhere" });
    await ended;
    expect(heard).toBe("lost?<end>");
  });

  it("to the client keeps a reset by the server from it until the silence is over", async () => {
    const peer = await connect({ silent: "toClient" });
    peer.resetAndDestroy();
    client.write("a");
    const closed = client.closed.then(() => "closed");
    await using bystander = await RawTcp.open(proxy.port);
    await nextPeer(1);
    bystander.write("b");
    await collect(await nextPeer(1), 1);
    expect(await Promise.race([closed, Promise.resolve("open")])).toBe("open");
    proxy.set({ silent: "nowhere" });
    expect(await closed).toBe("closed");
  });

  it("everywhere is a black hole for new connections, which get through when it is over", async () => {
    const peer = await connect({ silent: "both" });
    let heard = "";
    peer.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    client.write("hello");
    peer.write("welcome");
    await expect(client.until("welcome", { timeout: 30 })).rejects.toThrow('arrived: ""');
    expect(heard).toBe("");
    proxy.set({ silent: "nowhere" });
    await client.until("welcome");
  });
});

describe("back-pressure", () => {
  it.each(["a silent proxy", "a server that does not read"])(
    "of %s reaches the client, and loses nothing",
    async (who) => {
      const peer = await connect();
      proxy.set({ silent: who === "a silent proxy" ? "toServer" : "nowhere" });
      const sent = Buffer.alloc(24 * 1024 * 1024, "hawser");
      client.write(sent);
      client.end();
      for (let round = 0; round < 300; round++) {
        await roundFromPeer(peer, "fence");
      }
      expect(client.unsent).toBeGreaterThan(0);
      const everything = collect(peer, sent.length);
      proxy.set({ silent: "nowhere" });
      expect((await everything).bytes.equals(sent)).toBe(true);
    },
  );
});

describe("a reset", () => {
  it("reaches both sides of every connection, and later connections work", async () => {
    const peer = await connect();
    const error = once(peer, "error");
    proxy.reset();
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
    await expect(client.until("anything")).rejects.toThrow("ECONNRESET");
    await using other = await RawTcp.open(proxy.port);
    (await nextPeer(1)).write("hello");
    await other.until("hello");
  });

  it("meets every new connection while the proxy refuses, and none that exists", async () => {
    const peer = await connect();
    proxy.set({ refuse: true });
    // The reset may come before or after the client takes itself to be connected.
    const refused = RawTcp.open(proxy.port).then((tcp) => tcp.until("anything"));
    await expect(refused).rejects.toThrow("ECONNRESET");
    await roundFromPeer(peer, "still here");
    proxy.set({ refuse: false });
    await using other = await RawTcp.open(proxy.port);
    (await nextPeer(1)).write("hello");
    await other.until("hello");
    expect(proxy.accepted).toBe(3);
  });
});

describe("closing", () => {
  it("ends every connection, stops listening, and leaves nothing behind", async () => {
    const peer = await connect({ latency: 10_000, silent: "toClient" });
    const closed = new Promise((resolve) => peer.on("close", resolve));
    peer.write("on its way");
    await proxy.close();
    await closed;
    await client.closed;
    expect(proxy.connections).toBe(0);
    await expect(RawTcp.open(proxy.port)).rejects.toThrow("ECONNREFUSED");
    await proxy.close();
  });

  it("is what the end of a block does", async () => {
    await connect();
    let port: number;
    {
      await using other = await ChaosProxy.start((target.address() as AddressInfo).port);
      port = other.port;
    }
    await expect(RawTcp.open(port)).rejects.toThrow("ECONNREFUSED");
  });
});

it("the seed of a proxy can be told", async () => {
  await connect({ random: new SeededRandom(42) });
  expect(proxy.random.replay).toBe("HAWSER_SEED=42 replays this run");
  expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}`);
});
