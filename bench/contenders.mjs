/** The contender that the others are compared with. */
export const BASELINE = "socket.io";

/** @type {Record<string, string>} every contender's name, and its file in `servers/` */
export const SERVER_FILES = {
  [BASELINE]: "socketio.mjs",
  hawser: "hawser.mjs",
  "raw-ws": "raw-ws.mjs",
};

/** @type {Record<string, string>} the same for the scenarios with Redis */
export const REDIS_SERVERS = {
  [BASELINE]: "socketio-redis.mjs",
  hawser: "hawser-redis.mjs",
  "hawser on socket.io-adapter": "hawser-redis-official-base.mjs",
};

/**
 * Names for the columns and rows of a run, in which a contender that takes part twice has to differ from itself.
 *
 * @param {string[]} contenders
 * @returns {{ label: string, name: string }[]}
 */
export function labelled(contenders) {
  return contenders.map((name, index) => {
    const earlier = contenders.slice(0, index).filter((other) => other === name).length;
    return { label: earlier === 0 ? name : `${name} (${earlier + 1})`, name };
  });
}
