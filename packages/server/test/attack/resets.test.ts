import type { RawTcp } from "@hawser/testing";
import { describe, it } from "vitest";
import { settled, until } from "../fixture.ts";
import { frame, upgradeRequest } from "../websocket-bytes.ts";
import { expectNothingUncaught, HANDSHAKE, Scene } from "./scene.ts";

expectNothingUncaught();

describe("a connection is reset", () => {
  const REQUESTS: [string, string][] = [
    ["within a request line", "GET /socket.io/?EIO=4&tra"],
    ["within the headers", `${HANDSHAKE}X-A: `],
    ["behind a handshake", `${HANDSHAKE}\r\n`],
    ["behind a refused request", "GET /socket.io/?transport=tube HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["behind an upgrade", upgradeRequest()],
    ["behind a refused upgrade", upgradeRequest({ url: "/socket.io/?EIO=4&transport=tube" })],
    [
      "behind an upgrade of a session that is not there",
      upgradeRequest({ url: "/socket.io/?EIO=4&transport=websocket&sid=x" }),
    ],
    ["behind an upgrade of another revision", upgradeRequest({ url: "/socket.io/?EIO=3&transport=websocket" })],
    ["behind an upgrade that is none of the engine's", upgradeRequest({ url: "/elsewhere" })],
    ["behind an upgrade without a key", upgradeRequest({ headers: { "Sec-WebSocket-Key": undefined } })],
    ["within a body", `POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n4`],
    ["within a request for a file", "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n"],
  ];

  it.each(REQUESTS)("%s", async (_when, bytes) => {
    const scene = await Scene.set({ destroyUpgradeTimeout: 50 });
    // Nobody answers the pings of a session that began this way.
    scene.hurry();
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.server.tcp();
      tcp.write(bytes);
      if (round % 2 === 0) {
        await settled();
      }
      tcp.reset();
      await tcp.closed;
    }
    await scene.undisturbed();
  });

  type Stage = "middleware" | "allowRequest" | "generateId";

  it.each<[Stage, "polling" | "websocket"]>([
    ["middleware", "polling"],
    ["middleware", "websocket"],
    ["allowRequest", "polling"],
    ["allowRequest", "websocket"],
    ["generateId", "polling"],
    ["generateId", "websocket"],
  ])("while an async %s thinks about a %s handshake", async (stage, transport) => {
    const continuations: (() => void)[] = [];
    let thinking = false;
    const think = (): Promise<void> =>
      thinking ? new Promise<void>((resolve) => continuations.push(resolve)) : Promise.resolve();
    const scene = await Scene.set({
      allowRequest: (_request, callback) =>
        void (stage === "allowRequest" ? think() : Promise.resolve()).then(() => callback(null, true)),
    });
    const { engine } = scene.server.io;
    if (stage === "middleware") {
      engine.use((_request, _response, next) => void think().then(() => next()));
    } else if (stage === "generateId") {
      const original = engine.generateId;
      engine.generateId = (request) => think().then(() => original(request));
    }
    thinking = true;
    const connections: RawTcp[] = [];
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.server.tcp();
      tcp.write(transport === "websocket" ? upgradeRequest() : `${HANDSHAKE}\r\n`);
      connections.push(tcp);
    }
    await until(() => continuations.length >= 10);
    for (const tcp of connections) {
      tcp.reset();
    }
    await Promise.all(connections.map((tcp) => tcp.closed));
    await settled();
    thinking = false;
    continuations.forEach((goOn) => goOn());
    await scene.unharmed();
  });

  it("while a namespace's middleware thinks", async () => {
    const scene = await Scene.set();
    const continuations: (() => void)[] = [];
    scene.server.io.use((socket, next) => {
      void socket.join("lobby");
      continuations.push(next);
    });
    const connections: RawTcp[] = [];
    for (let round = 0; round < 10; round++) {
      const tcp = await scene.webSocket();
      tcp.write(frame("40"));
      connections.push(tcp);
    }
    await until(() => continuations.length === 10);
    connections.forEach((tcp) => tcp.reset());
    await until(() => scene.server.io.engine.clientsCount === 2);
    await settled();
    continuations.forEach((goOn) => goOn());
    await scene.undisturbed();
  });
});
