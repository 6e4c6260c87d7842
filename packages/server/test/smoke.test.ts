import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { Server } from "hawser";

const require = createRequire(new URL("../../../e2e/package.json", import.meta.url));
const { io: official } = require("socket.io-client");

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  it(`answers the official client over ${transports}`, async () => {
    const http = createServer();
    const io = new Server(http);
    io.on("connection", (socket) => {
      socket.on("echo", (value, answer) => answer(value));
    });
    await new Promise<void>((resolve) => http.listen(0, resolve));
    const socket = official(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports });
    const answer = await socket.timeout(2000).emitWithAck("echo", { a: [1, Buffer.from("xyz")] });
    expect(answer).toEqual({ a: [1, Buffer.from("xyz")] });
    socket.disconnect();
    await io.close();
  });
}
