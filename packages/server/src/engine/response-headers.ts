import { validateHeaderName, validateHeaderValue, type IncomingMessage } from "node:http";
import { sessionCookie, type CookieOptions } from "./cookie.ts";

/** Options that say something of headers; asked for each session. */
export interface HeaderOptions {
  readonly cookie?: CookieOptions | false;
}

/** Who wants to change headers. */
export interface HeadersPort {
  listenerCount(event: "headers" | "initial_headers"): number;
  /** Lets the listeners of the application change `headers`. */
  tellOfHeaders(
    event: "headers" | "initial_headers",
    headers: Record<string, string | number>,
    request: IncomingMessage,
  ): void;
  /** Takes the error of a listener's header that can't be sent. */
  onIllegalHeader(error: unknown, event: "headers" | "initial_headers"): void;
}

/**
 * Makes sure that a header can be sent as it is.
 *
 * @throws TypeError if it holds what headers can't, such as a line break
 */
export function checkHeader(name: string, value: string | number | readonly string[]): void {
  validateHeaderName(name);
  for (const item of Array.isArray(value) ? (value as readonly string[]) : [value as string]) {
    validateHeaderValue(name, item);
  }
}

/** What goes with the responses of an engine, the 101 of a WebSocket included: its cookie, and what listeners add. */
export class ResponseHeaders {
  readonly #options: HeaderOptions;
  readonly #port: HeadersPort;
  /** Requests whose response is the first of a session, and which session that is. */
  readonly #initial = new WeakMap<IncomingMessage, string>();

  /** @throws TypeError if there can be no such cookie */
  constructor(options: HeaderOptions, port: HeadersPort) {
    if (options.cookie) {
      sessionCookie(options.cookie, "id");
    }
    this.#options = options;
    this.#port = port;
  }

  /** The response to `request` will be the first of session `id`. */
  markInitial(request: IncomingMessage, id: string): void {
    if (this.#options.cookie || this.#port.listenerCount("initial_headers") > 0) {
      this.#initial.set(request, id);
    }
  }

  /** Adds to the headers of the response to `request`. */
  decorate(headers: Record<string, string | number>, request: IncomingMessage): void {
    const id = this.#initial.get(request);
    if (id !== undefined) {
      this.#initial.delete(request);
      const { cookie } = this.#options;
      if (cookie) {
        this.#setCookie(cookie, headers, id);
      }
      this.#ask("initial_headers", headers, request);
    }
    this.#ask("headers", headers, request);
  }

  /** An id of the application's may be one of which it makes no cookie. */
  #setCookie(cookie: CookieOptions, headers: Record<string, string | number>, id: string): void {
    try {
      headers["Set-Cookie"] = sessionCookie(cookie, id);
    } catch (error) {
      this.#port.onIllegalHeader(error, "initial_headers");
    }
  }

  /** What the listeners add may come from the request; what is no header must not begin another line. */
  #ask(event: "headers" | "initial_headers", headers: Record<string, string | number>, request: IncomingMessage): void {
    if (this.#port.listenerCount(event) === 0) {
      return;
    }
    this.#port.tellOfHeaders(event, headers, request);
    for (const [name, value] of Object.entries(headers)) {
      try {
        checkHeader(name, value);
      } catch (error) {
        delete headers[name];
        this.#port.onIllegalHeader(error, event);
      }
    }
  }
}
