interface Cookie {
  readonly value: string;
  /** When it ceases to be, in milliseconds since 1970. */
  readonly expires: number;
}

const SECOND = 1000;

/**
 * The cookies that a server has set, by which a load balancer recognises its clients. One jar serves one connection,
 * and so one host.
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /**
   * Takes what a response sets.
   *
   * @param headers - the values of its `Set-Cookie` headers
   * @param now - the present, in milliseconds since 1970
   */
  receive(headers: readonly string[] = [], now: number = Date.now()): void {
    for (const header of headers) {
      const [pair = "", ...attributes] = header.split(";");
      const separator = pair.indexOf("=");
      if (separator > 0) {
        const name = pair.slice(0, separator).trim();
        this.#cookies.set(name, { value: pair.slice(separator + 1).trim(), expires: expiryOf(attributes, now) });
      }
    }
  }

  /**
   * Says what to send back.
   *
   * @param now - the present, in milliseconds since 1970
   * @returns the value of the `Cookie` header; empty if there is nothing to send
   */
  header(now: number = Date.now()): string {
    for (const [name, { expires }] of this.#cookies) {
      if (expires <= now) {
        this.#cookies.delete(name);
      }
    }
    return [...this.#cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  }
}

/** Reads `Max-Age`, which comes first by RFC 6265, and `Expires`. */
function expiryOf(attributes: readonly string[], now: number): number {
  const values = new Map(
    attributes.map((attribute) => {
      const [name = "", ...value] = attribute.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const maxAge = Number(values.get("max-age") ?? Number.NaN);
  if (!Number.isNaN(maxAge)) {
    return now + maxAge * SECOND;
  }
  const expires = Date.parse(values.get("expires") ?? "");
  return Number.isNaN(expires) ? Infinity : expires;
}
