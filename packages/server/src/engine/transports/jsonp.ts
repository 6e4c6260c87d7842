import type { EngineRevision } from "../revisions.ts";
import { PollingTransport, type PollingSettings } from "./polling.ts";

/**
 * Long-polling for browsers that can read no other origin's responses but by a script tag (`docs/protocol.md`, "JSONP"). Only
 * its bodies differ: a response is a call of a function of the page, and a POST is a form with the field `d`.
 */
export class JsonpTransport extends PollingTransport {
  readonly #callback: string;

  /**
   * @param index - as the client gave it; only its digits count, for what is called must be a function of the page's client
   */
  constructor(settings: PollingSettings, revision: EngineRevision, index: string) {
    super(settings, revision, false);
    this.#callback = `___eio[${index.replace(/\D/g, "")}]`;
  }

  protected override wrap(payload: string): string {
    // Two characters that JSON allows in a string and older JavaScript does not.
    const literal = JSON.stringify(payload)
      .replace(/\u2028/g, "\\u2028")
      .replace(/\u2029/g, "\\u2029");
    return `${this.#callback}(${literal});`;
  }

  protected override unwrap(body: string): string {
    // Browsers turn line breaks in forms into \r\n, so clients send them as backslash and n, and a backslash before one as two.
    const field = new URLSearchParams(body).get("d") ?? "";
    return field.replace(/\\\\n|\\n/g, (written) => (written === "\\n" ? "\n" : "\\n"));
  }
}
