/** The states of a session, as a peer can bring them about. */

import { until } from "../../harness/waiting.ts";
import type { State } from "./pair.ts";
import type { Peer } from "./peer.ts";

/** A session over polling that has ended. */
async function ended(peer: Peer, end: () => unknown): Promise<void> {
  await peer.beginOnPolling();
  await end();
  await until(() => peer.view?.conn?.readyState === "closed", "the session to end");
}

/** A session on a WebSocket that has joined `/chat` as well. */
async function joinChat(peer: Peer): Promise<void> {
  await peer.beginOnWebSocket();
  peer.line?.send("40/chat,");
  await peer.hear(peer.wire.connected("/chat,"));
}

export const withoutSession: readonly State[] = [
  { name: "no `sid`", has: [], enter: async () => {} },
  {
    name: "an unknown `sid`",
    has: [],
    async enter(peer) {
      peer.sid = "unknown";
    },
  },
  { name: "ended by the client", has: [], enter: (peer) => ended(peer, () => peer.send("1").answer) },
  { name: "ended by the server", has: [], enter: (peer) => ended(peer, () => peer.view?.conn?.close(true)) },
];

export const onPolling: readonly State[] = [
  { name: "no request under way", has: [], enter: (peer) => peer.beginOnPolling() },
  {
    name: "a GET waits",
    has: ["get"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.wait();
    },
  },
];

export const posting: readonly State[] = [
  {
    name: "no GET waits",
    has: ["post"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.halfPost();
    },
  },
  {
    name: "a GET waits",
    has: ["get", "post"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.wait();
      await peer.halfPost();
    },
  },
];

export const moving: readonly State[] = [
  {
    name: "the WebSocket is open",
    has: ["line"],
    async enter(peer) {
      await peer.beginOnPolling();
      peer.line = await peer.open();
    },
  },
  {
    name: "after `3probe`",
    has: ["line"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.probe();
    },
  },
  {
    name: "after `3probe`, a GET waits",
    has: ["line", "get"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.probe();
      await peer.waitWhileMoving();
    },
  },
];

export const onWebSocket: readonly State[] = [
  { name: "begun there", has: ["line"], enter: (peer) => peer.beginOnWebSocket() },
  {
    name: "moved there",
    has: ["line"],
    async enter(peer) {
      await peer.beginOnPolling();
      await peer.probe();
      await peer.move();
    },
  },
];

export const closing: readonly State[] = [
  {
    name: "over polling, no GET waits",
    has: [],
    async enter(peer) {
      await peer.beginOnPolling();
      peer.view?.conn?.close();
    },
  },
];

/** Of `/chat`, for a session on a WebSocket that has joined `/`. */
export const inNamespace: readonly State[] = [
  { name: "not asked for", has: ["line"], enter: (peer) => peer.beginOnWebSocket() },
  {
    name: "asked for",
    has: ["line"],
    async enter(peer) {
      await peer.beginOnWebSocket();
      const { view } = peer;
      if (view) view.holdsChat = true;
      peer.line?.send("40/chat,");
      await until(() => view?.waiting.length === 1, "the middleware");
    },
    async conclude(peer) {
      for (const admit of peer.view?.waiting ?? []) admit();
      await peer.settle();
      return peer.view?.joined.has("/chat") ? "joins" : "does not join";
    },
  },
  { name: "joined", has: ["line"], enter: joinChat },
  {
    name: "left",
    has: ["line"],
    async enter(peer) {
      await joinChat(peer);
      peer.line?.send("41/chat,");
      await until(() => peer.view?.left.has("/chat") === true, "the client to have left");
      peer.view?.left.clear();
    },
  },
  {
    name: "an attachment is due",
    has: ["line"],
    async enter(peer) {
      await joinChat(peer);
      peer.line?.send('451-/chat,["note",{"_placeholder":true,"num":0}]');
      await peer.settle();
    },
  },
];
