/** Middlewares that were written for Express do on WebSockets what they do on other requests. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { RawClient } from "@hawser/testing";
import { onTestFinished, expect, test } from "vitest";
import { servers } from "../harness/implementations.ts";

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => unknown;

interface Strategy {
  success(user: string): void;
  fail(challenge: string, status: number): void;
  redirect(url: string): void;
}
interface Authenticator {
  use(name: string, strategy: object): void;
  authenticate(name: string, options: { session: false }): Middleware;
}

const require = createRequire(import.meta.url);
const session = require("express-session") as (options: object) => Middleware;
const { Passport, Strategy } = require("passport") as { Passport: new () => Authenticator; Strategy: new () => object };

/** A client of a server that has these middlewares in front. */
async function client(...middlewares: Middleware[]): Promise<RawClient> {
  const httpServer = createServer();
  const io = new servers.hawser.use(httpServer);
  for (const middleware of middlewares) {
    io.engine.use(middleware);
  }
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  const raw = new RawClient(`http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await raw.close();
    await io.close();
  });
  return raw;
}

/** A middleware of Passport that decides in one way. */
function authenticate(decide: (strategy: Strategy) => void): Middleware {
  const passport = new Passport();
  class Decided extends Strategy {
    authenticate(this: Strategy): void {
      decide(this);
    }
  }
  passport.use("decided", new Decided());
  return passport.authenticate("decided", { session: false });
}

test.each(["polling", "websocket"] as const)(
  "express-session sets its cookie on the first response: %s",
  async (by) => {
    const raw = await client(session({ secret: "keel", resave: false, saveUninitialized: true }));
    const { headers } = await (by === "polling" ? raw.get() : raw.openWebSocket());
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(/^connect\.sid=[^;]+; Path=\/; HttpOnly$/)]);
  },
);

test("Passport lets clients pass, whom middlewares behind it know", async () => {
  const users: unknown[] = [];
  const raw = await client(
    authenticate((strategy) => strategy.success("ada")),
    (request, _response, next) => {
      users.push((request as { user?: string }).user);
      next();
    },
  );
  await raw.openWebSocket();
  expect(users).toEqual(["ada"]);
});

test("Passport refuses clients, and sends them elsewhere", async () => {
  const refusing = await client(authenticate((strategy) => strategy.fail("Bearer", 401)));
  await expect(refusing.openWebSocket()).rejects.toMatchObject({
    status: 401,
    body: "Unauthorized",
    headers: { "www-authenticate": "Bearer" },
  });
  const redirecting = await client(authenticate((strategy) => strategy.redirect("/login")));
  await expect(redirecting.openWebSocket()).rejects.toMatchObject({ status: 302, headers: { location: "/login" } });
});
