import { spawn } from "node:child_process";
import { programs, provideProgram } from "../scripts/programs.mjs";

/** Free more often than not; Redis says if it is taken. */
const PORT = 21_000 + (process.pid % 1_000);

/**
 * Starts Redis for the scenarios that need it, whose servers find it by `REDIS_URL`. It ends with this process.
 *
 * @returns {Promise<void>}
 * @throws {Error} if there is none, or it does not start
 */
export async function startRedis() {
  const path = provideProgram(programs.redis);
  if (path === undefined) throw new Error("there is no Redis");
  const args = ["--bind", "127.0.0.1", "--port", String(PORT), "--save", "", "--appendonly", "no"];
  const redis = spawn(path, args, { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => redis.kill("SIGKILL"));
  redis.unref();
  let output = "";
  for await (const text of redis.stdout.setEncoding("utf8")) {
    output += text;
    if (/Ready to accept connections/.test(output)) break;
  }
  if (!/Ready to accept connections/.test(output)) throw new Error(`Redis does not start:\n${output}`);
  process.env.REDIS_URL = `redis://127.0.0.1:${PORT}`;
}
