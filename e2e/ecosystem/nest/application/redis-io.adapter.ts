import { IoAdapter } from "@nestjs/platform-socket.io";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import type { Server, ServerOptions } from "socket.io";

/** Servers that share their clients through Redis. */
export class RedisIoAdapter extends IoAdapter {
  private adapter: ReturnType<typeof createAdapter>;
  private disconnect: () => Promise<unknown>;

  async connectToRedis(url: string): Promise<void> {
    const publisher = createClient({ url });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    this.adapter = createAdapter(publisher, subscriber);
    this.disconnect = () => Promise.all([publisher.close(), subscriber.close()]);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server = super.createIOServer(port, options) as Server;
    server.adapter(this.adapter);
    return server;
  }

  override async dispose(): Promise<void> {
    await this.disconnect();
  }
}
