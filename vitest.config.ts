import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Unit tests run on the sources: no build is needed, and a stack trace names the line that was written. */
const sources = {
  "@hawser/parser": path("packages/parser/src/index.ts"),
  "@hawser/core": path("packages/core/src/index.ts"),
  "@hawser/adapter": path("packages/adapter/src/index.ts"),
  "@hawser/testing": path("packages/testing/src/index.ts"),
  "hawser-client": path("packages/client/src/index.ts"),
  hawser: path("packages/server/src/index.ts"),
  "#runtime": path("packages/client/src/runtime/node.ts"),
};
const alias = Object.entries(sources).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }));

/** A project of type tests: nothing runs, the compiler is the judge. */
const types = (name: string, include: string, tsconfig: string) => ({
  test: { name, include: [], typecheck: { enabled: true, only: true, include: [include], tsconfig } },
});

export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { name: "unit", include: ["packages/*/test/**/*.test.ts"] } },
      types("types", "packages/*/test/**/*.test-d.ts", "./tsconfig.types.json"),
      types("types-e2e", "e2e/**/*.test-d.ts", "./e2e/tsconfig.types.json"),
      // As a user would: on the built packages, found through node_modules.
      { test: { name: "e2e", include: ["e2e/test/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 20_000 } },
      { test: { name: "browser", include: ["e2e/browser/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 } },
    ],
  },
});
