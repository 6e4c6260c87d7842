import { FakeWebTransport, RawWebTransport } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.ts";
import { nextEvent, sessionOf, settled, until } from "../fixture.ts";
import { expectNothingUncaught, Scene } from "./scene.ts";

expectNothingUncaught();

const TRANSPORTS = { transports: ["polling" as const, "websocket" as const, "webtransport" as const] };

/** The names that every object has, which must be just names here. */
const NAMES = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "null", "undefined", "NaN"];

describe("WebTransport sessions", () => {
  it("that ask for a session by the name of an object's own member (CVE-2026-59724)", async () => {
    const scene = await Scene.set(TRANSPORTS);
    for (const name of NAMES) {
      const { session, stream } = await scene.server.webTransport();
      void stream.send(`0${JSON.stringify({ sid: name })}`, "2probe", "5");
      await session.closed;
    }
    await scene.unharmed();
  });

  it("that ask for a session by something else than a name, or by too much", async () => {
    const scene = await Scene.set(TRANSPORTS);
    const frames = [
      '0{"__proto__":{"sid":"x"}}',
      '0{"sid":{"toString":"x"}}',
      `0${"[".repeat(500_000)}`,
      `0{"sid":"${"x".repeat(900_000)}"}`,
      "0\ud800",
    ];
    for (const frame of frames) {
      const { session, stream } = await scene.server.webTransport();
      void stream.send(frame);
      await session.closed;
    }
    await scene.unharmed();
  });

  it("that end at any byte of a conversation, in any way", async () => {
    const scene = await Scene.set(TRANSPORTS);
    const { client, socket } = await scene.attacker("polling");
    const sid = client.sid as string;
    const conversation = Buffer.from(`\x1e0{"sid":"${sid}"}\x062probe\x034no`);
    expect(conversation[0]).toBe(sid.length + 10);
    for (let length = 0; length <= conversation.length; length += 3) {
      for (const end of ["close", "fail", "finish", "abort"] as const) {
        const { session, stream } = await scene.server.webTransport();
        session.closed.catch(() => {});
        void stream.write(conversation.subarray(0, length));
        await settled();
        if (end === "close" || end === "fail") {
          session[end]();
        } else {
          await stream[end]();
        }
        await session.closed.catch(() => {});
        await until(() => !sessionOf(socket).upgrading);
      }
    }
    expect([socket.connected, socket.conn.transport.name]).toEqual([true, "polling"]);
    await scene.end(client);
    await scene.unharmed();
  });

  it("by the thousand that never say what they want are closed in time, and leave nothing behind", async () => {
    const scene = await Scene.set({ ...TRANSPORTS, upgradeTimeout: 50 });
    const sessions = await Promise.all(
      Array.from({ length: 1000 }, async (_, number) => {
        const { client, server } = FakeWebTransport.join();
        void scene.server.io.engine.onWebTransportSession(server);
        if (number % 2) {
          const stream = await RawWebTransport.open(client);
          void stream.write(Buffer.from([0x7f, 0, 0, 0, 0, 0, 0x0f]));
        }
        return client.closed;
      }),
    );
    expect(sessions).toHaveLength(1000);
    await scene.unharmed();
  });

  it("that open one stream after the other have one that counts", async () => {
    const scene = await Scene.set(TRANSPORTS);
    const { session, stream, socket } = await scene.server.joinOverWebTransport();
    const others = await Promise.all(Array.from({ length: 100 }, () => RawWebTransport.open(session)));
    for (const other of others) {
      void other.send("0", "40", '42["x"]');
    }
    const received = nextEvent(socket, "y");
    void stream.send('42["y"]');
    await received;
    expect(others.flatMap(({ all }) => all)).toEqual([]);
    session.close();
    await scene.unharmed();
  });

  it("that send garbage once they are in, by every first byte", async () => {
    const scene = await Scene.set(TRANSPORTS);
    for (let byte = 0; byte < 256; byte++) {
      const { session, stream } = await scene.server.joinOverWebTransport();
      void stream.write(Buffer.concat([Buffer.from([byte]), Buffer.alloc(300, byte)]));
      void stream.write(Buffer.alloc(9, 0xff));
      void stream.write(Buffer.alloc(9, 0xff));
      await settled();
      session.close();
      await session.closed;
    }
    await scene.unharmed();
  });

  it("that send more than is handled are closed, and are told nothing more", async () => {
    const scene = await Scene.set({ ...TRANSPORTS, maxHttpBufferSize: 1000 });
    const { session, stream, socket } = await scene.server.joinOverWebTransport();
    let handled = 0;
    socket.on("x", () => handled++);
    const ended = nextEvent(socket, "disconnect") as Promise<[string, { code: string }]>;
    const text = Buffer.from('\x0742["x"]');
    void stream.write(Buffer.concat(Array.from({ length: 30_000 }, () => text)));
    expect(await stream.finished).toBe("finished");
    void stream.finish();
    const [reason, error] = await ended;
    expect([reason, error.code]).toEqual(["forced close", "ERR_BUDGET_INBOUND"]);
    expect(handled).toBeLessThan(15_000);
    await session.closed;
    await scene.unharmed();
  });

  it("that stop reading hold nothing but their own session", async () => {
    const scene = await Scene.set(TRANSPORTS);
    scene.hurry();
    const { stream, session } = await scene.server.webTransport({ reading: false });
    const connection = nextEvent(scene.server.io, "connection") as Promise<[Socket]>;
    void stream.send("0", "40");
    const [socket] = await connection;
    const ended = nextEvent(socket, "disconnect");
    socket.emit("much", "x".repeat(1_000_000));
    expect((await ended)[0]).toBe("ping timeout");
    await session.closed;
    await scene.unharmed();
  });
});
