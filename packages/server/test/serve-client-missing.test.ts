import { createRequire } from "node:module";
import { expect, it, vi } from "vitest";
import { nextEvent, TestServer } from "./fixture.ts";

// As where a server was bundled, or copied without what it depends on.
vi.mock("node:module", () => ({
  createRequire: (): Pick<ReturnType<typeof createRequire>, "resolve"> => ({
    resolve: Object.assign(
      (name: string): string => {
        throw new Error(`there is no ${name}`);
      },
      { paths: () => null },
    ),
  }),
}));

it.each([
  ["", {}],
  [" with cors", { cors: {} }],
])("a server without the client's package answers 404, and tells why%s", async (_title, options) => {
  const server = await TestServer.start(options);
  const error = nextEvent(server.io, "handler_error");
  const { status } = await server.client({ path: "/socket.io/socket.io.js" }).request();
  expect(status).toBe(404);
  expect(await error).toMatchObject([{ message: "there is no hawser-client/package.json" }, { phase: "engine" }]);
});
