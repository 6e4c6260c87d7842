import { compressionOf, type ResolvedEngineOptions } from "./options.ts";
import { queryOf, queryValue, type EngineRequest } from "./request.ts";
import type { ResponseHeaders } from "./response-headers.ts";
import { JsonpTransport } from "./transports/jsonp.ts";
import { PollingTransport, type PollingSettings } from "./transports/polling.ts";
import { revisionOf } from "./verify.ts";

/** Where sessions on polling come in: the transport for a request that begins one. */
export class PollingEntrance {
  readonly #options: ResolvedEngineOptions;
  readonly #headers: ResponseHeaders;
  #settings: PollingSettings | undefined;
  /** The option that they were made of. */
  #httpCompression: unknown;

  constructor(options: ResolvedEngineOptions, headers: ResponseHeaders) {
    this.#options = options;
    this.#headers = headers;
  }

  /** The transport that a request begins. */
  accept(request: EngineRequest): PollingTransport {
    const revision = revisionOf(request);
    const index = this.#options.allowEIO3 ? queryValue(request, "j") : undefined;
    return index === undefined
      ? new PollingTransport(this.#currentSettings(), revision, !queryOf(request)["b64"])
      : new JsonpTransport(this.#currentSettings(), revision, index);
  }

  /** One object for all transports, for as long as nobody changes the options. */
  #currentSettings(): PollingSettings {
    const { maxHttpBufferSize: maxPayload, httpCompression } = this.#options;
    if (this.#settings?.maxPayload === maxPayload && this.#httpCompression === httpCompression) {
      return this.#settings;
    }
    this.#httpCompression = httpCompression;
    return (this.#settings = {
      maxPayload,
      compression: compressionOf(httpCompression),
      decorate: (headers, request) => this.#headers.decorate(headers, request),
    });
  }
}
