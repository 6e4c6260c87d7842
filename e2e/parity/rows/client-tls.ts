/** What the client in Node.js checks and shows when it connects over TLS. */

import { Agent, createServer, type ServerOptions as HttpsOptions } from "node:https";
import type { TLSSocket } from "node:tls";
import { inClient, inServer, type Topic } from "../row.ts";
import { inbox } from "../../harness/waiting.ts";
import { ADA, ADA_PFX, LOCALHOST } from "../certificates.ts";
import type { ClientOptions, Served, World } from "../world.ts";

const { cert: ca } = LOCALHOST;

function serve(world: World, options: HttpsOptions = LOCALHOST): Promise<Served> {
  return world.serveOn(createServer(options));
}

/** Notes, for either transport, whether a client with these options connects. */
async function attempt(world: World, lane: string, url: string, options: ClientOptions): Promise<void> {
  for (const transport of ["polling", "websocket"]) {
    const client = world.connect(url, { transports: [transport], reconnection: false, timeout: 3_000, ...options });
    const connects = inbox(client, "connect");
    const errors = inbox(client, "connect_error");
    const connected = connects.next().then(() => "connected");
    const refused = errors.next().then(([error]) => `${error.type ?? "Error"}: ${error.message}`);
    world.note(`${lane}, ${transport}`, await Promise.race([connected, refused]));
    for (const pending of [connected, refused]) pending.catch(() => {});
    client.disconnect();
  }
}

