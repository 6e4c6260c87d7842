import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runtime as browser } from "../../src/runtime/browser.ts";
import { runtime as node } from "../../src/runtime/node.ts";
import type { EngineOptions } from "../../src/options.ts";
import type { HttpResponse, Network } from "../../src/runtime/runtime.ts";

/** What reached the server. */
interface Seen {
  method: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

let server: Server;
let url: string;
let seen: Seen[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  seen = [];
  answer = (response) => response.end("ok");
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) {
      body += String(chunk);
    }
    seen.push({ method: request.method, headers: request.headers, body });
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
  vi.unstubAllGlobals();
});

describe.each([
  ["Node.js", node],
  ["browsers", browser],
])("requests in %s", (_, runtime) => {
  const send = (body?: string, options = {}): Promise<HttpResponse> =>
    new Promise((resolve) => void runtime.createNetwork().request(url, options, body, resolve));

  it("are GETs without a body", async () => {
    answer = (response) => response.end("4ü\u{1f600}");
    expect(await send()).toEqual({ status: 200, responseText: "4ü\u{1f600}" });
    expect(seen).toMatchObject([{ method: "GET", body: "" }]);
  });

  it("are POSTs of text with one", async () => {
    await send("4ü\u{1f600}");
    expect(seen).toMatchObject([
      { method: "POST", body: "4ü\u{1f600}", headers: { "content-type": "text/plain;charset=UTF-8" } },
    ]);
  });

  it("carry the headers that were asked for", async () => {
    await send(undefined, { extraHeaders: { "X-Token": "abc" } });
    expect(seen).toMatchObject([{ headers: { "x-token": "abc" } }]);
  });

  it("are answered with a status, whatever it is", async () => {
    answer = (response) => response.writeHead(413).end("too much");
    expect(await send("x")).toEqual({ status: 413, responseText: "too much" });
  });

  it("are answered with status 0 and an error if the server is not there, or goes away", async () => {
    answer = (response) => response.write("half", () => response.destroy());
    expect(await send()).toEqual({ status: 0, responseText: "", error: expect.any(Error) });
    server.close();
    server.closeAllConnections();
    expect(await send()).toEqual({ status: 0, responseText: "", error: expect.any(Error) });
  });

  it("are not answered any more once they are aborted, and the server notices", async () => {
    let answered = false;
    const closed = new Promise((resolve) => {
      answer = (response) => {
        response.on("close", resolve);
        abort();
      };
    });
    const abort = runtime.createNetwork().request(url, {}, undefined, () => {
      answered = true;
    });
    await closed;
    answer = (response) => response.end();
    await send();
    expect(answered).toBe(false);
  });
});

describe("the network of Node.js", () => {
  const send = (network: Network, options: EngineOptions = {}): Promise<HttpResponse> =>
    new Promise((resolve) => void network.request(url, options, undefined, resolve));

  it("keeps connections alive from request to request", async () => {
    const ports: unknown[] = [];
    answer = (response, request) => response.end(String(ports.push(request.socket.remotePort)));
    const network = node.createNetwork();
    await send(network);
    await send(network);
    expect(ports[0]).toBe(ports[1]);
  });

  it("sends a request again that met a connection at the moment of its end", async () => {
    const network = node.createNetwork();
    await send(network);
    let hangUps = 0;
    answer = (response, request) => {
      if (hangUps++ === 0) {
        request.socket.resetAndDestroy();
      } else {
        response.end("second");
      }
    };
    expect(await send(network)).toEqual({ status: 200, responseText: "second" });
  });

  it("returns cookies if credentials are wanted, beside those of the application", async () => {
    answer = (response) => response.setHeader("Set-Cookie", ["lb=1; Path=/"]).end();
    const network = node.createNetwork();
    const options = { withCredentials: true, extraHeaders: { cookie: "own=2" } };
    await send(network, options);
    await send(network, options);
    expect(seen.map(({ headers }) => headers.cookie)).toEqual(["own=2", "own=2; lb=1"]);
  });

  it("returns none otherwise", async () => {
    answer = (response) => response.setHeader("Set-Cookie", ["lb=1; Path=/"]).end();
    const network = node.createNetwork();
    await send(network);
    await send(network);
    expect(seen.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });

  it("opens WebSockets with the headers and subprotocols that were asked for", async () => {
    const upgrade = once(server, "upgrade");
    const socket = node.createNetwork().openWebSocket(url.replace("http", "ws"), {
      extraHeaders: { "X-Token": "abc" },
      protocols: ["a", "b"],
      origin: "https://x.test",
    });
    const failed = new Promise((resolve) => (socket.onerror = resolve));
    const [request, connection] = (await upgrade) as [IncomingMessage, import("node:net").Socket];
    expect(request.headers).toMatchObject({
      "x-token": "abc",
      "sec-websocket-protocol": "a,b",
      origin: "https://x.test",
    });
    connection.destroy();
    await failed;
  });
});

describe("the browser's runtime", () => {
  it("sends its requests by fetch", async () => {
    const requests: unknown[] = [];
    vi.stubGlobal("fetch", async (address: string, { method, body }: RequestInit) => {
      requests.push([method, address, body]);
      return new Response("4a");
    });
    vi.stubGlobal("XMLHttpRequest", () => expect.unreachable());
    const response = await new Promise((resolve) => void browser.createNetwork().request(url, {}, "4b", resolve));
    expect(requests).toEqual([["POST", url, "4b"]]);
    expect(response).toEqual({ status: 200, responseText: "4a" });
  });

  it("sends credentials to other origins only if they are wanted", async () => {
    const credentials: unknown[] = [];
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      credentials.push(init.credentials);
      return new Response("ok");
    });
    for (const withCredentials of [undefined, false, true]) {
      await new Promise(
        (resolve) => void browser.createNetwork().request(url, { withCredentials }, undefined, resolve),
      );
    }
    expect(credentials).toEqual(["same-origin", "same-origin", "include"]);
  });

  it("opens WebSockets with subprotocols and, for React Native, headers", () => {
    const calls: unknown[][] = [];
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor(...args: unknown[]) {
          calls.push(args);
        }
      },
    );
    browser.createNetwork().openWebSocket("ws://host", { protocols: "p", extraHeaders: { a: "1" } });
    browser.createNetwork().openWebSocket("ws://host", {});
    expect(calls).toEqual([
      ["ws://host", "p", { headers: { a: "1" } }],
      ["ws://host", undefined, { headers: undefined }],
    ]);
  });

  it("listens to the page where there is one", () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    let calls = 0;
    const stop = browser.onPageEvent("offline", () => calls++);
    page.dispatchEvent(new Event("offline"));
    stop();
    page.dispatchEvent(new Event("offline"));
    expect(calls).toBe(1);
    vi.unstubAllGlobals();
    expect(() => browser.onPageEvent("offline", () => {})()).not.toThrow();
  });
});

