/** Polling by script tags and forms. */

import { describe, expect, it } from "vitest";
import type { Socket } from "../../../src/index.ts";
import { nextEvent, TestServer } from "../../fixture.ts";

/** A session over JSONP that has joined `/`. */
async function joined(index = "7") {
  const server = await TestServer.start({ allowEIO3: true });
  const connected = nextEvent(server.io, "connection");
  const client = server.client();
  const base = { EIO: "3", transport: "polling", j: index };
  const get = async (query: Record<string, string | undefined> = {}) =>
    client.request({ query: { ...base, ...query } });
  const first = await get({ sid: undefined });
  const body = JSON.parse(/^___eio\[\d*\]\((.*)\);$/.exec(first.body)?.[1] ?? "null") as string;
  const { sid } = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1)) as { sid: string };
  const post = async (data: string) =>
    client.request({
      method: "POST",
      query: { ...base, sid },
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ d: data }).toString(),
    });
  const [socket] = (await connected) as [Socket];
  return { server, first, socket, get: () => get({ sid }), post };
}

describe("JSONP", () => {
  it("answers a GET with a call of the page's function, whose argument is the payload", async () => {
    const { first, get } = await joined();
    expect(first.headers["content-type"]).toBe("text/plain; charset=UTF-8");
    expect(first.body).toMatch(/^___eio\[7\]\("\d+:0\{\\"sid\\":/);
    expect((await get()).body).toBe('___eio[7]("2:40");');
  });

  it("keeps to the digits of the index: nothing else is put into a script", async () => {
    const { first } = await joined("1];alert(2)//");
    expect(first.body).toMatch(/^___eio\[12\]\(/);
  });

  it("escapes what older JavaScript does not allow in a string", async () => {
    const { socket, get } = await joined();
    await get();
    socket.emit("a", "\u2028\u2029");
    expect((await get()).body).toBe('___eio[7]("12:42[\\"a\\",\\"\\u2028\\u2029\\"]");');
  });

  it("takes packets out of a form", async () => {
    const { socket, post } = await joined();
    const event = nextEvent(socket, "a");
    const { status, body } = await post('16:42["a","b=c&d€"]');
    expect([status, body]).toEqual([200, "ok"]);
    expect(await event).toEqual(["b=c&d€"]);
  });

  it("restores line breaks, which forms would change", async () => {
    const { socket, post } = await joined();
    const event = nextEvent(socket, "e");
    await post('14:42["e","a\\\\nb"]');
    expect(await event).toEqual(["a\nb"]);
    const message = nextEvent(socket.conn, "message");
    await post("4:4a\\nb");
    expect(await message).toEqual(["a\nb"]);
  });

  it("sends bytes as base64", async () => {
    const { socket, get } = await joined();
    await get();
    socket.emit("a", Buffer.from([1, 2, 3]));
    expect((await get()).body).toContain("6:b4AQID");
  });

  it("is not there unless clients of Socket.IO 2 are allowed", async () => {
    const server = await TestServer.start();
    const { status, body } = await server.client().request({ query: { EIO: "4", transport: "polling", j: "0" } });
    expect([status, body[0]]).toEqual([200, "0"]);
  });
});
