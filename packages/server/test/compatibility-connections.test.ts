/**
 * Connections that others hand to the HTTP server, as `@socket.io/sticky` does: what it emits `connection` with may be a stream of its own making,
 * without a handle of the operating system.
 */

import { request, type IncomingMessage } from "node:http";
import { duplexPair, type Duplex } from "node:stream";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { nextEvent, TestServer } from "./fixture.ts";

/** Hands over a connection that no network carries. */
function handOver(server: TestServer, facts: object = {}): { clientEnd: Duplex; serverEnd: Duplex } {
  const [clientEnd, serverEnd] = duplexPair();
  server.http.emit("connection", Object.assign(serverEnd, facts));
  return { clientEnd, serverEnd };
}

/** A request on a connection of its own, and the body of its response. */
async function ask(server: TestServer, query: string, body?: string, facts?: object): Promise<string> {
  const sent = request({
    createConnection: () => handOver(server, facts).clientEnd as never,
    path: `/socket.io/?EIO=4&transport=polling${query}`,
    method: body === undefined ? "GET" : "POST",
  });
  sent.end(body);
  const [response] = (await nextEvent(sent, "response")) as [IncomingMessage];
  return (await response.setEncoding("utf8").toArray()).join("");
}

it("carry a session by polling", async () => {
  const server = await TestServer.start();
  const facts = { remoteAddress: "192.0.2.7", cork: () => {}, uncork: () => {} };
  const { sid } = JSON.parse((await ask(server, "", undefined, facts)).slice(1)) as { sid: string };
  expect(await ask(server, `&sid=${sid}`, "40")).toBe("ok");
  expect(await ask(server, `&sid=${sid}`)).toMatch(/^40\{"sid"/);
  const [socket] = [...server.io.sockets.sockets.values()];
  expect(socket?.handshake.address).toBe("192.0.2.7");
  socket?.emit("x");
  expect(await ask(server, `&sid=${sid}`)).toBe('42["x"]');
});

it("carry a session by WebSocket, and a session that moves there", async () => {
  const server = await TestServer.start();
  const open = (query: string): WebSocket =>
    new WebSocket(`ws://127.0.0.1/socket.io/?EIO=4&transport=websocket${query}`, {
      createConnection: () => handOver(server).clientEnd as never,
      perMessageDeflate: false,
    });
  const first = open("");
  expect(String((await nextEvent(first, "message"))[0])).toMatch(/^0\{"sid"/);
  first.send("40");
  expect(String((await nextEvent(first, "message"))[0])).toMatch(/^40\{"sid"/);
  server.io.emit("x", "to all");
  expect(String((await nextEvent(first, "message"))[0])).toBe('42["x","to all"]');
  first.close();

  const { sid } = JSON.parse((await ask(server, "")).slice(1)) as { sid: string };
  const second = open(`&sid=${sid}`);
  await nextEvent(second, "open");
  second.send("2probe");
  expect(String((await nextEvent(second, "message"))[0])).toBe("3probe");
  second.send("5");
  second.send("40");
  expect(String((await nextEvent(second, "message"))[0])).toMatch(/^40\{"sid"/);
  second.close();
});

it("that break off end their session, and nobody else's", async () => {
  const server = await TestServer.start();
  const other = await server.join();
  const { clientEnd, serverEnd } = handOver(server);
  const socket = new WebSocket("ws://127.0.0.1/socket.io/?EIO=4&transport=websocket", {
    createConnection: () => clientEnd as never,
  });
  await nextEvent(socket, "message");
  socket.send("40");
  await nextEvent(socket, "message");
  const [, lost] = [...server.io.sockets.sockets.values()];
  const left = nextEvent(lost as NodeJS.EventEmitter, "disconnect");
  serverEnd.destroy(new Error("the client has closed its connection"));
  expect((await left)[0]).toBe("transport close");
  other.socket.emit("x");
  expect(await other.client.next()).toBe('42["x"]');
});
