/** Each of the packages by its own name, and each of their entry points. */

import * as adapter from "@hawser/adapter";
import * as core from "@hawser/core";
import * as parser from "@hawser/parser";
import * as testing from "@hawser/testing";
import * as server from "hawser";
import * as client from "hawser-client";
import * as clientDebug from "hawser-client/debug";
import * as clientEngine from "hawser-client/engine";
import msgpackParser from "hawser-msgpack-parser";
import * as engine from "hawser/engine";

export const io = new server.Server({ parser: msgpackParser });
export const socket = client.io("https://example.com", { parser: msgpackParser });
export const sameSocket: client.Socket = clientDebug.io("https://example.com");
export const raw = [engine.attach, new clientEngine.Socket("ws://localhost"), parser.protocol, core.HawserError];
export const rooms: typeof adapter.Adapter = adapter.SessionAwareAdapter;
export const clock = new testing.FakeClock();
