/** What a peer can do to a server. */

import { HandshakeRefused } from "@hawser/testing";
import { withTimeout } from "../../harness/waiting.ts";
import { MAX_PAYLOAD } from "./bench.ts";
import { PATIENCE, type WholeRequest } from "./exchange.ts";
import type { Line } from "./line.ts";
import { describe, describeLine, describeRefusal, type Input, type Reaction } from "./pair.ts";
import type { Peer, Query } from "./peer.ts";
import { wires } from "./wire.ts";

/** Bytes of a message. */
const BYTES = Buffer.from([1, 2]);
const ANNOUNCEMENT = '451-["note",{"_placeholder":true,"num":0}]';

type Packets = readonly [name: string, ...frames: (string | Buffer)[]];

const code = (text: string): string => `\`${text}\``;
const one = (text: string): Packets => [code(text), text];

/** Of the engine. */
const ENGINE_PACKETS: readonly Packets[] = [
  ...["0", "1", "2", "2probe", "3", "3probe", "5", "6", "7"].map(one),
  ["an empty packet", ""],
];

/** Of the layer above, in a namespace that is joined. */
const MESSAGES: readonly Packets[] = [
  ...['42["note"]', '420["ask"]', "4399[]", "40", "41", '44{"message":"no"}', "4", "49", "42{}", '42["connect"]'].map(
    one,
  ),
  ["bytes", BYTES],
  [`${code("451-[…]")} and bytes`, ANNOUNCEMENT, BYTES],
  [`${code("451-[…]")} and ${code('42["note"]')}`, ANNOUNCEMENT, '42["note"]'],
  [`${code('42["note"]')} and ${code("7")}`, '42["note"]', "7"],
  [`${code('42["note"]')} and ${code("1")}`, '42["note"]', "1"],
];

/** Answered, or waiting. */
const outcome =
  (peer: Peer, request: WholeRequest): Reaction =>
  async () =>
    (await describe(peer, request)) ?? (request.method === "GET" ? "waits" : "no answer");

/** An input that is a POST. */
const posting = (name: string, post: (peer: Peer) => WholeRequest): Input => ({
  name,
  async act(peer) {
    const request = post(peer);
    await withTimeout(request.answer, "the answer", PATIENCE);
    return outcome(peer, request);
  },
});

/** An input that is a request of another kind; it may wait. */
const requesting = (name: string, method: string, query: Query = {}): Input => ({
  name,
  async act(peer) {
    const request = peer.request(method, query);
    await request.arrived();
    if (peer.releases && !peer.get) await withTimeout(request.answer, "the GET to be released", PATIENCE);
    return async () => {
      const told = await outcome(peer, request)();
      if (!request.settled) peer.get ??= request;
      return told;
    };
  },
});

/** An input that is done to the WebSocket. */
const onLine = (name: string, act: (line: Line, peer: Peer) => void): Input => ({
  name,
  needs: "line",
  async act(peer) {
    if (peer.line) act(peer.line, peer);
  },
});

/** The revision that the session does not speak; without a session the client goes on with it. */
function other(peer: Peer): Query {
  const wire = wires[peer.wire.revision === 3 ? 4 : 3];
  if (peer.sid === undefined) peer.wire = wire;
  return { EIO: String(wire.revision) };
}

const upgrading = (name: string, query: (peer: Peer) => Query = () => ({})): Input => ({
  name,
  async act(peer) {
    try {
      const line = await peer.open(query(peer));
      peer.line ??= line;
      return async () => ["101", describeLine(peer, line)].filter(Boolean).join(" ");
    } catch (error) {
      if (!(error instanceof HandshakeRefused)) throw error;
      return async () => describeRefusal(error);
    }
  },
});

/** Packets by POST. */
const posts = (packets: readonly Packets[]): Input[] =>
  packets.map(([name, ...frames]) => posting(`POST ${name}`, (peer) => peer.send(...frames)));

/** Packets by frames of the WebSocket. */
const frames = (packets: readonly Packets[]): Input[] =>
  packets.map(([name, ...sent]) =>
    onLine(`frame ${name}`, (line, { wire }) =>
      line.send(...sent.map((frame) => (typeof frame === "string" ? frame : wire.frame(frame)))),
    ),
  );

