import { failure } from "@hawser/core";
import type { EngineOptions } from "../options.ts";
import { NoTransport } from "./no-transport.ts";
import { PollingTransport } from "./polling.ts";
import type { TransportConstructor } from "./transport-context.ts";
import { WebSocketTransport } from "./websocket.ts";
import { WebTransportTransport } from "./webtransport.ts";

const TRANSPORTS: readonly TransportConstructor[] = [PollingTransport, WebSocketTransport, WebTransportTransport];

/**
 * The transports that an application wants and this client has, by name and in order of preference.
 *
 * @throws HawserError with the code `ERR_TRANSPORT` if a class among them is none of ours
 */
export function chooseTransports({ transports }: EngineOptions): Map<string, TransportConstructor> {
  const known = byName(TRANSPORTS);
  if (!transports) {
    return known;
  }
  const chosen = new Map<string, TransportConstructor>();
  for (const wanted of transports) {
    const constructor = typeof wanted === "string" ? known.get(wanted) : wanted;
    if (constructor) {
      // One of `engine.io-client`, by its mark, would begin, and then not do what is asked of it.
      if ("_query" in constructor.prototype) {
        throw failure("ERR_TRANSPORT");
      }
      chosen.set(constructor.prototype.name, constructor);
    }
  }
  return chosen.size > 0 ? chosen : byName([NoTransport]);
}

function byName(constructors: readonly TransportConstructor[]): Map<string, TransportConstructor> {
  return new Map(constructors.map((constructor) => [constructor.prototype.name, constructor]));
}
