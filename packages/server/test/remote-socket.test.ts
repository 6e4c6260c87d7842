import { Adapter } from "@hawser/adapter";
import { beforeEach, describe, expect, it } from "vitest";
import type { DefaultEventsMap, RemoteSocket } from "../src/index.ts";
import { settled, TestServer, type Joined } from "./fixture.ts";

/** An adapter that knows its sockets only as another node's would be known. */
class FarAdapter extends Adapter {
  override async fetchSockets(options: Parameters<Adapter["fetchSockets"]>[0]): Promise<never[]> {
    const sockets = await super.fetchSockets(options);
    return sockets.map((socket) => ({
      id: socket.id,
      handshake: socket.handshake,
      rooms: [...(this.sids.get(socket.id) ?? [])],
      data: socket.data,
    })) as never[];
  }
}

let server: TestServer;
let joined: Joined;
let remote: RemoteSocket<DefaultEventsMap, unknown>;

beforeEach(async () => {
  server = await TestServer.start({ adapter: FarAdapter });
  joined = await server.join();
  joined.socket.data = { name: "ada" };
  await server.join();
  [remote] = (await server.io.in(joined.socket.id).fetchSockets()) as unknown as [typeof remote];
});

describe("a socket of another node", () => {
  it("is known by id, handshake, rooms and data", () => {
    expect(remote.id).toBe(joined.socket.id);
    expect(remote.handshake).toBe(joined.socket.handshake);
    expect(remote.rooms).toEqual(new Set([joined.socket.id]));
    expect(remote.data).toEqual({ name: "ada" });
  });

  it("is sent events, alone", async () => {
    expect(remote.emit("x")).toBe(true);
    expect(await joined.client.next()).toBe('42["x"]');
  });

  it("answers with one value, not with a list", async () => {
    const answer = remote.timeout(1000).emitWithAck("x");
    await joined.client.next('420["x"]');
    await joined.client.send("430[5]");
    expect(await answer).toBe(5);
  });

  it("joins and leaves rooms", async () => {
    remote.join(["a", "b"]);
    await settled();
    remote.leave("a");
    expect(joined.socket.rooms).toEqual(new Set([joined.socket.id, "b"]));
  });

  it("is disconnected", async () => {
    expect(remote.disconnect()).toBe(remote);
    expect(await joined.client.next()).toBe("41");
    expect(server.io.engine.clientsCount).toBe(2);
  });

  it("is disconnected with its connection", async () => {
    remote.disconnect(true);
    expect(await joined.client.webSocket?.closed).toEqual({ code: 1005, reason: "" });
  });
});
