/** Options of the engine that Socket.IO takes, with the types of the packages that it takes them for. */

import type { IncomingMessage } from "node:http";
import type * as Official from "socket.io";
import type { ServerOptions } from "hawser";
import { describe, expectTypeOf, test } from "vitest";

type OfficialCors = NonNullable<Official.ServerOptions["cors"]>;
type OfficialCorsOptions = Exclude<OfficialCors, (...parameters: never[]) => unknown>;

describe("cors", () => {
  test("takes what the package `cors` takes, a function that chooses included", () => {
    expectTypeOf<OfficialCors>().toExtend<ServerOptions["cors"]>();
    expectTypeOf<OfficialCorsOptions>().toExtend<ServerOptions["cors"]>();
    expectTypeOf<Extract<OfficialCors, (...parameters: never[]) => unknown>>().toExtend<ServerOptions["cors"]>();
  });

  test("takes lists of rules, and functions that answer with one", () => {
    const rules = { origin: ["https://a.example", /\.a\.example$/, process.env["OPEN"] === "1"] };
    expectTypeOf(rules).toExtend<ServerOptions["cors"]>();
    const options: Partial<ServerOptions> = {
      cors: { origin: (origin, callback) => callback(null, origin === undefined ? false : [origin, true]) },
    };
    expectTypeOf(options.cors).toEqualTypeOf<ServerOptions["cors"]>();
    const chosen: Partial<ServerOptions> = {
      cors: (request, callback) => {
        expectTypeOf(request).toEqualTypeOf<IncomingMessage>();
        callback(null, { origin: true });
      },
    };
    expectTypeOf(chosen.cors).toEqualTypeOf<ServerOptions["cors"]>();
  });
});

test("cookie takes what the package `cookie` takes", () => {
  expectTypeOf<Official.ServerOptions["cookie"]>().toExtend<ServerOptions["cookie"]>();
});
