/** Servers in the test's own process, each of an application of its own. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server, ServerOptions } from "socket.io";
import { Application } from "../application.ts";
import type { Act, ApplicationName, Cluster, Emitter, Node } from "./cluster.ts";

/** What joins one server to the others. */
export interface Joint {
  /** The option `adapter` of its server. */
  readonly adapter: unknown;
  /** Of the same application. */
  readonly emitter?: Emitter;
  /** Ends its connections, once the server has ended. */
  close(): Promise<unknown>;
}

/** Makes what joins a server to the others, of the packages of its application. */
export type Joiner = (application: Application) => Promise<Joint>;

type SocketIo = typeof import("socket.io");

class LocalNode implements Node {
  readonly io: Server;
  readonly url: string;

  private constructor(io: Server, url: string) {
    this.io = io;
    this.url = url;
  }

  static async start(application: Application, options: Partial<ServerOptions>): Promise<LocalNode> {
    const { Server } = application.require("socket.io") as SocketIo;
    const http = createServer();
    const io = new Server(http, options);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new LocalNode(io, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  }

  async run<Args extends unknown[], Result>(name: string, act: Act<Args, Result>, ...args: Args): Promise<Result> {
    return act(this.io.of(name), ...args);
  }
}

/**
 * Starts two servers.
 *
 * @param names - of which application each is
 * @param options - of either server; a function is called with its application
 */
export async function startLocalCluster(
  names: readonly [ApplicationName, ApplicationName],
  join: Joiner,
  options: (application: Application) => Partial<ServerOptions> = () => ({}),
): Promise<Cluster> {
  const started: { node: LocalNode; joint: Joint }[] = [];
  for (const name of names) {
    const application = new Application(name);
    const joint = await join(application);
    const adapter = joint.adapter as NonNullable<ServerOptions["adapter"]>;
    started.push({ joint, node: await LocalNode.start(application, { ...options(application), adapter }) });
  }
  const [first, second] = started as [(typeof started)[0], (typeof started)[0]];
  return {
    nodes: [first.node, second.node],
    emitter: first.joint.emitter,
    async close() {
      for (const { node } of started) await node.io.close();
      for (const { joint } of started) await joint.close();
    },
  };
}
