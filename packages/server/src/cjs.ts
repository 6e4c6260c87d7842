import { BroadcastOperator, Namespace, RemoteSocket, Server, Socket, type ServerOptions } from "./index.ts";
import type { AnyHttpServer } from "./server.ts";

/**
 * What `require("hawser")` gives: a function that makes a server, with or without `new`, and carries the classes.
 *
 * @param server - what to attach to; see {@link Server}
 * @param options - see {@link ServerOptions}
 */
function hawser(
  server?: AnyHttpServer | number | string | Partial<ServerOptions>,
  options?: Partial<ServerOptions>,
): Server {
  return new Server(server as AnyHttpServer, options);
}

Object.assign(hawser, { Server, Namespace, Socket, BroadcastOperator, RemoteSocket, listen: hawser, default: hawser });

export default hawser;
