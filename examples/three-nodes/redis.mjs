// @ts-check

import { createClient } from "redis";

/** @typedef {Awaited<ReturnType<typeof connectToRedis>>} RedisClient */

/**
 * A client of Redis that is fit for an adapter: it notices a connection that is dead although nobody has closed it, comes
 * back by itself, and no command that fails ends the process. It is connected.
 *
 * @param {string} url
 * @param {(error: Error) => void} onError told when the connection is lost, and each time that it can't be made again
 */
export async function connectToRedis(url, onError) {
  const client = createClient({
    url,
    // For version 5: with a name, a new connection counts only once Redis has answered on it, and not as soon as something takes it.
    name: "three-nodes",
    // A connection on which nothing comes back for four seconds is given up.
    pingInterval: 1_000,
    socket: { socketTimeout: 4_000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 1_000) },
    // What is published meanwhile waits for Redis to come back; but not more than that.
    commandsQueueMaxLength: 10_000,
  });
  client.on("error", onError);
  await client.connect();
  return forgiving(client);
}

/**
 * The same client. The adapters do not look at what becomes of some of their commands, and Node.js ends a process when a
 * promise rejects that nobody looks at.
 *
 * @template {object} Client
 * @param {Client} client
 * @returns {Client}
 */
function forgiving(client) {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      /** @param {unknown[]} args */
      return (...args) => {
        const result = Reflect.apply(value, target, args);
        if (result instanceof Promise) result.catch(() => {});
        return name === "duplicate" ? forgiving(result) : result;
      };
    },
  });
}
