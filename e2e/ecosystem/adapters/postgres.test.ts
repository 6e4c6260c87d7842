/** `@socket.io/postgres-adapter` and `@socket.io/postgres-emitter`, on PostgreSQL. */

import { afterAll, beforeAll, describe } from "vitest";
import { Application } from "../application.ts";
import { Postgres } from "../services/postgres.ts";
import type { Emitter } from "./cluster.ts";
import { testCompositions, testLoaded } from "./compositions.ts";
import { startLocalCluster, type Joiner } from "./local-cluster.ts";
import { emitters } from "./scenarios/emitters.ts";

type Pg = typeof import("pg");
type PostgresAdapter = typeof import("@socket.io/postgres-adapter");
type PostgresEmitter = { Emitter: new (pool: unknown) => Emitter };

/** For what does not fit into a notification, as the adapter's documentation has it. */
const TABLE = `CREATE TABLE socket_io_attachments (
  id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea
)`;

/**
 * The last version that hears `@socket.io/postgres-emitter` 0.1.1, whose messages do not say for which namespace they are: later ones
 * look for just that, and drop them.
 */
const HEARING_EMITTERS = "postgres-adapter-0.3";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start();
  const pool = poolOf(new Application("official"), 1);
  await pool.query(TABLE);
  await pool.end();
});
afterAll(() => postgres[Symbol.asyncDispose]());

function poolOf(application: Application, max: number): InstanceType<Pg["Pool"]> {
  const { Pool } = application.require("pg") as Pg;
  const pool = new Pool({ connectionString: postgres.url, max });
  // It is said to have ended a moment before its connections have.
  pool.on("error", () => {});
  return pool;
}

/** What joins servers by an adapter of that name; with an emitter, if it hears them. */
const joiner =
  (specifier: string): Joiner =>
  async (application) => {
    const { createAdapter } = application.require(specifier) as PostgresAdapter;
    const { Emitter } = application.require("@socket.io/postgres-emitter") as PostgresEmitter;
    // One connection listens. What goes over several others at the same time would arrive in any order.
    const pool = poolOf(application, 2);
    const adapter = createAdapter(pool, { heartbeatInterval: 500 });
    if (specifier !== HEARING_EMITTERS) return { adapter, close: () => pool.end() };
    const poolOfEmitter = poolOf(application, 1);
    return {
      adapter,
      emitter: new Emitter(poolOfEmitter),
      close: () => Promise.all([pool.end(), poolOfEmitter.end()]),
    };
  };

testLoaded("@socket.io/postgres-adapter");

testCompositions((composition) => startLocalCluster(composition, joiner("@socket.io/postgres-adapter")));

describe("with an emitter", () => {
  testCompositions((composition) => startLocalCluster(composition, joiner(HEARING_EMITTERS)), emitters);
});
