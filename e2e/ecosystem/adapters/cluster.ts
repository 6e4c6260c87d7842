/** What the scenarios are given: a few servers that one adapter joins, wherever they run. */

import type { Namespace } from "socket.io";

/** The applications that a node can be of: hawser on either base of adapters, or Socket.IO. */
export type ApplicationName = "adapters" | "adapters-on-hawser" | "official";

/** What is done to a namespace where its server is. */
export type Act<Args extends unknown[], Result> = (namespace: Namespace, ...args: Args) => Result | Promise<Result>;

/** One server of a cluster. */
export interface Node {
  readonly url: string;
  /**
   * Runs a function where the server is, which may be another process: it can use nothing but its parameters, and they and its
   * result are copied on the way.
   *
   * @param name - of the namespace that it is given
   */
  run<Args extends unknown[], Result>(name: string, act: Act<Args, Result>, ...args: Args): Promise<Result>;
}

/** Sends to the clients of a cluster from a process that is no server: what the emitters of Redis and PostgreSQL have in common. */
export interface Emitter {
  of(name: string): Emitter;
  to(rooms: string | string[]): Emitter;
  in(rooms: string | string[]): Emitter;
  except(rooms: string | string[]): Emitter;
  readonly volatile: Emitter;
  compress(compress: boolean): Emitter;
  emit(event: string, ...args: unknown[]): boolean;
  socketsJoin(rooms: string | string[]): void;
  socketsLeave(rooms: string | string[]): void;
  disconnectSockets(close?: boolean): void;
  serverSideEmit(event: string, ...args: unknown[]): void;
}

/** Two servers that know of each other, or will in a moment. */
export interface Cluster {
  readonly nodes: readonly [Node, Node];
  readonly emitter?: Emitter | undefined;
  close(): Promise<void>;
}
