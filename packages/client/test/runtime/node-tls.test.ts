import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { EngineOptions } from "../../src/options.ts";
import { runtime } from "../../src/runtime/node.ts";
import type { HttpResponse, Network } from "../../src/runtime/runtime.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../e2e/fixtures/${name}`, import.meta.url), "utf8");
const localhost = { cert: fixture("localhost.certificate.pem"), key: fixture("localhost.key.pem") };
/** A certificate that names no host. */
const nobody = { cert: fixture("client.certificate.pem"), key: fixture("client.key.pem"), passphrase: "secret" };
const ca = localhost.cert;

const SELF_SIGNED = "DEPTH_ZERO_SELF_SIGNED_CERT";
const WRONG_HOST = "ERR_TLS_CERT_ALTNAME_INVALID";

/** A server that answers each request, and whose WebSockets end as soon as they are open. */
async function serve(options: ServerOptions = localhost): Promise<string> {
  const server: Server = createServer(options, (_request, response) => response.end("ok"));
  server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 418 \r\n\r\n"));
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a request is answered with: the body, or what went wrong. */
async function request(address: string, options: EngineOptions, network = runtime.createNetwork()): Promise<unknown> {
  const { responseText, error } = await new Promise<HttpResponse>(
    (resolve) => void network.request(`https://${address}/`, options, undefined, resolve),
  );
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return code ?? message ?? responseText;
}

/** The same for a WebSocket, whose handshake the server refuses, if it gets that far. */
function openWebSocket(address: string, options: EngineOptions, network: Network = runtime.createNetwork()): unknown {
  const socket = network.openWebSocket(`wss://${address}/`, options);
  return new Promise((resolve) => {
    socket.onerror = ({ error }) => {
      const { code, message } = error as NodeJS.ErrnoException;
      resolve(code ?? (message.includes("418") ? "ok" : message));
    };
  });
}

describe.each([
  ["requests", request],
  ["WebSockets", openWebSocket],
])("%s over TLS", (_, connect) => {
  it("trust the authorities that the application names", async () => {
    const address = await serve();
    expect(await connect(address, { ca })).toBe("ok");
    expect(await connect(address, {})).toBe(SELF_SIGNED);
  });

  it.each([undefined, null, "", 0, true])("check the certificate with rejectUnauthorized: %o", async (value) => {
    const options = { rejectUnauthorized: value } as EngineOptions;
    expect(await connect(await serve(), options)).toBe(SELF_SIGNED);
  });

  it("don't with rejectUnauthorized: false, or an agent's", async () => {
    const address = await serve();
    const agent = new Agent({ rejectUnauthorized: false });
    onTestFinished(() => agent.destroy());
    expect(await connect(address, { rejectUnauthorized: false })).toBe("ok");
    expect(await connect(address, { agent })).toBe("ok");
  });

  it("check it whatever the environment says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    vi.spyOn(process, "emitWarning").mockReturnValue(undefined);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    });
    expect(await connect(await serve(), {})).toBe(SELF_SIGNED);
  });

  it("check that it is the host's, unless the application does", async () => {
    const address = await serve(nobody);
    expect(await connect(address, { ca: nobody.cert })).toBe(WRONG_HOST);
    const names: string[] = [];
    const checkServerIdentity = (host: string): undefined => void names.push(host);
    expect(await connect(address, { ca: nobody.cert, checkServerIdentity })).toBe("ok");
    expect(names).toEqual(["127.0.0.1"]);
  });

  it("take null for an option that is left out", async () => {
    const nothing = { pfx: null, key: null, cert: null, passphrase: null, ciphers: null, checkServerIdentity: null };
    expect(await connect(await serve(), { ca, ...nothing } as unknown as EngineOptions)).toBe("ok");
  });

  it("show a certificate of their own", async () => {
    const address = await serve({ ...localhost, ca: nobody.cert, requestCert: true });
    expect(await connect(address, { ca, ...nobody })).toBe("ok");
    expect(await connect(address, { ca })).not.toBe("ok");
  });
});

describe("a connection that was made with options of TLS", () => {
  it("is used again by the same network alone", async () => {
    const address = await serve(nobody);
    const accept = (): undefined => undefined;
    const refuse = (): Error => Object.assign(new Error(), { code: "REFUSED" });
    const network = runtime.createNetwork();
    const trusting = { ca: nobody.cert, checkServerIdentity: accept };
    vi.spyOn(Agent.prototype, "createConnection");
    const made = vi.mocked(Agent.prototype.createConnection).mock.calls;
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await request(address, trusting, network)).toBe("ok");
    expect(await request(address, trusting, network)).toBe("ok");
    expect(made.length).toBe(1);
    expect(await request(address, { ca: nobody.cert, checkServerIdentity: refuse })).toBe("REFUSED");
    expect(await request(address, { ca: nobody.cert })).toBe(WRONG_HOST);
  });
});

it.each([
  ["ciphers", { ciphers: "none of these" }],
  ["a key", { key: "no key" }],
  ["a pfx", { pfx: Buffer.from("no pfx") }],
  ["an agent", { agent: "no agent" }],
])("%s that Node.js can't use fails the request, and throws nothing", async (_, options) => {
  let answered = false;
  const answer = request("127.0.0.1:1", options).finally(() => (answered = true));
  expect(answered).toBe(false);
  // Nothing listens on that port, but it does not come to that.
  expect(["ok", "ECONNREFUSED"]).not.toContain(await answer);
});