const MESSAGE_POST = 'POST `42["note"]`';
const OCTET_POST = "POST of `application/octet-stream`";
const LARGE_POST = "POST of too many bytes";
const CHUNKED_POST = "POST of too many bytes, unannounced";

/** What is sent by POST. */
export const postInputs: readonly Input[] = [
  ...posts([...ENGINE_PACKETS, ...MESSAGES]),
  posting("POST without a payload", (peer) => peer.sendBody("")),
  posting(OCTET_POST, (peer) =>
    peer.sendBody(peer.wire.octets('42["note"]'), {}, { "content-type": "application/octet-stream" }),
  ),
  posting(LARGE_POST, (peer) => peer.sendBody("4".repeat(MAX_PAYLOAD + 1))),
  posting(CHUNKED_POST, (peer) => peer.sendBody("4".repeat(MAX_PAYLOAD + 1), {}, { "transfer-encoding": "chunked" })),
];

/** What ends a WebSocket, or breaks its rules. */
const WEBSOCKET_ENDS: readonly Input[] = [
  onLine("frame of too many bytes", (line) => line.send("4".repeat(MAX_PAYLOAD + 1))),
  onLine("bytes that are no frame", (line) => line.write(Buffer.from([0xff, 0xff]))),
  onLine("close frame", (line) => line.sendClose()),
  onLine("close frame with 4000", (line) => line.sendClose(4000)),
  onLine("end of the connection", (line) => line.cut()),
];

/** What the WebSocket of a session brings. */
export const frameInputs: readonly Input[] = [...frames([...ENGINE_PACKETS, ...MESSAGES]), ...WEBSOCKET_ENDS];

/** What a WebSocket brings to which a session is to move: there a message is a message. */
export const probeInputs: readonly Input[] = [
  ...frames([...ENGINE_PACKETS, one('42["note"]'), one("40"), ["bytes", BYTES]]),
  ...WEBSOCKET_ENDS,
];

/** What is sent by POST where there is no session over polling. */
export const strayPostInputs: readonly Input[] = postInputs.filter(({ name }) =>
  [MESSAGE_POST, OCTET_POST, LARGE_POST, CHUNKED_POST].includes(name),
);

/** Requests but POSTs of packets. */
export const requestInputs: readonly Input[] = [
  requesting("GET", "GET"),
  ...["PUT", "OPTIONS", "HEAD"].map((method) => requesting(method, method)),
  requesting("GET with `transport=websocket`", "GET", { transport: "websocket" }),
  requesting("GET with `transport=other`", "GET", { transport: "other" }),
  requesting("GET without `transport`", "GET", { transport: undefined }),
  requesting("GET without `EIO`", "GET", { EIO: undefined }),
  {
    name: "GET with the other `EIO`",
    act: async (peer) => requesting("", "GET", other(peer)).act(peer),
  },
  posting("POST with the other `EIO`", (peer) => peer.sendBody(peer.wire.payload('42["note"]'), other(peer))),
  upgrading("WebSocket"),
  upgrading("WebSocket with the other `EIO`", other),
  upgrading("WebSocket with `transport=polling`", () => ({ transport: "polling" })),
  upgrading("WebSocket with `transport=other`", () => ({ transport: "other" })),
  {
    name: "the GET is broken off",
    needs: "get",
    async act(peer) {
      await peer.get?.breakOff();
      peer.get = undefined;
    },
  },
  {
    name: "the POST is broken off",
    needs: "post",
    async act(peer) {
      await peer.post?.breakOff();
      peer.post = undefined;
    },
  },
  {
    name: "the rest of the POST",
    needs: "post",
    async act(peer) {
      const { post } = peer;
      peer.post = undefined;
      post?.finish();
      if (post) await withTimeout(post.answer, "the answer", PATIENCE);
      return async () => post && describe(peer, post);
    },
  },
];

/** What goes by the names of a namespace that the client may have joined or not. */
export const namespaceInputs: readonly Input[] = frames([
  ...[
    "40/chat,",
    "41/chat,",
    '42/chat,["note"]',
    '42/chat,0["ask"]',
    "43/chat,99[]",
    '44/chat,{"message":"no"}',
    "42/chat,{}",
    "40/nowhere,",
    '42["note"]',
  ].map(one),
  ["bytes", BYTES],
  [`${code("451-/chat,[…]")} and bytes`, '451-/chat,["note",{"_placeholder":true,"num":0}]', BYTES],
]);
