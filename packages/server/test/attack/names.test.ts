import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.ts";
import { nextEvent } from "../fixture.ts";
import { frame, upgradeRequest } from "../websocket-bytes.ts";
import { expectNothingUncaught, Scene } from "./scene.ts";

expectNothingUncaught();

/** The names that every object has, which must be just names here. */
const NAMES = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "null", "undefined", "NaN"];

describe("names of an object's own members are just names", () => {
  it("as the value of each parameter, over both transports", async () => {
    const scene = await Scene.set();
    const tcp = await scene.server.tcp();
    for (const name of NAMES) {
      for (const query of [
        `EIO=4&transport=${name}`,
        `EIO=4&transport=polling&sid=${name}`,
        `EIO=${name}&transport=polling`,
      ]) {
        tcp.write(`GET /socket.io/?${query} HTTP/1.1\r\nHost: x\r\n\r\n`);
        expect(await tcp.until(/"message":"[^"]*"\}/)).toContain("400 Bad Request");
      }
      const upgrade = await scene.server.tcp();
      upgrade.write(upgradeRequest({ url: `/socket.io/?EIO=4&transport=websocket&sid=${name}` }));
      await upgrade.closed;
      expect(upgrade.received).toContain("Session ID unknown");
    }
    await scene.unharmed();
  });

  it("as the names of parameters and headers", async () => {
    const scene = await Scene.set();
    for (const name of NAMES) {
      const headers = Object.defineProperty({}, name, { value: "x", enumerable: true });
      const tcp = await scene.webSocket({ url: `/socket.io/?EIO=4&transport=websocket&${name}=x`, headers });
      const connection = nextEvent(scene.server.io, "connection") as Promise<[Socket]>;
      tcp.write(frame("40"));
      const [{ handshake, request }] = await connection;
      expect(Object.getOwnPropertyDescriptor(handshake.query, name)?.value).toBe("x");
      expect(Object.getPrototypeOf(handshake.headers)).toBe(Object.prototype);
      expect(request.headers["host"]).toBe("127.0.0.1");
      tcp.end();
    }
    await scene.unharmed();
  });

  it("as session ids that the application makes", async () => {
    const scene = await Scene.set();
    for (const name of ["__proto__", "constructor", "toString"]) {
      scene.server.io.engine.generateId = () => name;
      const { client } = await scene.attacker("polling");
      expect(client.sid).toBe(name);
      await client.send("1");
    }
    await scene.unharmed();
  });

  it("as namespaces, events, and members of auth and arguments", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    for (const name of NAMES) {
      await client.send(`40/${name},`);
      expect(await client.next()).toBe(`44/${name},{"message":"Invalid namespace"}`);
      const event = nextEvent(socket, name);
      await client.send(`42["${name}",{"${name}":{"polluted":true}},{"a":[{"${name}":1}]}]`);
      const [first] = (await event) as [object];
      expect(Object.keys(first)).toEqual([name]);
    }
    await client.send("41", '40{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    await client.next(/^40/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await client.close();
    await scene.unharmed();
  });

  it("as members of packets with attachments", async () => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker();
    const event = nextEvent(socket, "a");
    await client.send('451-["a",{"__proto__":{"_placeholder":true,"num":0}},{"constructor":{"prototype":{"x":1}}}]');
    await client.send(Buffer.from([1]));
    const [first] = (await event) as [object];
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(first, "__proto__")?.value).toEqual(Buffer.from([1]));
    expect(({} as { x?: number }).x).toBeUndefined();
    await client.close();
    await scene.unharmed();
  });
});
