/** What can be called, set and read on the objects of the official packages is there on ours. */

import type { EventEmitter } from "node:events";
import type * as OfficialEngine from "engine.io";
import type * as OfficialEngineClient from "engine.io-client";
import type * as OfficialServer from "socket.io";
import type * as OfficialClient from "socket.io-client";
import type * as OwnServer from "hawser";
import type * as OwnClient from "hawser-client";
import type * as OwnEngine from "hawser/engine";
import type * as OwnEngineClient from "hawser-client/engine";
import { describe, expectTypeOf, test } from "vitest";

/** The members of `Official` that `Own` lacks. A name with an underscore is for the package itself. */
type Lacking<Official, Own> = Exclude<keyof Official, keyof Own | `_${string}`>;

describe("the server's", () => {
  test("Server, but for µWebSockets.js", () => {
    expectTypeOf<Lacking<OfficialServer.Server, OwnServer.Server>>().toExtend<"attachApp">();
  });

  test("Socket, with its handshake, connection and client", () => {
    expectTypeOf<Lacking<OfficialServer.Socket, OwnServer.Socket>>().toBeNever();
    expectTypeOf<Lacking<OfficialServer.Socket["handshake"], OwnServer.Handshake>>().toBeNever();
    expectTypeOf<Lacking<OfficialServer.Socket["conn"], OwnServer.Socket["conn"]>>().toBeNever();
    expectTypeOf<Lacking<OfficialServer.Socket["client"], OwnServer.Socket["client"]>>().toBeNever();
  });

  test("engine, and the engine by itself", () => {
    expectTypeOf<Lacking<OfficialServer.Server["engine"], OwnServer.Server["engine"]>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngine.Server, OwnEngine.Server>>().toBeNever();
    expectTypeOf<Lacking<typeof OfficialEngine.Server, typeof OwnEngine.Server>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngine.Socket, OwnEngine.Socket>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngine.AttachOptions, OwnEngine.AttachOptions>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngine.ServerOptions, OwnEngine.ServerOptions>>().toBeNever();
    type Upgrades = OfficialServer.Server["engine"]["upgrades"];
    expectTypeOf<OwnServer.Server["engine"]["upgrades"]>().toExtend<Upgrades>();
    type Attach = OfficialServer.Server["engine"]["attach"];
    expectTypeOf<OwnServer.Server["engine"]["attach"]>().toExtend<Attach>();
  });

  test("transport of a connection, but for its events and what is the engine's own", () => {
    type Official = OfficialServer.Socket["conn"]["transport"];
    expectTypeOf<Lacking<Official, OwnServer.Socket["conn"]["transport"]>>().toExtend<
      keyof EventEmitter | "discard" | "doClose" | "onRequest"
    >();
    expectTypeOf<OwnServer.Socket["conn"]["transport"]["sid"]>().toEqualTypeOf<Official["sid"]>();
    expectTypeOf<OwnServer.Socket["conn"]["transport"]["readyState"]>().toEqualTypeOf<Official["readyState"]>();
  });

  test("Namespace, BroadcastOperator and RemoteSocket", () => {
    expectTypeOf<Lacking<OfficialServer.Namespace, OwnServer.Namespace>>().toBeNever();
    expectTypeOf<Lacking<OfficialServer.BroadcastOperator<{}, {}>, OwnServer.BroadcastOperator<{}, {}>>>().toBeNever();
    expectTypeOf<Lacking<OfficialServer.RemoteSocket<{}, {}>, OwnServer.RemoteSocket<{}, {}>>>().toBeNever();
  });

  test("options", () => {
    expectTypeOf<Lacking<OfficialServer.ServerOptions, OwnServer.ServerOptions>>().toBeNever();
  });
});

