import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawHttp2 } from "../src/index.ts";

let server: Http2Server;
let http2: RawHttp2;
let answer: (request: Http2ServerRequest, response: Http2ServerResponse, body: string) => void;

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  http2 = await RawHttp2.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await http2[Symbol.asyncDispose]();
  await new Promise((resolve) => server.close(resolve));
});

describe("a raw HTTP/2 connection", () => {
  it("sends requests as they are given, and shows the answers", async () => {
    answer = ({ method, url, headers }, response, body) => {
      response.writeHead(418, { "x-name": String(headers["x-name"]) });
      response.end(`${method} ${url} ${body}`);
    };
    const posted = await http2.request("/a?b", { method: "POST", headers: { "x-name": "ada" }, body: "ahoy" });
    expect(posted).toMatchObject({ status: 418, body: "POST /a?b ahoy", headers: { "x-name": "ada" } });
    expect(posted.rawHeaders).toContain("x-name");
    expect((await http2.request("/c")).body).toBe("GET /c ");
  });

  it("carries several requests at once, each of which can be broken off", async () => {
    let waiting: Http2ServerResponse | undefined;
    const arrived = new Promise<void>((resolve) => {
      answer = ({ url }, response) => {
        if (url === "/slow") {
          waiting = response;
          resolve();
        } else {
          response.end("fast");
        }
      };
    });
    const abort = new AbortController();
    const slow = http2.request("/slow", { signal: abort.signal });
    await arrived;
    expect((await http2.request("/fast")).body).toBe("fast");
    const closed = new Promise((resolve) => waiting?.on("close", resolve));
    abort.abort();
    await expect(slow).rejects.toThrow("aborted");
    await closed;
  });

  it("gives up a request that is not over in time", async () => {
    answer = () => {};
    const request = http2.request("/", { body: "a", unfinished: true, method: "POST", timeout: 20 });
    await expect(request).rejects.toThrow("POST / was not over within 20 ms");
  });

  it("ends in order", async () => {
    answer = (_request, response) => {
      http2.end();
      response.end("last");
    };
    expect((await http2.request("/")).body).toBe("last");
    await http2.closed;
  });

  it("is refused by who does not speak HTTP/2", async () => {
    const { port } = server.address() as AddressInfo;
    await expect(RawHttp2.open(`https://127.0.0.1:${port}`)).rejects.toBeInstanceOf(Error);
  });
});
