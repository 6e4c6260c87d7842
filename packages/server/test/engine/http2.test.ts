import type { Server as HttpServer } from "node:http";
import { createServer } from "node:http2";
import { RawHttp2 } from "@hawser/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ServerOptions, Socket } from "../../src/index.ts";
import { nextEvent, TestServer, until } from "../fixture.ts";

const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";

/** A server of HTTP/2 in clear, and a connection to it. */
async function connected(options: Partial<ServerOptions> = {}): Promise<{ server: TestServer; http2: RawHttp2 }> {
  const server = await TestServer.start(options, createServer() as unknown as HttpServer);
  const http2 = await RawHttp2.open(server.origin);
  onTestFinished(() => http2[Symbol.asyncDispose]());
  return { server, http2 };
}

/** A client in `/`. */
async function joined(
  options: Partial<ServerOptions> = {},
): Promise<{ server: TestServer; http2: RawHttp2; path: string; socket: Socket }> {
  const { server, http2 } = await connected(options);
  const connection = nextEvent(server.io, "connection");
  const { body } = await http2.request(HANDSHAKE);
  const path = `${HANDSHAKE}&sid=${(JSON.parse(body.slice(1)) as { sid: string }).sid}`;
  await http2.request(path, { method: "POST", body: "40" });
  await http2.request(path);
  const [socket] = await connection;
  return { server, http2, path, socket: socket as Socket };
}

describe("over HTTP/2", () => {
  it("the request of a session says of which version it was, and how it was addressed", async () => {
    const { server, socket } = await joined();
    const { httpVersion, httpVersionMajor, httpVersionMinor, method, url, headers } = socket.request;
    expect([httpVersion, httpVersionMajor, httpVersionMinor, method, url]).toEqual(["2.0", 2, 0, "GET", HANDSHAKE]);
    expect(headers).toMatchObject({ ":authority": `127.0.0.1:${server.port}`, ":path": HANDSHAKE });
  });

  it("a request that is broken off while a middleware looks at it begins no session", async () => {
    const { server, http2 } = await connected();
    const abort = new AbortController();
    let proceed: (() => void) | undefined;
    server.io.engine.use((_request, _response, next) => void (proceed = next));
    const request = http2.request(HANDSHAKE, { signal: abort.signal }).catch(() => "broken off");
    await until(() => proceed !== undefined);
    abort.abort();
    expect(await request).toBe("broken off");
    // The server has noticed once it has answered what was asked on the same connection afterwards.
    await http2.request("/socket.io/socket.io.js", { method: "HEAD" });
    proceed?.();
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it("a poll that is broken off ends the session", async () => {
    const { http2, path, socket } = await joined();
    const ended = nextEvent(socket, "disconnect");
    const abort = new AbortController();
    const poll = http2.request(path, { signal: abort.signal }).catch(() => "broken off");
    await until(() => socket.conn.transport.writable);
    abort.abort();
    expect(await poll).toBe("broken off");
    expect((await ended)[0]).toBe("transport error");
  });

  describe("a body that goes on for ever", () => {
    it("is not waited for once it is too large: its stream is closed, and the session goes on", async () => {
      const warn = vi.spyOn(process, "emitWarning");
      const { http2, path, socket } = await joined({ maxHttpBufferSize: 10 });
      const body = `4${"x".repeat(20)}`;
      const { status } = await http2.request(path, { method: "POST", body, unfinished: true, timeout: 2_000 });
      expect(status).toBe(413);
      socket.emit("still", "here");
      expect((await http2.request(path)).body).toBe('42["still","here"]');
      expect(warn).not.toHaveBeenCalled();
    });

    it("is not waited for once the session has ended", async () => {
      const { http2, path, socket } = await joined();
      const post = http2.request(path, { method: "POST", body: "4", unfinished: true, timeout: 2_000 });
      // A second body is refused at once, and the first one with it: they overlap.
      await http2.request(path, { method: "POST", body: "40", timeout: 2_000 });
      expect((await post).status).toBe(400);
      expect(socket.connected).toBe(false);
    });
  });

  it("close() lets connections end, once the requests on them are answered", async () => {
    const { server, http2, path, socket } = await joined();
    const poll = http2.request(path);
    await until(() => socket.conn.transport.writable);
    await server.io.close();
    expect((await poll).body).toBe("1");
    await http2.closed;
  });
});
