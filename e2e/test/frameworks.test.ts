/** Web frameworks: hawser takes the HTTP server that the framework runs on, and the framework's own routes go on working. */

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { afterEach, expect, test } from "vitest";
import { answerEchoes, expectCleanClose, expectConversations } from "../harness/conversation.ts";
import { get } from "../harness/get.ts";
import { servers } from "../harness/implementations.ts";

const Server = servers.hawser.use;
type Server = InstanceType<typeof Server>;

let io: Server | undefined;
afterEach(async () => {
  await io?.close();
  io = undefined;
});

/** A server that answers echoes, attached to an HTTP server. */
function attach(httpServer: unknown): Server {
  io = new Server(httpServer as HttpServer);
  answerEchoes(io);
  return io;
}

const urlOf = (server: NetServer): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function listen(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return urlOf(server);
}

test("Express", async () => {
  const app = express();
  app.use((_request, response, next) => {
    response.setHeader("x-middleware", "express");
    next();
  });
  app.get("/hello/:name", (request, response) => void response.json({ hello: request.params.name }));
  const httpServer = createServer(app);
  const server = attach(httpServer);
  const url = await listen(httpServer);
  await expectConversations(server, url);
  const hello = await get(`${url}/hello/ada`);
  expect(hello).toMatchObject({ status: 200, body: '{"hello":"ada"}', headers: { "x-middleware": "express" } });
  expect((await get(`${url}/nowhere`)).status).toBe(404);
  expect((await get(`${url}/socket.io/socket.io.js`)).headers["x-middleware"]).toBeUndefined();
  expect(await expectCleanClose(server, url, () => server.close())).toEqual(["transport close", "transport close"]);
});

test("Express, with the server that app.listen() gives", async () => {
  const app = express();
  const httpServer = app.listen(0, "127.0.0.1");
  const server = attach(httpServer);
  await new Promise((resolve) => httpServer.once("listening", resolve));
  const url = urlOf(httpServer);
  await expectConversations(server, url);
  expect((await get(`${url}/nowhere`)).status).toBe(404);
  expect(await expectCleanClose(server, url, () => server.close())).toEqual(["transport close", "transport close"]);
});

test("Koa", async () => {
  const app = new Koa();
  app.use(async (context, next) => {
    context.set("x-middleware", "koa");
    await next();
  });
  app.use((context) => {
    if (context.path === "/hello") context.body = { hello: "koa" };
  });
  const httpServer = createServer(app.callback());
  const server = attach(httpServer);
  const url = await listen(httpServer);
  await expectConversations(server, url);
  const hello = await get(`${url}/hello`);
  expect(hello).toMatchObject({ status: 200, body: '{"hello":"koa"}', headers: { "x-middleware": "koa" } });
  expect((await get(`${url}/nowhere`)).status).toBe(404);
  expect(await expectCleanClose(server, url, () => server.close())).toEqual(["transport close", "transport close"]);
});

test("Fastify, which disconnects its clients before it closes", async () => {
  const app = fastify();
  const server = attach(app.server);
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("x-hook", "fastify");
    done();
  });
  app.get("/hello/:name", (request) => ({ hello: (request.params as { name: string }).name }));
  app.addHook("preClose", (done) => {
    server.local.disconnectSockets(true);
    done();
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  await expectConversations(server, url);
  const hello = await get(`${url}/hello/ada`);
  expect(hello).toMatchObject({ status: 200, body: '{"hello":"ada"}', headers: { "x-hook": "fastify" } });
  expect((await get(`${url}/nowhere`)).status).toBe(404);
  expect(await expectCleanClose(server, url, () => app.close())).toEqual([
    "io server disconnect",
    "io server disconnect",
  ]);
});

test("Hono on Node.js, with the server that serve() gives", async () => {
  const app = new Hono();
  app.get("/hello/:name", (context) => context.json({ hello: context.req.param("name") }));
  const httpServer = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  const server = attach(httpServer);
  await new Promise((resolve) => httpServer.once("listening", resolve));
  const url = urlOf(httpServer);
  await expectConversations(server, url);
  expect(await get(`${url}/hello/ada`)).toMatchObject({ status: 200, body: '{"hello":"ada"}' });
  expect((await get(`${url}/nowhere`)).status).toBe(404);
  expect(await expectCleanClose(server, url, () => server.close())).toEqual(["transport close", "transport close"]);
});