export const clientTls: Topic = {
  title: "TLS in Node.js (client)",
  rows: [
    {
      id: "tls-ca",
      api: "option `ca`; URLs that begin with `https:` or `wss:`",
      how: "The options go to `https.request` and to `ws`.",
      async run(world) {
        const { url } = await serve(world);
        await attempt(world, "without", url, {});
        await attempt(world, "with", url, { ca });
        await attempt(world, "in a list", url, { ca: [ADA.cert, ca] });
        await attempt(world, "another", url, { ca: ADA.cert });
        await attempt(world, "wss", url.replace("https:", "wss:"), { ca });
      },
      mutation: inClient('"cert",\n\t"ca",', '"cert",'),
    },
    {
      id: "tls-reject-unauthorized",
      api: "option `rejectUnauthorized`",
      how: "`false`, and nothing else, switches the check of the certificate off.",
      async run(world) {
        const { url } = await serve(world);
        for (const value of [undefined, null, "", 0, true, false]) {
          await attempt(world, `${JSON.stringify(value)}`, url, { rejectUnauthorized: value as boolean });
        }
      },
      mutation: inClient("return rejectUnauthorized !== false;", "return rejectUnauthorized ?? true ? true : false;"),
    },
    {
      id: "tls-client-certificate",
      api: "options `cert`, `key`, `passphrase`, `pfx`",
      how: "Shown to a server that asks; it finds the certificate by `socket.request`, whose connection is kept then.",
      async run(world) {
        const { io, url } = await serve(world, { ...LOCALHOST, ca: ADA.cert, requestCert: true });
        io.on("connection", ({ request, conn }) => {
          const connection = request.socket as TLSSocket;
          const { name } = conn.transport;
          // That of polling may be over by now.
          const certificate = name === "websocket" ? connection.getPeerCertificate().subject.CN : undefined;
          world.note(name, connection.authorized, connection.encrypted, certificate);
        });
        await attempt(world, "key and certificate", url, { ca, ...ADA });
        await attempt(world, "pfx", url, { ca, pfx: ADA_PFX as never, passphrase: ADA.passphrase });
        await attempt(world, "no certificate", url, { ca });
        await attempt(world, "another's", url, { ca, ...LOCALHOST });
      },
      mutation: inServer("showsCertificate(socket) &&", "false &&"),
    },
    {
      id: "tls-ciphers",
      api: "option `ciphers`",
      how: "Offered to the server by either transport.",
      async run(world) {
        const { url, http } = await serve(world);
        const ciphers = new Set<string>();
        http.on("secureConnection", (connection: TLSSocket) => ciphers.add(connection.getCipher().name));
        await attempt(world, "one", url, { ca, ciphers: "TLS_CHACHA20_POLY1305_SHA256" });
        world.note("server", ciphers);
      },
      mutation: inClient('"ciphers",', ""),
    },
    {
      id: "tls-agent",
      api: "option `agent` with TLS",
      how: "An `https.Agent` brings its own options.",
      async run(world) {
        const { url } = await serve(world);
        for (const [name, options] of Object.entries({
          ca: { ca },
          unchecked: { rejectUnauthorized: false },
          none: {},
        })) {
          const agent = new Agent(options);
          world.defer(() => agent.destroy());
          await attempt(world, name, url, { agent: agent as never });
        }
      },
      mutation: inClient("...agent ? { agent } : {},", ""),
    },
    {
      id: "tls-transport-options",
      api: "option `transportOptions` with TLS",
      how: "Each transport has its own options.",
      async run(world) {
        const { url } = await serve(world);
        await attempt(world, "for polling", url, { transportOptions: { polling: { ca } } });
        await attempt(world, "for websocket", url, { transportOptions: { websocket: { ca } } });
      },
      mutation: inClient("...options.transportOptions?.[transport]", ""),
    },
    {
      id: "tls-wrong-host",
      api: "a certificate of another host",
      how: "Refused by Node's own check.",
      async run(world) {
        const { url } = await serve(world, ADA);
        await attempt(world, "trusted", url, { ca: ADA.cert });
        await attempt(world, "unchecked", url, { rejectUnauthorized: false });
      },
      mutation: inClient("return rejectUnauthorized !== false;", "return true;"),
    },
    {
      id: "tls-check-server-identity",
      api: "option `checkServerIdentity`",
      how: "Goes to `https.request` too; a connection that passed one check is not used for another.",
      async run(world) {
        const { url } = await serve(world, ADA);
        const options = { ca: ADA.cert };
        await attempt(world, "accepting", url, { ...options, checkServerIdentity: () => undefined });
        await attempt(world, "refusing", url, { ...options, checkServerIdentity: () => new Error("not you") });
        await attempt(world, "without", url, options);
      },
      mutation: inClient('"checkServerIdentity"\n', "\n"),
      differs: {
        id: "check-server-identity",
        official: [
          "accepting, polling: TransportError: xhr poll error",
          "accepting, websocket: connected",
          "refusing, polling: TransportError: xhr poll error",
          "refusing, websocket: TransportError: websocket error",
          "without, polling: TransportError: xhr poll error",
          "without, websocket: TransportError: websocket error",
        ],
        hawser: [
          "accepting, polling: connected",
          "accepting, websocket: connected",
          "refusing, polling: TransportError: xhr poll error",
          "refusing, websocket: TransportError: websocket error",
          "without, polling: TransportError: xhr poll error",
          "without, websocket: TransportError: websocket error",
        ],
      },
    },
    {
      id: "tls-unusable-options",
      api: "options of TLS that Node.js can't use",
      how: "What `https.request` and `ws` throw is a `connect_error` of that attempt.",
      async run(world) {
        const { url } = await serve(world);
        await attempt(world, "ciphers", url, { ca, ciphers: "none of these" });
        await attempt(world, "key", url, { ca, cert: ADA.cert, key: ADA.key, passphrase: "wrong" });
        await attempt(world, "pfx", url, { ca, pfx: Buffer.from("no pfx") as never });
      },
      mutation: inClient("defer(() => fail(error));", "throw error;"),
      differs: {
        id: "unusable-tls-options",
        official: ["ciphers", "key", "pfx"].flatMap((name) => [
          `${name}, polling: TransportError: xhr poll error`,
          `${name}, websocket: Error: timeout`,
        ]),
        hawser: ["ciphers", "key", "pfx"].flatMap((name) => [
          `${name}, polling: TransportError: xhr poll error`,
          `${name}, websocket: TransportError: websocket error`,
        ]),
      },
    },
  ],
};
