import { describe, expect, it } from "vitest";
import { resolveEngineOptions, type EngineOptions } from "../src/engine/options.ts";
import { resolveOptions, type ServerOptions } from "../src/options.ts";

/** What a program without types may give: settings as the environment of its process has them. */
const fromEnvironment = (options: Record<string, unknown>): EngineOptions & Partial<ServerOptions> => options;

describe("options that are numbers", () => {
  it("may be text that says one", () => {
    const engine = fromEnvironment({
      pingInterval: "300",
      pingTimeout: "200",
      upgradeTimeout: "1e3",
      maxHttpBufferSize: " 5000 ",
    });
    expect(resolveEngineOptions(engine)).toMatchObject({
      pingInterval: 300,
      pingTimeout: 200,
      upgradeTimeout: 1000,
      maxHttpBufferSize: 5000,
    });
    const server = fromEnvironment({
      connectTimeout: "1",
      maxNamespaces: "2",
      broadcastAckTimeout: "3",
      adapterTimeout: "4",
      connectionStateRecovery: { maxDisconnectionDuration: "5" },
    });
    expect(resolveOptions(server)).toEqual({
      connectTimeout: 1,
      maxNamespaces: 2,
      broadcastAckTimeout: 3,
      adapterTimeout: 4,
      connectionStateRecovery: { maxDisconnectionDuration: 5, skipMiddlewares: true },
    });
  });

  it("are the defaults where the environment says nothing", () => {
    const options = fromEnvironment({ pingTimeout: undefined, upgradeTimeout: null, connectTimeout: undefined });
    expect(resolveEngineOptions(options)).toMatchObject({ pingTimeout: 20_000, upgradeTimeout: 10_000 });
    expect(resolveOptions(options)).toBe(options);
  });

  it.each([
    ["5s", "pingTimeout", '"5s"'],
    ["", "pingInterval", '""'],
    [true, "maxHttpBufferSize", "true"],
    [[5], "upgradeTimeout", "[5]"],
  ])("are refused when they are %j", (value, name, shown) => {
    expect(() => resolveEngineOptions(fromEnvironment({ [name]: value }))).toThrow(
      new TypeError(`the option \`${name}\` must be a number, and is ${shown}`),
    );
  });

  it("are refused as they are on the server", () => {
    expect(() => resolveOptions(fromEnvironment({ connectTimeout: "soon" }))).toThrow("`connectTimeout`");
    const recovery = { connectionStateRecovery: { maxDisconnectionDuration: "long" } };
    expect(() => resolveOptions(fromEnvironment(recovery))).toThrow("`maxDisconnectionDuration`");
  });
});
