/** `io.engine.use()` takes whatever the official engine takes: middlewares of Express, of Node.js, and of nobody in particular. */

import type { IncomingMessage, ServerResponse } from "node:http";
import express from "express";
import type { Server } from "hawser";
import type { EngineMiddleware } from "hawser/engine";
import { expectTypeOf, test } from "vitest";

declare const io: Server;

test("parameters have the types of Node.js without being told", () => {
  io.engine.use((request, response, next) => {
    expectTypeOf(request).toEqualTypeOf<IncomingMessage>();
    expectTypeOf(response).toEqualTypeOf<ServerResponse>();
    expectTypeOf(next).toBeCallableWith(new Error("no"));
    next();
  });
  expectTypeOf<Parameters<EngineMiddleware>["length"]>().toEqualTypeOf<3>();
});

test("middlewares of Express", () => {
  io.engine.use((request: express.Request, response: express.Response, next: express.NextFunction) => {
    response.locals["path"] = request.path;
    next();
  });
  const handler: express.RequestHandler = (_request, response) => void response.status(401).end();
  io.engine.use(handler).use(express.json());
});

test("middlewares of Node.js, and those that look deeper", () => {
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => {
    response.once("finish", () => request.socket.remoteAddress);
    next();
  });
  io.engine.use((request, _response, next) => {
    const { sid } = (request as any)._query;
    next(sid);
  });
  interface WithSession extends IncomingMessage {
    session: { user: string };
  }
  io.engine.use((request: WithSession, _response: unknown, next: () => void) => {
    expectTypeOf(request.session.user).toBeString();
    next();
  });
});

test("functions of anything", () => {
  io.engine.use((request: { session: string }, response: { locals: object }, next: (error: Error | null) => void) => {
    next(request.session in response.locals ? null : new Error("no"));
  });
  // @ts-expect-error: what is no function can't be called
  io.engine.use({});
});
