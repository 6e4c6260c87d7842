import type { AddressInfo, Server } from "node:net";

const used = new Set<number>();

/**
 * Lets a server listen on 127.0.0.1: on a port on which this process has not listened before, unless it is told which. Clients and
 * agents keep connections, and what else they know of a server, by its address.
 *
 * @returns the port
 */
export async function listenAt(server: Server, port: number = 0): Promise<number> {
  for (;;) {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
    const { port: bound } = server.address() as AddressInfo;
    if (port !== 0 || !used.has(bound)) {
      used.add(bound);
      return bound;
    }
    await new Promise((resolve) => server.close(resolve));
  }
}
