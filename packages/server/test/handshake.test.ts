import { describe, expect, it } from "vitest";
import { TestServer } from "./fixture.ts";

describe("socket.handshake", () => {
  it.each(["polling", "websocket"] as const)("tells how a socket came to be, over %s", async (transport) => {
    const server = await TestServer.start();
    const before = Date.now();
    const client = server.client({ query: { token: "a b" }, headers: { "x-name": "ada" } });
    await client.connect(transport);
    const { handshake } = await server.joinWith(client, "/admin", { secret: 1 });
    const after = Date.now();
    expect(handshake).toMatchObject({
      address: "127.0.0.1",
      xdomain: false,
      secure: false,
      query: { EIO: "4", transport, token: "a b" },
      auth: { secret: 1 },
    });
    expect(handshake.headers["x-name"]).toBe("ada");
    expect(handshake.url).toMatch(/^\/socket\.io\/\?.*token=a\+b/);
    expect(handshake.issued).toBeGreaterThanOrEqual(before);
    expect(handshake.issued).toBeLessThanOrEqual(after);
    expect(handshake.time).toBe(new Date(handshake.issued).toString());
  });

  it("is one object, and says the same when the connection is gone", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    await client.close();
    const { handshake } = socket;
    expect(handshake).toMatchObject({ address: "127.0.0.1", query: { transport: "polling" } });
    expect(socket.handshake).toBe(handshake);
  });

  it("is still that of the first request after an upgrade", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join("polling");
    await client.upgrade();
    expect(socket.handshake.query["transport"]).toBe("polling");
  });

  it("tells the time at which the socket came to be, not its connection", async () => {
    const server = await TestServer.start();
    const { client, socket } = await server.join();
    await new Promise((resolve) => setTimeout(resolve, 15));
    const other = await server.joinWith(client, "/other");
    expect(other.handshake.issued).toBeGreaterThan(socket.handshake.issued);
  });

  it("knows a page of another origin", async () => {
    const server = await TestServer.start();
    const client = server.client({ headers: { origin: "http://page.example" } });
    await client.connect();
    expect((await server.joinWith(client)).handshake.xdomain).toBe(true);
  });

  it("has a query of which any key is just a key", async () => {
    const server = await TestServer.start();
    const tcp = await server.tcp();
    tcp.write("GET /socket.io/?EIO=4&transport=polling&__proto__=x&constructor=y HTTP/1.1\r\nHost: x\r\n\r\n");
    const [, sid] = /"sid":"(.*?)"/.exec(await tcp.until("}")) ?? [];
    const connection = new Promise<{ handshake: { query: object } }>((resolve) => server.io.on("connection", resolve));
    tcp.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n40`);
    const { query } = (await connection).handshake;
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype);
    expect(Object.keys(query)).toEqual(["EIO", "transport", "__proto__", "constructor"]);
  });
});
