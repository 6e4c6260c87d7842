/** Keys and certificates, which nobody trusts unless told to. */

import { readFileSync } from "node:fs";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** What a server on `localhost` and 127.0.0.1 shows. */
export const LOCALHOST = {
  cert: fixture("localhost.certificate.pem").toString(),
  key: fixture("localhost.key.pem").toString(),
};

/** What a client named `ada` shows. As a server's it would be the certificate of another host. */
export const ADA = {
  cert: fixture("client.certificate.pem").toString(),
  key: fixture("client.key.pem").toString(),
  passphrase: "secret",
};

/** The same in one file, which has the same passphrase. */
export const ADA_PFX: Buffer = fixture("client.pfx");
