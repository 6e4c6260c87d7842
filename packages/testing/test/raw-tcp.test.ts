import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawTcp } from "../src/index.ts";

let server: Server;
let accepted: Promise<Socket>;
let tcp: RawTcp;

beforeEach(async () => {
  accepted = new Promise((resolve) => {
    server = createServer((socket) => resolve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  tcp = await RawTcp.open((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await tcp[Symbol.asyncDispose]();
  await new Promise((resolve) => server.close(resolve));
});

describe("a raw TCP connection", () => {
  it("takes what has arrived up to a match, piece by piece, and keeps the rest", async () => {
    const peer = await accepted;
    peer.write("HTTP/1.1 200");
    await tcp.until("HTTP");
    peer.write(" OK\r\n\r\nbody");
    expect(await tcp.until(/\r\n\r\n/)).toBe("/1.1 200 OK\r\n\r\n");
    expect(await tcp.until("body")).toBe("body");
    expect(tcp.received).toBe("");
  });

  it("sends bytes as they are", async () => {
    const peer = await accepted;
    const got = new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      peer.on("data", (chunk) => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).length === 4) {
          resolve(Buffer.concat(chunks));
        }
      });
    });
    tcp.write("\xff\x00");
    tcp.write(new Uint8Array([1, 2]));
    expect(await got).toEqual(Buffer.from([0xff, 0, 1, 2]));
  });

  it("shows what did arrive when a match does not come in time", async () => {
    (await accepted).write("a\r\n");
    await tcp.until("a");
    await expect(tcp.until("b", { timeout: 5 })).rejects.toThrow('waited for b: not within 5 ms; arrived: "\\r\\n"');
  });

  it("says so when the connection closes instead, then and later", async () => {
    const waiting = expect(tcp.until("b")).rejects.toThrow('waited for b: the connection closed; arrived: ""');
    (await accepted).end();
    await waiting;
    await tcp.closed;
    await expect(tcp.until("c")).rejects.toThrow("waited for c: the connection closed");
  });

  it("tells a reset from an end", async () => {
    const waiting = expect(tcp.until("b")).rejects.toThrow("the connection closed (read ECONNRESET)");
    (await accepted).resetAndDestroy();
    await waiting;
  });

  it("resets when told to", async () => {
    const peer = await accepted;
    const error = new Promise((resolve) => peer.on("error", resolve));
    tcp.reset();
    expect(await error).toMatchObject({ code: "ECONNRESET" });
  });
});
