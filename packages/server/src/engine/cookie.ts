/** The cookie that carries the session id, for load balancers that route by it. */
export interface CookieOptions {
  /** Default: `io`. */
  name?: string | undefined;
  /** Default: `/`; `false` leaves it out. */
  path?: string | false | undefined;
  /** Default: true. */
  httpOnly?: boolean | undefined;
  /** Default: `lax`. */
  sameSite?: boolean | "lax" | "strict" | "none" | undefined;
  domain?: string | undefined;
  secure?: boolean | undefined;
  /** Seconds. */
  maxAge?: number | undefined;
  expires?: Date | undefined;
  /** Whether pages that embed the server each have a cookie of their own. */
  partitioned?: boolean | undefined;
  /** What a browser keeps longer when it has too many cookies. */
  priority?: "low" | "medium" | "high" | undefined;
  /** Makes the cookie's value of the session id. Default: `encodeURIComponent`. */
  encode?: ((sid: string) => string) | undefined;
}

/** What it is where the option does not say so. */
export const DEFAULTS: CookieOptions = {
  name: "io",
  path: "/",
  httpOnly: true,
  sameSite: "lax",
};

const NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
/** What may stand in a `Set-Cookie` header (RFC 6265 §4.1.1), in quotes or not: neither space nor `"`, `,`, `;`, `\`. */
const VALUE = /^("?)[!#-+\--:<-[\]-~]*\1$/;
const DOMAIN = /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i;
const PATH = /^[ -:<-~]*$/;

/** @throws TypeError if it is not fit for what it is to be */
function checked<T>(value: T, what: string, fits: boolean): T {
  if (!fits) {
    throw new TypeError(`option cookie: ${String(value)} is no ${what}`);
  }
  return value;
}

/** One of several words, which begin with a capital in the header. */
function word(value: string, what: string, words: readonly string[]): string {
  const lower = checked(value, what, typeof value === "string").toLowerCase();
  checked(value, what, words.includes(lower));
  return `${lower.charAt(0).toUpperCase()}${lower.slice(1)}`;
}

/**
 * The `Set-Cookie` header for a session, built on each handshake.
 *
 * @throws TypeError if one of the options, or what `encode` makes of the id, can't be in that header
 */
export function sessionCookie(options: CookieOptions | true, sid: string): string {
  const { name, path, httpOnly, sameSite, domain, secure, maxAge, expires, partitioned, priority, encode } = {
    ...DEFAULTS,
    ...(options === true ? undefined : options),
  };
  const value = (encode ?? encodeURIComponent)(sid);
  const parts = [
    `${checked(name, "cookie name", NAME.test(String(name)))}=${checked(value, "cookie value", VALUE.test(value))}`,
  ];
  if (maxAge !== undefined && maxAge !== null) {
    parts.push(`Max-Age=${Math.floor(checked(maxAge, "number of seconds", Number.isFinite(Number(maxAge))))}`);
  }
  if (domain) {
    parts.push(`Domain=${checked(domain, "domain", DOMAIN.test(domain))}`);
  }
  if (path) {
    parts.push(`Path=${checked(path, "path", PATH.test(path))}`);
  }
  if (expires) {
    parts.push(
      `Expires=${checked(expires, "date", expires instanceof Date && !Number.isNaN(Number(expires))).toUTCString()}`,
    );
  }
  if (httpOnly) {
    parts.push("HttpOnly");
  }
  if (secure) {
    parts.push("Secure");
  }
  if (partitioned) {
    parts.push("Partitioned");
  }
  if (priority) {
    parts.push(`Priority=${word(priority, "priority", ["low", "medium", "high"])}`);
  }
  if (sameSite) {
    const rule = sameSite === true ? "strict" : sameSite;
    parts.push(`SameSite=${word(rule, "rule for other sites", ["lax", "strict", "none"])}`);
  }
  return parts.join("; ");
}
