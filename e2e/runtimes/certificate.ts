/**
 * A certificate for this machine that lasts for a few days. For WebTransport, browsers take such ones by their hashes although
 * no authority vouches for them, if they are good for no more than two weeks.
 */

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate and its key as PEM, and the hash by which a page may trust it. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly sha256: number[];
}

const DAY = 24 * 60 * 60 * 1000;

// The tags of DER that are needed here.
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
/** The n-th of the fields that a structure may have. */
const field = (n: number): number => 0xa0 + n;
/** The same for a field that is a string. */
const text = (n: number): number => 0x80 + n;

/** One value of DER: a tag, a length, and what it holds. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length];
  return Buffer.concat([Buffer.from(header), body]);
}

const identifier = (hex: string): Buffer => der(OBJECT_IDENTIFIER, Buffer.from(hex, "hex"));
const bits = (bytes: Uint8Array): Buffer => der(BIT_STRING, Buffer.from([0]), bytes);

const ECDSA_WITH_SHA256 = der(SEQUENCE, identifier("2a8648ce3d040302"));
const COMMON_NAME = identifier("550403");
const SUBJECT_ALT_NAME = identifier("551d11");

/** A moment as `YYMMDDhhmmssZ`. */
function utcTime(moment: number): Buffer {
  const digits = new Date(moment).toISOString().replace(/\D/g, "");
  return der(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** Makes one for `localhost` and 127.0.0.1 that is good from yesterday on for ten days. */
export function makeCertificate(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from("localhost")))));
  const names = der(SEQUENCE, der(text(2), Buffer.from("localhost")), der(text(7), Buffer.from([127, 0, 0, 1])));
  const now = Date.now();
  const content = der(
    SEQUENCE,
    der(field(0), der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1]), randomBytes(15)),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, utcTime(now - DAY), utcTime(now + 9 * DAY)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(field(3), der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, names)))),
  );
  const certificate = der(SEQUENCE, content, ECDSA_WITH_SHA256, bits(sign("sha256", content, privateKey)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    sha256: [...createHash("sha256").update(certificate).digest()],
  };
}
