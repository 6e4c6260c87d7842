/** An application of Nest: gateways beside a controller. */

import "reflect-metadata";
import { Controller, Get, Module, type INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { IoAdapter } from "@nestjs/platform-socket.io";
import { ChatGateway } from "./chat.gateway.js";
import { OrdersGateway } from "./orders.gateway.js";
import { PortGateway } from "./port.gateway.js";
import { Prices } from "./prices.service.js";
import { RedisIoAdapter } from "./redis-io.adapter.js";
import { TableGateway } from "./table.gateway.js";

/** The one that this application gets by the name of Socket.IO. */
export { Server } from "socket.io";

@Controller()
class Pages {
  @Get("hello")
  hello(): string {
    return "hello from a controller";
  }
}

@Module({ controllers: [Pages], providers: [ChatGateway, OrdersGateway, TableGateway, Prices] })
class ApplicationModule {}

@Module({ providers: [PortGateway] })
class PortModule {}

async function start(module: new () => object, useAdapter: (app: INestApplication) => Promise<IoAdapter>) {
  const app = await NestFactory.create(module, { logger: false });
  app.useWebSocketAdapter(await useAdapter(app));
  await app.listen(0, "127.0.0.1");
  return app;
}

/** The application on a free port. */
export async function createApplication() {
  const app = await start(ApplicationModule, async (app) => new IoAdapter(app));
  return { app, chat: app.get(ChatGateway) };
}

/** One of several that share a Redis. */
export async function createNode(redisUrl: string) {
  const app = await start(ApplicationModule, async (app) => {
    const adapter = new RedisIoAdapter(app);
    await adapter.connectToRedis(redisUrl);
    return adapter;
  });
  return { app, chat: app.get(ChatGateway) };
}

/** One whose gateway listens at `GATEWAY_PORT`. */
export function createWithPort(): Promise<INestApplication> {
  return start(PortModule, async (app) => new IoAdapter(app));
}
