/**
 * The applications that the tests install as a user would: packages from the registry, in the versions that are written here, with
 * hawser's packed tarballs in the place of Socket.IO's.
 */

/** The version of Socket.IO's packages where hawser's do not take their places. */
export const OFFICIAL_VERSION = "4.8.4";

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
 * Nest, and what its documentation says to install besides: for pipes, for servers behind Redis.
 *
 * @param {Record<string, string>} packages of Nest
 */
const nestWith = (packages) => ({
  ...packages,
  "@socket.io/redis-adapter": "8.3.0",
  "@types/node": "20.19.43",
  "class-transformer": "0.5.1",
  "class-validator": "0.15.1",
  redis: "5.9.0",
  "reflect-metadata": "0.2.2",
  rxjs: "7.8.2",
  "socket.io-client": OFFICIAL_VERSION,
  typescript: "6.0.2",
});

/** Version 4, to which the plugin is limited. */
const FASTIFY = { fastify: "4.29.1", "fastify-socket.io": "5.1.0", "socket.io-client": OFFICIAL_VERSION };

const OPENTELEMETRY = {
  "@opentelemetry/api": "1.9.1",
  "@opentelemetry/instrumentation": "0.223.0",
  // 0.71 needs Node.js 22.15.
  "@opentelemetry/instrumentation-socket.io": "0.70.0",
  "@opentelemetry/sdk-trace-node": "2.12.0",
  "socket.io-client": OFFICIAL_VERSION,
};

/**
 * @typedef {object} Application
 * @property {Record<string, string>} dependencies besides `socket.io`
 * @property {Record<string, string>=} replaced what stands in for packages that others depend on: which of hawser's packages by the name
 *   of Socket.IO's; `socket.io` and `socket.io-client` unless told otherwise
 * @property {"npm" | "pnpm" | "yarn"=} manager what installs it; npm unless told otherwise
 * @property {Record<string, unknown>=} settings of pnpm or Yarn, besides the overrides
 */

/** For an application of Socket.IO's alone, to stand beside those of hawser. */
const NOTHING = {};

/** Socket.IO's packages, and which of hawser's take their places. */
const SERVER_AND_CLIENT = { "socket.io": "hawser", "socket.io-client": "hawser-client" };

/** @type {Record<string, Application>} */
export const applications = {
  // The largest begins first. 2.0.22 needs Node.js 22.13.
  artillery: { dependencies: { artillery: "2.0.21" } },
  /** Adapters as a user of hawser has them: on the base that they bring along. */
  adapters: { dependencies: ADAPTERS },
  /** The same on hawser's base. */
  "adapters-on-hawser": {
    dependencies: ADAPTERS,
    replaced: { ...SERVER_AND_CLIENT, "socket.io-adapter": "@hawser/adapter", "socket.io-parser": "@hawser/parser" },
  },
  /** Socket.IO's own, for clusters of both. */
  official: { dependencies: ADAPTERS, replaced: NOTHING },
  nest: {
    dependencies: nestWith({
      "@nestjs/common": "12.5.1",
      "@nestjs/core": "12.5.1",
      "@nestjs/platform-express": "12.5.1",
      "@nestjs/platform-socket.io": "12.1.1",
      "@nestjs/websockets": "12.1.1",
    }),
  },
  /** The last Nest that is CommonJS, installed by the other package manager. */
  "nest-11-pnpm": {
    dependencies: nestWith({
      "@nestjs/common": "11.2.10",
      "@nestjs/core": "11.2.10",
      "@nestjs/platform-express": "11.2.10",
      "@nestjs/platform-socket.io": "11.2.6",
      "@nestjs/websockets": "11.2.6",
    }),
    manager: "pnpm",
  },
  feathers: {
    dependencies: {
      "@feathersjs/authentication": "5.0.50",
      "@feathersjs/authentication-client": "5.0.50",
      "@feathersjs/authentication-local": "5.0.50",
      "@feathersjs/feathers": "5.0.50",
      "@feathersjs/koa": "5.0.50",
      "@feathersjs/memory": "5.0.50",
      "@feathersjs/socketio": "5.0.50",
      "@feathersjs/socketio-client": "5.0.50",
      "socket.io-client": OFFICIAL_VERSION,
    },
  },
  fastify: { dependencies: FASTIFY },
  "fastify-yarn": { dependencies: FASTIFY, manager: "yarn" },
  opentelemetry: { dependencies: OPENTELEMETRY },
  /** Instrumentation goes by the name of the folder that a package is in, which pnpm makes `hawser` unless told otherwise. */
  "opentelemetry-pnpm": { dependencies: OPENTELEMETRY, manager: "pnpm", settings: { nodeLinker: "hoisted" } },
  msw: {
    dependencies: {
      "@mswjs/socket.io-binding": "0.2.0",
      // 3.0 needs Node.js 22.12.
      msw: "2.15.0",
      "socket.io-client": OFFICIAL_VERSION,
    },
  },
  "msgpack-parser": { dependencies: { "socket.io-client": OFFICIAL_VERSION, "socket.io-msgpack-parser": "3.0.2" } },
  "admin-ui": { dependencies: { "@socket.io/admin-ui": "0.5.1", "socket.io-client": OFFICIAL_VERSION } },
};

export const DEFAULT_REPLACED = SERVER_AND_CLIENT;
