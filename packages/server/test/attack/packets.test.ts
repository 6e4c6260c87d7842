import { describe, expect, it } from "vitest";
import { nextEvent, until } from "../fixture.ts";
import { expectNothingUncaught, Scene } from "./scene.ts";

expectNothingUncaught();

describe("packets", () => {
  it("a header that announces no attachments does not make later ones be kept", async () => {
    const scene = await Scene.set();
    for (const header of ['450-["a"]', '450-["a",{"_placeholder":true,"num":0}]', "450-", "450-/x,"]) {
      const { client, socket } = await scene.attacker();
      const events: unknown[] = [];
      socket.onAny((...event) => events.push(event));
      await client.send(header, ...Array<Buffer>(100).fill(Buffer.alloc(1000)));
      await client.webSocket?.closed;
      expect(events).toEqual([]);
    }
    await scene.unharmed();
  });

  it("attachments that nobody announced, and more than were", async () => {
    const scene = await Scene.set();
    for (const opening of [[], ['451-["a",{"_placeholder":true,"num":0}]']]) {
      const { client } = await scene.attacker();
      await client.send(...opening, ...Array<Buffer>(100).fill(Buffer.alloc(10_000)));
      await client.webSocket?.closed;
    }
    await scene.unharmed();
  });

  it.each([
    ["an event", (nested: string) => [`42["a",${nested}]`]],
    ["an event with attachments", (nested: string) => [`451-["a",${nested},{"_placeholder":true,"num":0}]`, "bAQ=="]],
    ["an answer", (nested: string) => [`430${nested}`]],
    ["auth", (nested: string) => ["41", `40{"a":${nested}}`]],
    ["auth for a namespace that is not there", (nested: string) => [`40/x,{"a":${nested}}`]],
  ])("data that is nested very deep, in %s", async (_where, packets) => {
    const scene = await Scene.set();
    const deep = "[".repeat(400_000) + "]".repeat(400_000);
    const { client, socket } = await scene.attacker("polling");
    socket.on("a", (...args: unknown[]) => args);
    socket.emit("q", () => {});
    await client.send(...packets(deep)).catch(() => {});
    await scene.end(client);
    await scene.unharmed();
  });

  it("deep data that the application sends back is an error of the application's", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    const told = nextEvent(scene.server.io, "handler_error");
    socket.on("a", (data: unknown) => socket.emit("b", data));
    await client.send(`42["a",${"[".repeat(100_000)}${"]".repeat(100_000)}]`);
    expect(await told).toMatchObject([expect.any(RangeError), { phase: "event", event: "a" }]);
    await client.close();
    await scene.unharmed();
  });

  it("ids of all sizes", async () => {
    const scene = await Scene.set();
    for (const packet of [`42${"9".repeat(100_000)}["a"]`, `43${"9".repeat(400)}[]`, "42-1[]", "421e3[]", "420x1[]"]) {
      const { client } = await scene.attacker();
      await client.send(packet);
      await client.webSocket?.closed;
    }
    await scene.unharmed();
  });

  it("names of namespaces of all sizes: a long one is not remembered", async () => {
    const scene = await Scene.set();
    const { client } = await scene.attacker();
    for (const name of ["/x", `/${"x".repeat(1000)}`, `/${"x".repeat(500_000)}`]) {
      await client.send(`40${name},`);
      await client.next(/^44/);
    }
    await client.send(`42/${"x".repeat(1000)},["ignored"]`);
    await client.send("41", "40");
    await client.next(/^40/);
    await client.send(`42/${"x".repeat(500_000)},["a violation"]`);
    expect(await client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
    await scene.unharmed();
  });
});

it("claims to sessions that nobody had, or somebody else has", async () => {
  const scene = await Scene.set({ connectionStateRecovery: {} });
  for (const auth of [
    { pid: 1, offset: 2 },
    { pid: "__proto__", offset: "__proto__" },
    { pid: "x".repeat(100_000), offset: {} },
    { pid: "", offset: "" },
    { pid: [], offset: null },
  ]) {
    const { client, socket } = await scene.server.join("websocket", "/", auth);
    expect(socket.recovered).toBe(false);
    await client.close();
  }
  await until(() => scene.server.io.engine.clientsCount === 2);
  const { client } = await scene.attacker();
  for (const id of [...scene.server.io.sockets.sockets.keys()]) {
    await client.send("41");
    expect((await client.join("/", { pid: id, offset: id })).sid).not.toBe(id);
  }
  await client.close();
  await scene.unharmed();
});
