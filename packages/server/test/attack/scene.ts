/**
 * What has been done to servers of this kind, or could be: each class of published advisories, replayed on bare
 * connections. Whatever a client sends, the process lives, the other clients do not notice, and nothing is left behind.
 */

import { once } from "node:events";
import { connect } from "node:net";
import type { RawClient, RawTcp } from "@hawser/testing";
import { afterEach, beforeEach, expect } from "vitest";
import type { ServerOptions, Socket } from "../../src/index.ts";
import { settled, TestServer, until } from "../fixture.ts";
import { upgradeRequest, type UpgradeRequest } from "../websocket-bytes.ts";

/** A polling handshake, to which the empty line at its end is still to be added. */
export const HANDSHAKE = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";

const uncaught: unknown[] = [];
const note = (error: unknown): unknown => uncaught.push(error);

/** Each test of the file is to end without an uncaught exception or rejection. */
export function expectNothingUncaught(): void {
  beforeEach(() => {
    uncaught.length = 0;
    process.on("uncaughtException", note);
    process.on("unhandledRejection", note);
  });

  afterEach(async () => {
    await settled();
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
    expect(uncaught).toEqual([]);
  });
}

/** A server with two clients that mean well, one on each transport. */
export class Scene {
  readonly server: TestServer;
  readonly #bystanders: RawClient[] = [];
  #rounds = 0;

  private constructor(server: TestServer) {
    this.server = server;
  }

  static async set(options: Partial<ServerOptions> = {}): Promise<Scene> {
    const server = await TestServer.start(options);
    const scene = new Scene(server);
    for (const transport of ["websocket", "polling"] as const) {
      const { client, socket } = await server.join(transport);
      socket.on("echo", (answer: (value: string) => void) => answer("here"));
      scene.#bystanders.push(client);
    }
    return scene;
  }

  get #connections(): Promise<number> {
    return new Promise((resolve) => this.server.http.getConnections((_error, count) => resolve(count)));
  }

  /** The bystanders are served as ever, and they are all there is: no session, socket or room is left of the attacker. */
  async unharmed(): Promise<void> {
    const id = this.#rounds++;
    for (const bystander of this.#bystanders) {
      await bystander.send(`42${id}["echo"]`);
      await bystander.next(`43${id}["here"]`);
    }
    const { engine, sockets } = this.server.io;
    await until(() => engine.clientsCount === 2);
    expect(sockets.sockets.size).toBe(2);
    expect([sockets.adapter.sids.size, sockets.adapter.rooms.size]).toEqual([2, 2]);
  }

  /** And no connection either: the polling bystander has up to two, the other one. */
  async undisturbed(): Promise<void> {
    await this.unharmed();
    const end = performance.now() + 10_000;
    while ((await this.#connections) > 3) {
      expect(performance.now()).toBeLessThan(end);
      await settled();
    }
  }

  /** Lets sessions that begin from now on end soon unless they answer pings. */
  hurry(pingInterval = 30, pingTimeout = 30): void {
    Object.assign(this.server.io.engine.opts, { pingInterval, pingTimeout });
  }

  /** A WebSocket whose bytes are written by hand, with a session. */
  async webSocket(request: UpgradeRequest = {}): Promise<RawTcp> {
    const tcp = await this.server.tcp();
    tcp.write(upgradeRequest(request));
    await tcp.until("}");
    return tcp;
  }

  /** Sends bytes without ever reading an answer, and then resets the connection. */
  async sendDeafly(...pieces: (string | Buffer)[]): Promise<void> {
    const connection = connect(this.server.port, "127.0.0.1");
    connection.pause();
    connection.on("error", () => {});
    await once(connection, "connect");
    for (const piece of pieces) {
      connection.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    connection.resetAndDestroy();
  }

  /** A client that has joined `/` and its socket. */
  attacker(transport: "polling" | "websocket" = "websocket"): Promise<{ client: RawClient; socket: Socket }> {
    return this.server.join(transport);
  }

  /** An attacker's polling session ends now, rather than when its ping is not answered. */
  async end(client: RawClient): Promise<void> {
    await client.send("1").catch(() => {});
    await client.close();
  }

  /** The first lines of requests of a polling session. */
  async pollingSession(): Promise<{ post: string; get: string; upgrade: string }> {
    const client = this.server.client();
    const { sid } = JSON.parse((await client.get()).body.slice(1)) as { sid: string };
    await client.close();
    const path = (transport: string): string => `/socket.io/?EIO=4&transport=${transport}&sid=${sid}`;
    return {
      get: `GET ${path("polling")} HTTP/1.1\r\nHost: x\r\n`,
      post: `POST ${path("polling")} HTTP/1.1\r\nHost: x\r\n`,
      upgrade: path("websocket"),
    };
  }
}
