import { beforeEach, describe, expect, it } from "vitest";
import { FakeWebTransport, RawWebTransport } from "../src/index.ts";

let client: FakeWebTransport;
let server: FakeWebTransport;

/** Lets everything happen that needs no time. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  ({ client, server } = FakeWebTransport.join());
});

describe("a fake WebTransport session", () => {
  it("hands the stream that the client opens to the server, and carries frames both ways", async () => {
    const [ours, theirs] = await Promise.all([RawWebTransport.open(client), RawWebTransport.accept(server)]);
    void ours.send("0", Buffer.from([1, 2]));
    void theirs.send("4hello");
    expect(await theirs.next("0")).toBe("0");
    expect(await theirs.next()).toEqual(Buffer.from([1, 2]));
    expect(await ours.next()).toBe("4hello");
  });

  it("is ready when it is opened, unless it is so from the start", async () => {
    const unready = FakeWebTransport.join({ ready: false });
    let ready = 0;
    for (const end of [unready.client, unready.server]) {
      void end.ready.then(() => ready++);
    }
    await settled();
    expect(ready).toBe(0);
    unready.client.open();
    await settled();
    expect(ready).toBe(2);
  });

  it("takes what is written only when the other end reads", async () => {
    const [ours, theirs] = await Promise.all([
      RawWebTransport.open(client),
      RawWebTransport.accept(server, { reading: false }),
    ]);
    let taken = false;
    void ours.send("4a").then(() => (taken = true));
    await settled();
    expect(taken).toBe(false);
    theirs.read();
    await settled();
    expect(taken).toBe(true);
  });

  it("ends one direction of a stream when that is finished, and not the other", async () => {
    const [ours, theirs] = await Promise.all([RawWebTransport.open(client), RawWebTransport.accept(server)]);
    void ours.send("4last");
    void ours.finish();
    expect(await theirs.finished).toBe("finished");
    expect(theirs.all).toEqual(["4last"]);
    void theirs.send("4still here");
    expect(await ours.next()).toBe("4still here");
  });

  it.each(["client", "server"] as const)(
    "that the %s closes is closed at both ends, and breaks its streams",
    async (side) => {
      const [ours, theirs] = await Promise.all([RawWebTransport.open(client), RawWebTransport.accept(server)]);
      (side === "client" ? client : server).close({ closeCode: 7, reason: "enough" });
      (side === "client" ? server : client).close();
      expect(await client.closed).toEqual({ closeCode: 7, reason: "enough" });
      expect(await server.closed).toEqual({ closeCode: 7, reason: "enough" });
      expect(await Promise.all([ours.finished, theirs.finished])).toEqual(Array(2).fill("The session is closed."));
      expect([client.closeCalls, server.closeCalls]).toEqual([1, 1]);
    },
  );

  it("whose connection is lost fails at both ends, ready or not", async () => {
    const unready = FakeWebTransport.join({ ready: false });
    unready.server.fail(new Error("gone"));
    for (const promise of [unready.client.ready, unready.server.ready, unready.client.closed, unready.server.closed]) {
      await expect(promise).rejects.toThrow("gone");
    }
    await expect(RawWebTransport.open(unready.client)).rejects.toThrow("gone");
  });

  it("leaves its streams as they are when it ends, if that is wanted", async () => {
    const spared = FakeWebTransport.join({ breaking: false });
    const [ours, theirs] = await Promise.all([
      RawWebTransport.open(spared.client),
      RawWebTransport.accept(spared.server),
    ]);
    spared.client.close();
    await spared.server.closed;
    void ours.send("4still here");
    expect(await theirs.next()).toBe("4still here");
  });

  it("offers no stream any more once it has ended", async () => {
    client.close();
    await expect(RawWebTransport.accept(server)).rejects.toThrow("ended before a stream was opened");
  });

  it("survives the end of its streams", async () => {
    const [ours, theirs] = await Promise.all([RawWebTransport.open(client), RawWebTransport.accept(server)]);
    await ours.abort(new Error("reset"));
    expect(await theirs.finished).toBe("reset");
    const [again, there] = await Promise.all([RawWebTransport.open(client), RawWebTransport.open(server)]);
    server.reset(new Error("all reset"));
    expect(await Promise.all([again.finished, there.finished])).toEqual(["all reset", "all reset"]);
    client.close();
    await server.closed;
  });
});
