/**
 * The applications that the tests install as a user would: packages from the registry, in the versions that are written here, with
 * hawser's packed tarballs in the place of Socket.IO's.
 */

const ADAPTERS = {
  "@socket.io/cluster-adapter": "0.3.0",
  "@socket.io/postgres-adapter": "0.5.0",
  "@socket.io/postgres-emitter": "0.1.1",
  "@socket.io/redis-adapter": "8.3.0",
  "@socket.io/redis-emitter": "5.1.0",
  "@socket.io/redis-streams-adapter": "0.3.1",
  "@socket.io/sticky": "2.0.1",
  ioredis: "6.0.0",
  pg: "8.23.1",
  "postgres-adapter-0.3": "npm:@socket.io/postgres-adapter@0.3.1",
  redis: "6.3.1",
  "socket.io-msgpack-parser": "3.0.2",
};

/**
 * @typedef {object} Application
 * @property {Record<string, string>} dependencies besides `socket.io`
 * @property {Record<string, string>=} replaced what stands in for packages that others depend on: which of hawser's packages by the name
 *   of Socket.IO's; `socket.io` and `socket.io-client` unless told otherwise
 * @property {"npm" | "pnpm"=} manager what installs it; npm unless told otherwise
 */

/** For an application of Socket.IO's alone, to stand beside those of hawser. */
const NOTHING = {};

/** Socket.IO's packages, and which of hawser's take their places. */
const SERVER_AND_CLIENT = { "socket.io": "hawser", "socket.io-client": "hawser-client" };

/** @type {Record<string, Application>} */
export const applications = {
  /** Adapters as a user of hawser has them: on the base that they bring along. */
  adapters: { dependencies: ADAPTERS },
  /** The same on hawser's base. */
  "adapters-on-hawser": {
    dependencies: ADAPTERS,
    replaced: { ...SERVER_AND_CLIENT, "socket.io-adapter": "@hawser/adapter", "socket.io-parser": "@hawser/parser" },
  },
  /** Socket.IO's own, for clusters of both. */
  official: { dependencies: ADAPTERS, replaced: NOTHING },
};

/** The version of Socket.IO's packages where hawser's do not take their places. */
export const OFFICIAL_VERSION = "4.8.4";

export const DEFAULT_REPLACED = SERVER_AND_CLIENT;