describe.each([
  ["Node.js", node],
  ["browsers", browser],
])("the clock in %s", (_, runtime) => {
  it("fires timers, unless they are cleared, and defers to the end of the stack", async () => {
    const clock = runtime.createClock({});
    const calls: string[] = [];
    const begin = clock.now();
    await new Promise<void>((resolve) => {
      clock.clearTimer(clock.setTimer(() => calls.push("cleared"), 1));
      clock.setTimer(resolve, 20);
      clock.defer(() => calls.push("deferred"));
      calls.push("now");
    });
    expect(calls).toEqual(["now", "deferred"]);
    expect(clock.now() - begin).toBeGreaterThanOrEqual(19);
  });

  it("obeys a test that makes time stand still, unless it is told to use native timers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance", "queueMicrotask"] });
    try {
      const [fake, real] = [runtime.createClock({}), runtime.createClock({ useNativeTimers: true })];
      const calls: string[] = [];
      fake.setTimer(() => calls.push("fake"), 1000);
      real.clearTimer(real.setTimer(() => calls.push("cleared"), 1));
      const [fakeBegin, realBegin] = [fake.now(), real.now()];
      await new Promise<void>((resolve) => real.setTimer(resolve, 20));
      expect([calls, fake.now() - fakeBegin, real.now() - realBegin >= 19]).toEqual([[], 0, true]);
      vi.advanceTimersByTime(1000);
      expect([calls, fake.now() - fakeBegin]).toEqual([["fake"], 1000]);
      await new Promise<void>((resolve) => fake.defer(resolve));
    } finally {
      vi.useRealTimers();
    }
  });
});

it("timers of Node.js let the process end if they are told to", () => {
  const timers = [false, true].map(
    (autoUnref) => node.createClock({ autoUnref }).setTimer(() => {}, 1000) as NodeJS.Timeout,
  );
  expect(timers.map((timer) => timer.hasRef())).toEqual([true, false]);
  timers.forEach(clearTimeout);
});

describe.each([
  ["Node.js", node],
  ["browsers", browser],
])("WebTransport in %s", (_, runtime) => {
  it("is the platform's class, which is given its own options", () => {
    const made: unknown[] = [];
    class PlatformWebTransport {
      constructor(...args: unknown[]) {
        made.push(...args);
      }
    }
    vi.stubGlobal("WebTransport", PlatformWebTransport);
    const transportOptions = { webtransport: { congestionControl: "throughput" as const } };
    const network = runtime.createNetwork();
    expect(network.openWebTransport("https://server.test/", { transportOptions })).toBeInstanceOf(PlatformWebTransport);
    network.openWebTransport("https://server.test/", {});
    expect(made).toEqual(["https://server.test/", transportOptions.webtransport, "https://server.test/", undefined]);
  });

  it("is missing where there is no such class", () => {
    vi.stubGlobal("WebTransport", undefined);
    delete (globalThis as { WebTransport?: unknown }).WebTransport;
    expect(() => runtime.createNetwork().openWebTransport("https://server.test/", {})).toThrow(ReferenceError);
  });
});
