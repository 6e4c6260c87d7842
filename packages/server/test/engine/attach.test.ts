import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { RawClient } from "@hawser/testing";
import { nextEvent, TestServer } from "../fixture.ts";
import { upgradeRequest } from "../websocket-bytes.ts";

describe("requests are the engine's", () => {
  it.each(["/socket.io/?", "/socket.io/anything/else?", "/socket.io/?a=b&"])(
    "when they begin with its path: %s",
    async (start) => {
      const server = await TestServer.start();
      const tcp = await server.tcp();
      tcp.write(`GET ${start}EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect(await tcp.until("\r\n\r\n")).toMatch(/^HTTP\/1.1 200 OK/);
    },
  );

  it.each(["/", "/socket.io?EIO=4&transport=polling", "/other/socket.io/?EIO=4&transport=polling"])(
    "and others go where they went before: %s",
    async (path) => {
      const http = createServer((request, response) => response.end(`other ${request.url}`));
      const server = await TestServer.start({}, http);
      const response = await fetch(server.origin + path);
      expect(await response.text()).toBe(`other ${path}`);
    },
  );

  it("every listener that was there is asked about the others", async () => {
    const http = createServer();
    const seen: string[] = [];
    http.on("request", () => seen.push("first"));
    http.on("request", (_request, response) => response.end(seen.push("second").toString()));
    const server = await TestServer.start({}, http);
    await fetch(`${server.origin}/x`);
    expect(seen).toEqual(["first", "second"]);
  });

  it("at the path that is asked for, with its slash at the end or not", async () => {
    for (const path of ["/chat", "/chat/"]) {
      const server = await TestServer.start({ path });
      const client = server.client({ path: "/chat/" });
      expect((await client.get()).status).toBe(200);
      expect((await fetch(`${server.origin}/chat?EIO=4&transport=polling`)).status).toBe(404);
    }
  });

  it("without the slash if it is left out", async () => {
    const server = await TestServer.start({ addTrailingSlash: false });
    const client = server.client({ path: "/socket.io" });
    expect((await client.get()).status).toBe(200);
  });
});

it.each(["/socket.io/?EIO=4&transport=websocket", "/elsewhere"])(
  "where no WebSockets are offered, an upgrade request is a request like any other: %s",
  async (url) => {
    const http = createServer((_request, response) => response.end("the application"));
    const server = await TestServer.start({ transports: ["polling"] }, http);
    const tcp = await server.tcp();
    tcp.write(upgradeRequest({ url }));
    const answer = await tcp.until(/the application|Transport unknown/);
    expect(answer).toContain(url === "/elsewhere" ? "the application" : '{"code":0,"message":"Transport unknown');
  },
);

describe("an upgrade request to another path", () => {
  const elsewhere = upgradeRequest({ url: "/elsewhere" });

  it("is ended when nobody has taken it in time", async () => {
    const server = await TestServer.start({ destroyUpgradeTimeout: 10 });
    const tcp = await server.tcp();
    tcp.write(elsewhere);
    await tcp.closed;
    expect(tcp.received).toBe("");
  });

  it("is left alone once somebody has written to it", async () => {
    const server = await TestServer.start({ destroyUpgradeTimeout: 10 });
    server.http.on("upgrade", (_request, socket) => {
      socket.write("mine");
      setTimeout(() => socket.end("still mine"), 30);
    });
    const tcp = await server.tcp();
    tcp.write(elsewhere);
    await tcp.until("minestill mine");
  });

  it("is left alone with destroyUpgrade: false", async () => {
    const server = await TestServer.start({ destroyUpgrade: false, destroyUpgradeTimeout: 1 });
    server.http.on("upgrade", (_request, socket) => setTimeout(() => socket.end("at last"), 30));
    const tcp = await server.tcp();
    tcp.write(elsewhere);
    await tcp.until("at last");
  });

  it("may be broken off meanwhile", async () => {
    const server = await TestServer.start();
    const upgrade = nextEvent(server.http, "upgrade");
    const tcp = await server.tcp();
    tcp.write(elsewhere);
    const [, socket] = (await upgrade) as [unknown, NodeJS.EventEmitter];
    const closed = nextEvent(socket, "close");
    tcp.reset();
    await closed;
  });
});

it("the engine ends with the HTTP server", async () => {
  const server = await TestServer.start();
  const { client } = await server.join();
  server.http.close();
  await client.close();
  await nextEvent(server.http, "close");
  expect(server.io.engine.clientsCount).toBe(0);
});

it("an HTTP server that is closed and listens again serves both transports again", async () => {
  const server = await TestServer.start();
  await new Promise((resolve) => server.http.close(resolve));
  await new Promise<void>((resolve) => server.http.listen(0, "127.0.0.1", resolve));
  for (const transport of ["polling", "websocket"] as const) {
    const client = new RawClient(server.origin);
    await client.connect(transport);
    await client.close();
  }
});
