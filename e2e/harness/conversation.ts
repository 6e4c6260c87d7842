/** What every server must be able to do, whatever it is attached to: to talk over each transport, and to stop. */

import type { Server } from "socket.io";
import { expect } from "vitest";
import type { ClientSocket } from "./context.ts";
import { clients } from "./implementations.ts";
import { inbox, until } from "./waiting.ts";

type Options = Record<string, unknown>;

const WAYS: readonly (readonly string[])[] = [["polling"], ["websocket"], ["polling", "websocket"]];

/** Lets a server answer what {@link expectConversations} says. */
export function answerEchoes(io: Server): void {
  io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
  });
}

function connect(url: string, options: Options): ClientSocket {
  return clients.hawser.use.io(url, { forceNew: true, reconnection: false, ...options });
}

/** Settles with the arguments of `wanted`; rejects with what `connect_error` tells. */
function unlessRefused(client: ClientSocket, wanted: Promise<any[]>): Promise<any[]> {
  const refused = new Promise<never>((_resolve, reject) => client.once("connect_error", reject));
  return Promise.race([wanted, refused]);
}

/**
 * Hears an echo over polling, over a WebSocket, and over a WebSocket that followed on polling.
 *
 * @param io - answers echoes; see {@link answerEchoes}
 * @param options - of the clients
 */
export async function expectConversations(io: Server, url: string, options: Options = {}): Promise<void> {
  for (const transports of WAYS) {
    const connections = inbox(io, "connection");
    const client = connect(url, { ...options, transports });
    try {
      const [socket] = await unlessRefused(client, connections.next());
      const disconnections = inbox(socket, "disconnect");
      const { conn } = socket;
      if (conn.transport.name !== transports.at(-1)) await inbox(conn, "upgrade").next();
      expect(await client.emitWithAck("echo", "ahoy")).toBe("ahoy");
      expect(conn.transport.name).toBe(transports.at(-1));
      client.disconnect();
      expect(await disconnections.next()).toEqual(["client namespace disconnect", undefined]);
    } finally {
      client.disconnect();
      io.off("connection", connections.put);
    }
  }
}

/**
 * Stops a server under its clients, one on each transport: they are told, and there is nobody left to connect to.
 *
 * @param io - what the clients connect to
 * @param close - stops the server, and settles when that is done
 * @param options - of the clients
 * @returns what the clients were told as the reason
 */
export async function expectCleanClose(
  io: Server,
  url: string,
  close: () => Promise<unknown>,
  options: Options = {},
): Promise<string[]> {
  const connected = ["polling", "websocket"].map((transport) => connect(url, { ...options, transports: [transport] }));
  try {
    await Promise.all(connected.map((client) => unlessRefused(client, inbox(client, "connect").next())));
    const disconnections = connected.map((client) => inbox(client, "disconnect"));
    // Whoever polls must be waiting for something to come, or it would hear of the end from the connection.
    const sockets = [...io.sockets.sockets.values()];
    await until(() => sockets.every(({ conn }) => conn.transport.writable), "polls that wait");
    await close();
    const told = await Promise.all(disconnections.map((box) => box.next()));
    const late = connect(url, options);
    connected.push(late);
    await inbox(late, "connect_error").next();
    return told.map(([reason]) => reason as string);
  } finally {
    for (const client of connected) client.disconnect();
  }
}
