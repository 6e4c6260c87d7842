import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Unit tests run on the sources: no build is needed, and a stack trace names the line that was written. */
const sources = {
  "@hawser/parser": path("packages/parser/src/index.ts"),
  "@hawser/core": path("packages/core/src/index.ts"),
  "@hawser/adapter": path("packages/adapter/src/index.ts"),
  "@hawser/testing": path("packages/testing/src/index.ts"),
  "hawser-msgpack-parser": path("packages/msgpack-parser/src/index.ts"),
  "hawser-client": path("packages/client/src/index.ts"),
  hawser: path("packages/server/src/index.ts"),
  "#runtime": path("packages/client/src/runtime/node.ts"),
};
const alias = Object.entries(sources).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }));

/** A project of type tests: nothing runs, the compiler is the judge. */
const types = (name: string, include: string, tsconfig: string) => ({
  test: { name, include: [], typecheck: { enabled: true, only: true, include: [include], tsconfig } },
});

/** Milliseconds after which a test hangs, and is not just slow: on a machine that does much else, too. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

/** A project of tests that need the build; those of a later group wait for the earlier ones. */
const built = (name: string, include: string, groupOrder: number) => ({
  test: {
    name,
    include: [include],
    ...TIMEOUTS,
    sequence: { groupOrder },
    // Loaded by Node.js itself, although they are not in node_modules once their links are followed.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
  },
});

export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { name: "unit", include: ["packages/*/test/**/*.test.ts"], ...TIMEOUTS } },
      types("types", "packages/*/test/**/*.test-d.ts", "./tsconfig.types.json"),
      types("types-e2e", "e2e/**/*.test-d.ts", "./e2e/tsconfig.types.json"),
      // As a user would: on the built packages, found through node_modules. In turn, for they wait on real time and real processes.
      built("e2e", "e2e/test/**/*.test.ts", 1),
      built("browser", "e2e/browser/**/*.test.ts", 2),
      built("parity", "e2e/parity/**/*.test.ts", 3),
      built("runtimes", "e2e/runtimes/**/*.test.ts", 4),
      built("interop", "e2e/interop/**/*.test.ts", 5),
      built("proxies", "e2e/proxies/**/*.test.ts", 6),
      built("ecosystem", "e2e/ecosystem/**/*.test.ts", 7),
    ],
  },
});
