import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { nextEvent, sessionOf, until } from "../fixture.ts";
import { frame, frames, OPCODES, upgradeRequest } from "../websocket-bytes.ts";
import { expectNothingUncaught, Scene } from "./scene.ts";

expectNothingUncaught();

describe("frames", () => {
  const BAD: [string, Buffer][] = [
    ["without a mask", frame("40", { masked: false })],
    ["of an unknown kind", frame("40", { opcode: 0x7 })],
    ["with reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ["longer than a number can say", Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ["longer than is allowed, announced but not sent", Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])],
    ["that continue nothing", frame("x", { opcode: OPCODES.continuation })],
    ["that begin a message within another", Buffer.concat([frame("4", { final: false }), frame("4")])],
    ["that control, and are too long", frame("x".repeat(200), { opcode: OPCODES.ping })],
    ["that control, in pieces", frame("x", { opcode: OPCODES.ping, final: false })],
    ["that close with half a code", frame("x", { opcode: OPCODES.close })],
    ["that close with a forbidden code", frame(Buffer.from([0, 5]), { opcode: OPCODES.close })],
    ["that are no UTF-8", frame(Buffer.from([0x34, 0xc0, 0x80]))],
    ["that are no packet", frames("x")],
    ["that are noise", Buffer.from("\x00\x01\x02\x03\x04\x05\x06\x07\xff\xfe\xfd", "latin1")],
  ];

  it.each(BAD)("%s, in one segment with the handshake: before anybody listens", async (_what, bytes) => {
    const scene = await Scene.set();
    const tcp = await scene.server.tcp();
    tcp.write(Buffer.concat([Buffer.from(upgradeRequest()), bytes]));
    await tcp.until("\r\n\r\n");
    await until(() => scene.server.io.engine.clientsCount === 2);
    tcp.end();
    await scene.undisturbed();
  });

  it.each(BAD)("%s, on the WebSocket of an upgrade: the session stays on polling", async (_what, bytes) => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker("polling");
    const tcp = await scene.server.tcp();
    const { pathname, search } = client.url({ transport: "websocket" });
    tcp.write(Buffer.concat([Buffer.from(upgradeRequest({ url: pathname + search })), bytes]));
    await tcp.until("\r\n\r\n");
    await until(() => !sessionOf(socket).upgrading);
    socket.emit("still");
    await client.next('42["still"]');
    await scene.end(client);
    tcp.end();
    await scene.unharmed();
  });

  it("a message in very many fragments is not put together", async () => {
    const scene = await Scene.set();
    const tcp = await scene.webSocket();
    const fragment = frame("x", { opcode: OPCODES.continuation, final: false });
    tcp.write(Buffer.concat([frame("4", { final: false }), ...Array<Buffer>(20_000).fill(fragment)]));
    await tcp.until("\x88");
    tcp.reset();
    await scene.unharmed();
  });

  it("and empty ones are no way around that", async () => {
    const scene = await Scene.set();
    const tcp = await scene.webSocket();
    const fragment = frame("", { opcode: OPCODES.continuation, final: false });
    tcp.write(Buffer.concat([frame("4", { final: false }), ...Array<Buffer>(20_000).fill(fragment)]));
    await tcp.until("\x88");
    tcp.reset();
    await scene.unharmed();
  });

  it("a flood of pings of the WebSocket, by one who does not read", async () => {
    const scene = await Scene.set();
    const pings = Buffer.concat(Array<Buffer>(20_000).fill(frame("x".repeat(100), { opcode: OPCODES.ping })));
    await scene.sendDeafly(upgradeRequest(), pings, pings);
    await scene.undisturbed();
  });

  it("a flood of probes, by one who does not read", async () => {
    const scene = await Scene.set();
    scene.hurry();
    const { upgrade } = await scene.pollingSession();
    const probes = Buffer.concat(Array<Buffer>(20_000).fill(frame("2probe")));
    await scene.sendDeafly(upgradeRequest({ url: upgrade }), probes, probes);
    await scene.undisturbed();
  });

  it("a small one that would be large once it is decompressed", async () => {
    const scene = await Scene.set({ perMessageDeflate: { threshold: 0 } });
    const url = `ws://127.0.0.1:${scene.server.port}/socket.io/?EIO=4&transport=websocket`;
    const webSocket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
    const closed = nextEvent(webSocket, "close");
    await nextEvent(webSocket, "open");
    webSocket.send("4".repeat(50_000_000));
    expect((await closed)[0]).toBe(1009);
    await scene.unharmed();
  });
});
