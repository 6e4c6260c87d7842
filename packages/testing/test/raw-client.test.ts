import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HandshakeRefused, RawClient, type RawClientOptions } from "../src/index.ts";
import { TinyServer } from "./tiny-server.ts";

let server: TinyServer;
let client: RawClient;

beforeEach(async () => {
  server = await TinyServer.start();
  client = new RawClient(server.origin);
});

afterEach(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

async function useClient(options: RawClientOptions): Promise<void> {
  await client.close();
  client = new RawClient(server.origin, options);
}

describe("step by step, a raw client", () => {
  it("shows status, headers and bytes of an answer, whatever they are", async () => {
    server.intercept = (_request, response) => {
      response.writeHead(400, { "X-Reason": "because" }).end(Buffer.from("é"));
      return true;
    };
    const { status, headers, rawHeaders, body, bytes } = await client.get();
    expect([status, headers["x-reason"], body]).toEqual([400, "because", "é"]);
    expect(rawHeaders).toContain("X-Reason");
    expect(bytes).toEqual(Buffer.from([0xc3, 0xa9]));
    expect(client.received.all).toEqual([]);
  });

  it("asks for what it is told: path, query, headers, method", async () => {
    await useClient({ path: "/engine/", query: { EIO: "3" }, headers: { "x-all": "1" } });
    server.intercept = (_request, response) => {
      response.end();
      return true;
    };
    await client.request({ method: "PUT", query: { t: "now", transport: undefined }, headers: { "x-one": "2" } });
    expect(server.requests).toEqual(["PUT /engine/?EIO=3&t=now"]);
    expect(server.headers).toMatchObject({ "x-all": "1", "x-one": "2" });
  });

  it("queues the frames of a GET, and adds the session id once it has one", async () => {
    expect((await client.get()).body).toMatch(/^0\{/);
    client.handshake = JSON.parse(String(await client.next()).slice(1));
    expect(client.sid).toBe("s1");
    server.push("4a", Buffer.from([1, 2]));
    await client.get();
    expect(await client.next()).toBe("4a");
    expect(await client.next()).toEqual(Buffer.from([1, 2]));
    expect(server.requests.at(-1)).toBe("GET /socket.io/?EIO=4&sid=s1&transport=polling");
  });

  it("posts a body as it is", async () => {
    const { status, body } = await client.post("4a\x1e4b");
    expect([status, body]).toEqual([200, "ok"]);
    expect(server.received).toEqual(["4a", "4b"]);
    expect(server.headers["content-type"]).toBe("text/plain;charset=UTF-8");
    await client.post(new Uint8Array([0x34]), { headers: { "content-type": "application/octet-stream" } });
    expect(server.headers).toMatchObject({ "content-type": "application/octet-stream", "content-length": "1" });
  });

  it("breaks a GET off when told to, which the server sees", async () => {
    const seen = new Promise<void>((resolve) => {
      server.intercept = (request) => {
        request.on("close", resolve);
        abort.abort();
        return true;
      };
    });
    const abort = new AbortController();
    await expect(client.get({ signal: abort.signal })).rejects.toThrow("aborted");
    await seen;
  });

  it("gives up a request that is not answered in time", async () => {
    server.intercept = () => true;
    await expect(client.get({ timeout: 20 })).rejects.toThrow(/^GET http.* was not answered within 20 ms$/);
  });

  it("shows the answer of a server that refuses a WebSocket", async () => {
    const error: unknown = await client.openWebSocket({ query: { sid: "unknown" } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HandshakeRefused);
    expect(error).toMatchObject({ status: 400, body: "no", headers: { "x-reason": "sid" } });
  });

  it("shows how a WebSocket closed", async () => {
    const webSocket = await client.openWebSocket();
    expect(webSocket.headers["upgrade"]).toBe("websocket");
    expect(webSocket.open).toBe(true);
    server.webSocket?.close(4001, "done");
    expect(await webSocket.closed).toEqual({ code: 4001, reason: "done" });
    expect(webSocket.open).toBe(false);
  });

  it("knows by a ping what was read, and that a WebSocket closes", async () => {
    const webSocket = await client.openWebSocket();
    webSocket.send("4a");
    expect(await webSocket.ping()).toBe(true);
    expect(server.received).toEqual(["4a"]);
    server.webSocket?.close();
    expect(await webSocket.ping()).toBe(false);
  });

  it("writes bytes that are no frame", async () => {
    const webSocket = await client.openWebSocket();
    server.webSocket?.on("error", () => {});
    webSocket.write(Buffer.from([0xff, 0xff]));
    expect((await webSocket.closed).code).toBe(1002);
  });
});

describe("a raw client connects", () => {
  it("by WebSocket, with the first frame in the queue", async () => {
    const handshake = await client.connect();
    expect(handshake).toMatchObject({ sid: "s1", pingInterval: 25 });
    await client.send("4a", Buffer.from([1]));
    server.push("4b", Buffer.from([2]));
    expect(await client.next()).toBe("4b");
    expect(await client.next()).toEqual(Buffer.from([2]));
    await client.join();
    expect(server.received).toEqual(["4a", Buffer.from([1]), "40"]);
  });

  it("by polling, with a GET waiting from then on", async () => {
    await client.connect("polling");
    server.push("4a");
    expect(await client.next()).toBe("4a");
    server.push("4b");
    expect(await client.next()).toBe("4b");
    await client.send("4c", Buffer.from([1, 2, 3]));
    expect(server.received).toEqual(["4c", Buffer.from([1, 2, 3])]);
  });

  it("and upgrades: probe, no request in flight, switch", async () => {
    await client.connect("polling");
    await client.upgrade();
    const requestsBefore = server.requests.length;
    await client.join();
    server.push("4b");
    expect(await client.next()).toBe("4b");
    expect(server.received).toEqual(["2probe", "5", "40"]);
    expect(client.received.waiting).toEqual([]);
    expect(server.requests).toHaveLength(requestsBefore);
    expect(server.requests).toContain("GET /socket.io/?EIO=4&sid=s1&transport=websocket");
  });

  it("and joins namespaces", async () => {
    await client.connect();
    expect(await client.join()).toEqual({ sid: "s2" });
    expect(await client.join("/admin", { token: "x" })).toEqual({ sid: "s3" });
    await expect(client.join("/admin")).rejects.toThrow('the server refused /admin: 44/admin,{"message":"no"}');
  });
});

describe.each(["websocket", "polling"] as const)("a raw client over %s", (transport) => {
  it("leaves pings to the test", async () => {
    await client.connect(transport);
    server.push("2", "4a");
    expect(await client.next()).toBe("2");
    await client.next("4a");
    expect(server.received).toEqual([]);
  });

  it("answers pings by itself if it is to, and keeps them out of the way", async () => {
    await useClient({ answerPings: true });
    await client.connect(transport);
    server.push("2");
    server.push("4a");
    expect(await client.next()).toBe("4a");
    await client.send("4last");
    await client.join();
    expect(server.received[0]).toBe("3");
    expect(client.received.all).toContain("2");
  });

  it("answers a ping that comes with the handshake, where the handshake came from", async () => {
    await useClient({ answerPings: true });
    server.greeting = ["2"];
    await client.connect(transport);
    await client.join();
    expect(server.received).toEqual(transport === "websocket" ? ["3", "40"] : ["40"]);
  });

  it("tells who waits in vain that the server is gone, and what came before", async () => {
    await client.connect(transport);
    server.push("4a");
    await client.next("4a");
    const waiting = expect(client.next("4b")).rejects.toThrow(
      /waited for "4b" from http.*: (the WebSocket closed with 1006|Error: socket hang up|Error: .*ECONN).*\n.*0\{.*\n {2}taken {3}4a/s,
    );
    await server[Symbol.asyncDispose]();
    await waiting;
    server = await TinyServer.start();
  });

  it("leaves nothing open when it is closed", async () => {
    await client.connect(transport);
    const waiting = expect(client.next()).rejects.toThrow("the client was closed");
    await client.close();
    await waiting;
    // Would hang if a connection were left.
    await server[Symbol.asyncDispose]();
    server = await TinyServer.start();
  });
});

it("a polling client says what the server answered when polling fails", async () => {
  server.intercept = (request, response) => {
    const refused = request.url?.includes("sid=") === true;
    if (refused) {
      response.writeHead(400).end("gone");
    }
    return refused;
  };
  await client.connect("polling");
  await expect(client.next()).rejects.toThrow("the GET was answered with 400: gone");
  await expect(client.send("4b")).rejects.toThrow("the POST was answered with 400: gone");
});
