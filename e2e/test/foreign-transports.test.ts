/** Transports of the official client's engine, handed to ours. */

import * as official from "engine.io-client";
import { io } from "hawser-client";
import { Socket } from "hawser-client/engine";
import { expect, test } from "vitest";

const { Fetch, NodeWebSocket, NodeXHR, WebSocket, WebTransport, XHR } = official;

test.each(Object.entries({ Fetch, NodeWebSocket, NodeXHR, WebSocket, WebTransport, XHR }))(
  "%s of engine.io-client is refused at once, by a name that says what to do",
  (_name, transport) => {
    const transports = [transport] as never;
    const refusal = expect.objectContaining({
      code: "ERR_TRANSPORT",
      message: expect.stringContaining("import it from") as unknown,
    });
    expect(() => io("http://127.0.0.1:1", { transports, forceNew: true })).toThrow(refusal);
    expect(() => new Socket("http://127.0.0.1:1", { transports })).toThrow(refusal);
  },
);