describe("the client's", () => {
  test("Socket and Manager, with their events", () => {
    expectTypeOf<Lacking<OfficialClient.Socket, OwnClient.Socket>>().toBeNever();
    expectTypeOf<Lacking<OfficialClient.Manager, OwnClient.Manager>>().toBeNever();
    expectTypeOf<Lacking<OfficialClient.SocketReservedEvents, OwnClient.SocketReservedEvents>>().toBeNever();
    expectTypeOf<Lacking<OfficialClient.ManagerReservedEvents, OwnClient.ManagerReservedEvents>>().toBeNever();
  });

  test("Manager's engine, but for what only an engine by itself needs", () => {
    type Engine = OfficialClient.Manager["engine"];
    type OfficialEmitter = Pick<
      Engine,
      "on" | "once" | "off" | "emit" | "listeners" | "hasListeners" | "removeListener" | "removeAllListeners"
    >;
    expectTypeOf<Lacking<Engine, OwnClient.Manager["engine"]>>().toEqualTypeOf<"send" | "write">();
    expectTypeOf<OwnClient.Manager["engine"]>().toEqualTypeOf<OwnClient.Engine>();
    expectTypeOf<Pick<OwnClient.Engine, "id" | "readyState" | "binaryType">>().toExtend<
      Pick<Engine, "id" | "readyState" | "binaryType">
    >();
    expectTypeOf<OwnClient.Engine["transport"]["name"]>().toEqualTypeOf<Engine["transport"]["name"]>();
    expectTypeOf<Lacking<Engine["transport"], OwnClient.Engine["transport"]>>().toEqualTypeOf<
      keyof OfficialEmitter | "open" | "query"
    >();
    expectTypeOf<Lacking<Engine["writeBuffer"][number], OwnClient.Engine["writeBuffer"][number]>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngineClient.SocketReservedEvents, OwnClient.EngineEvents>>().toBeNever();
  });

  test("options, but for the other name of `transports`", () => {
    expectTypeOf<Lacking<OfficialClient.SocketOptions, OwnClient.SocketOptions>>().toBeNever();
    expectTypeOf<
      Lacking<OfficialClient.ManagerOptions, OwnClient.ManagerOptions>
    >().toExtend<"transportImplementations">();
  });
});

test("a transport of the official client's engine is none of ours", () => {
  expectTypeOf<typeof OfficialEngineClient.NodeXHR>().not.toExtend<OwnClient.TransportConstructor>();
  expectTypeOf<typeof OwnClient.NodeXHR>().toExtend<OwnClient.TransportConstructor>();
});

describe("the client's engine's", () => {
  test("Socket, with its events, and what it is told", () => {
    expectTypeOf<Lacking<OfficialEngineClient.Socket, OwnEngineClient.Socket>>().toBeNever();
    expectTypeOf<Lacking<typeof OfficialEngineClient.Socket, typeof OwnEngineClient.Socket>>().toBeNever();
    expectTypeOf<
      Lacking<OfficialEngineClient.SocketReservedEvents, OwnEngineClient.SocketReservedEvents>
    >().toBeNever();
    expectTypeOf<Lacking<OfficialEngineClient.HandshakeData, OwnEngineClient.HandshakeData>>().toBeNever();
  });

  test("Transport, with its events and its errors", () => {
    expectTypeOf<Lacking<OfficialEngineClient.Transport, OwnEngineClient.Transport>>().toBeNever();
    expectTypeOf<
      Lacking<OfficialEngineClient.TransportReservedEvents, OwnEngineClient.TransportReservedEvents>
    >().toBeNever();
    expectTypeOf<Lacking<OfficialEngineClient.TransportError, OwnEngineClient.TransportError>>().toBeNever();
  });

  test("options", () => {
    expectTypeOf<Lacking<OfficialEngineClient.SocketOptions, OwnEngineClient.SocketOptions>>().toBeNever();
    expectTypeOf<Lacking<OfficialEngineClient.WriteOptions, OwnEngineClient.WriteOptions>>().toBeNever();
  });
});
