/** What shares a table: states that are alike, and what can come in them. */

import { inCore, inServer, type Mutation } from "../row.ts";
import { frameInputs, namespaceInputs, postInputs, probeInputs, requestInputs, strayPostInputs } from "./inputs.ts";
import type { Input, State } from "./pair.ts";
import { closing, inNamespace, moving, onPolling, onWebSocket, posting, withoutSession } from "./states.ts";

/** Pairs in which hawser differs on purpose. */
export interface PairDifference {
  /** The anchor of the entry in `docs/differences.md`. */
  readonly id: string;
  /** The names of the states; all, by default. */
  readonly states?: readonly string[];
  /** The names of the inputs. */
  readonly inputs: readonly string[];
}

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly states: readonly State[];
  readonly inputs: readonly Input[];
  readonly differences: readonly PairDifference[];
  /** For each revision of the protocol, what breaks something that the table tells. */
  readonly mutations: Readonly<Record<3 | 4, Mutation>>;
}

const BEFORE_GARBAGE = '`42["note"]` and `7`';
const BEFORE_CLOSE = '`42["note"]` and `1`';

export const groups: readonly Group[] = [
  {
    id: "none",
    title: "Without a session",
    states: withoutSession,
    inputs: [...requestInputs, ...strayPostInputs],
    differences: [
      {
        id: "websocket-refusals",
        states: ["no `sid`"],
        inputs: ["WebSocket with the other `EIO`", "WebSocket with `transport=polling`"],
      },
    ],
    mutations: {
      4: inServer("return reject(REJECTIONS.UNKNOWN_SID, { sid });", "return reject(REJECTIONS.BAD_REQUEST, { sid });"),
      3: inServer("const resolved = { ...options };", "const resolved = { ...options, allowEIO3: false };"),
    },
  },
  {
    id: "polling",
    title: "On polling",
    states: onPolling,
    inputs: [...requestInputs, ...postInputs],
    differences: [
      { id: "websocket-refusals", inputs: ["WebSocket with `transport=polling`"] },
      { id: "events-before-the-end", inputs: [`POST ${BEFORE_GARBAGE}`, `POST ${BEFORE_CLOSE}`] },
    ],
    mutations: {
      4: inServer('this.#fail("overlap from client");', ""),
      3: inServer("binaryPayloads: true,", "binaryPayloads: false,"),
    },
  },
  {
    id: "posting",
    title: "On polling, while a POST is half sent",
    states: posting,
    inputs: [...requestInputs, ...postInputs],
    differences: [
      { id: "websocket-refusals", inputs: ["WebSocket with `transport=polling`"] },
      { id: "half-sent-posts", inputs: postInputs.map(({ name }) => name) },
      { id: "half-sent-posts", states: ["a GET waits"], inputs: ["GET", "GET without `EIO`", "the GET is broken off"] },
    ],
    mutations: {
      4: inServer('this.#fail("data request overlap from client");', ""),
      3: inServer("this.#refusePost(post, 400);", ""),
    },
  },
  {
    id: "moving-polling",
    title: "Moving to a WebSocket, by HTTP",
    states: moving,
    inputs: [...requestInputs, ...postInputs],
    differences: [
      { id: "websocket-refusals", inputs: ["WebSocket", "WebSocket with `transport=polling`"] },
      { id: "events-before-the-end", inputs: [`POST ${BEFORE_GARBAGE}`, `POST ${BEFORE_CLOSE}`] },
    ],
    mutations: {
      4: inServer("!session.mayUpgradeTo(transport)", "false"),
      3: inCore("this.$heartbeat?.stop();\n\t\tthis.$abandonUpgrades();", "this.$heartbeat?.stop();"),
    },
  },
  {
    id: "moving-websocket",
    title: "Moving to a WebSocket, by its frames",
    states: moving,
    inputs: probeInputs,
    differences: [],
    mutations: {
      4: inCore('packet.type === "ping" && packet.data === "probe"', 'packet.type === "ping"'),
      3: inCore("this.transport.resume?.();", 'this.abort("transport close");'),
    },
  },
  {
    id: "websocket",
    title: "On a WebSocket",
    states: onWebSocket,
    inputs: [...requestInputs, ...strayPostInputs, ...frameInputs],
    differences: [
      { id: "requests-to-websockets", inputs: ["GET with `transport=websocket`"] },
      { id: "second-websocket", states: ["begun there"], inputs: ["WebSocket"] },
      { id: "websocket-refusals", states: ["moved there"], inputs: ["WebSocket"] },
      { id: "websocket-refusals", inputs: ["WebSocket with `transport=polling`"] },
      { id: "events-before-the-end", inputs: [`frame ${BEFORE_GARBAGE}`] },
    ],
    mutations: {
      4: inServer('transport !== "polling" || current !== "polling"', "transport !== current"),
      3: inServer('pinger: "client",', 'pinger: "server",'),
    },
  },
  {
    id: "closing",
    title: "Closing",
    states: closing,
    inputs: [...requestInputs, ...postInputs],
    differences: [
      { id: "websocket-refusals", inputs: ["WebSocket", "WebSocket with `transport=polling`"] },
      {
        id: "closing-sessions",
        inputs: [
          "`1`",
          "`7`",
          "an empty packet",
          '`42["note"]`',
          "`40`",
          "`41`",
          '`44{"message":"no"}`',
          "`451-[…]` and bytes",
          BEFORE_GARBAGE,
          BEFORE_CLOSE,
          "without a payload",
          "of `application/octet-stream`",
        ].map((what) => `POST ${what}`),
      },
    ],
    mutations: {
      4: inCore('this.$state === "open" && !this.$switching', "!this.$switching"),
      3: inCore('this.$state !== "closing" && ', ""),
    },
  },
  {
    id: "namespaces",
    title: "Namespaces",
    states: inNamespace,
    inputs: namespaceInputs,
    differences: [
      { id: "repeated-connect", states: ["asked for"], inputs: ["frame `40/chat,`"] },
      { id: "disconnect-before-connect", states: ["asked for"], inputs: ["frame `41/chat,`"] },
      {
        id: "packets-for-left-namespaces",
        states: ["left"],
        inputs: [
          "`41/chat,`",
          '`42/chat,["note"]`',
          '`42/chat,0["ask"]`',
          "`43/chat,99[]`",
          '`44/chat,{"message":"no"}`',
          "`451-/chat,[…]` and bytes",
        ].map((what) => `frame ${what}`),
      },
    ],
    mutations: {
      4: inCore('this.$state === "connecting" && packet.type === PacketType.CONNECT', "false"),
      3: inCore("packet.type !== PacketType.CONNECT && this.$left?.has(packet.nsp)", "false"),
    },
  },
];
