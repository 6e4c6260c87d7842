/** The cookie that carries the session id, for load balancers that route by it. */
export interface CookieOptions {
  /** Default: `io`. */
  name?: string;
  /** Default: `/`; `false` leaves it out. */
  path?: string | false;
  /** Default: true. */
  httpOnly?: boolean;
  /** Default: `lax`. */
  sameSite?: boolean | "lax" | "strict" | "none";
  domain?: string;
  secure?: boolean;
  /** Seconds. */
  maxAge?: number;
  expires?: Date;
}

/** What it is where the option does not say so. */
export const DEFAULTS: CookieOptions = { name: "io", path: "/", httpOnly: true, sameSite: "lax" };

/** The `Set-Cookie` header for a session, built on each handshake. */
export function sessionCookie(options: CookieOptions | true, sid: string): string {
  const { name, path, httpOnly, sameSite, domain, secure, maxAge, expires } = {
    ...DEFAULTS,
    ...(options === true ? undefined : options),
  };
  const parts = [`${name}=${encodeURIComponent(sid)}`];
  if (maxAge !== undefined) {
    parts.push(`Max-Age=${Math.floor(maxAge)}`);
  }
  if (domain) {
    parts.push(`Domain=${domain}`);
  }
  if (path) {
    parts.push(`Path=${path}`);
  }
  if (expires) {
    parts.push(`Expires=${expires.toUTCString()}`);
  }
  if (httpOnly) {
    parts.push("HttpOnly");
  }
  if (secure) {
    parts.push("Secure");
  }
  if (sameSite) {
    const value = sameSite === true ? "strict" : sameSite;
    parts.push(`SameSite=${value.charAt(0).toUpperCase()}${value.slice(1)}`);
  }
  return parts.join("; ");
}
