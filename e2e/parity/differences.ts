/** Which tests show the differences of `docs/differences.md` that no row of the comparison shows. */

/** A test of one difference. A difference may have several, one after the other. */
export interface DifferenceTest {
  /** The anchor of the entry in `docs/differences.md`. */
  readonly id: string;
  /** The file of the test, relative to the root of the repository. */
  readonly file: string;
  /** The title of the test as it is written there; of a test that is run for each of several cases, it may be that of the case. */
  readonly test: string;
}

/** The tests of one file: its path, and for each difference the titles that show it. */
function inFile(file: string, titles: Readonly<Record<string, string | readonly string[]>>): readonly DifferenceTest[] {
  return Object.entries(titles).flatMap(([id, tests]) => [tests].flat().map((test) => ({ id, file, test })));
}

export const differenceTests: readonly DifferenceTest[] = [
  ...inFile("packages/server/test/engine/transports/polling.test.ts", {
    "large-bodies": "that is too large, %s, is refused with 413 and closes its connection, and the session goes on",
    "half-sent-posts": "while a POST is being read: it is refused and its connection closes",
    "forced-close": "although no GET waits for its answer, what can't be read disconnects its sockets at once",
  }),
  ...inFile("packages/server/test/engine/transports/websocket.test.ts", {
    "events-before-the-end": [
      "events that arrive with the end of the connection, in one segment, are delivered before it",
      "events that arrive with a garbled frame, in one segment, are delivered before the end",
    ],
    coalescing: "and many sent in one tick leave in one write",
  }),
  ...inFile("packages/server/test/engine/transports/webtransport.test.ts", {
    "webtransport-end": [
      "when the client finishes its stream",
      "when the connection is lost",
      "when the stream is reset",
    ],
  }),
  ...inFile("packages/server/test/engine/engine-socket.test.ts", {
    "engine-options": "gives listeners each packet's own wishes, which they may write to",
    "sends-without-text":
      "makes text of what is none, nothing of what counts as false, and throws for what has no text: over %s",
  }),
  ...inFile("packages/server/test/engine/engine.test.ts", {
    "second-answers": "is heard once, however often it answers",
    "taken-session-ids": "that repeats itself refuses the second session instead of handing over the first",
    "illegal-headers": "leave out a header that holds %s, and tell of it, over both transports",
    "refusal-reasons": "tells no more than that it keeps a client out, if what it says is no text but %s",
  }),
  ...inFile("packages/server/test/engine/cookie.test.ts", {
    "impossible-cookie": "can't have %s: no server is made",
  }),
  ...inFile("packages/server/test/engine/subclass.test.ts", {
    "verify-overrides": ["keeps everybody out if it %s", "can't let in what no session could come of"],
    "engine-overrides": "is refused: %s",
  }),
  ...inFile("packages/server/test/engine/middleware.test.ts", {
    "illegal-upgrade-headers": "one that sets a header with %s refuses requests and upgrades",
  }),
  ...inFile("packages/server/test/engine/request-record.test.ts", {
    "rebuilt-requests": [
      "a request that nobody has seen is not kept",
      "says the same an hour later, when the connection is long gone",
    ],
  }),
  ...inFile("packages/server/test/options.test.ts", {
    "option-numbers": ["may be text that says one", "are refused when they are %j"],
  }),
  ...inFile("packages/server/test/client.test.ts", {
    "disconnect-description": "a packet %s is told to disconnect listeners as a ProtocolError with its code",
  }),
  ...inFile("packages/server/test/namespace.test.ts", {
    "disconnect-before-connect":
      "a client that leaves, or goes, meanwhile is let in by nobody, and nothing is left of it",
    "middleware-errors": "one that %s keeps the client out, and tells it why",
    "publish-failures": "later, at %s: the error is told, and the process lives",
    "reserved-server-events": "which may not be one that the library emits itself",
  }),
  ...inFile("packages/server/test/recoverable-sockets.test.ts", {
    "recovery-while-middlewares-run":
      "it is in its rooms, and is sent nothing; what is emitted there comes when it is let in, once",
    "recovery-verdict": "finds its socket when it comes with something better, with all that it missed",
    "recovery-refused": "is kept by an adapter that knows nothing of this as it was",
  }),
  ...inFile("packages/server/test/broadcast-operator.test.ts", {
    "local-answers": "of this node alone are waited for if the event is local, whatever other nodes there are",
  }),
  ...inFile("packages/server/test/parent-namespace.test.ts", {
    "namespace-functions": "that %s says no, and the error is told",
  }),
  ...inFile("packages/server/test/user-errors.test.ts", {
    "handler-errors": [
      "is told to handler_error listeners, and harms nobody",
      "is told to handler_error listeners, or printed, and refuses a session over %s",
      "an error is thrown in a turn of its own, and nobody is told",
      "ends the process, an exception as an uncaught one, a rejection as an unhandled one, and nobody is told",
    ],
  }),
  ...inFile("packages/server/test/back-pressure.test.ts", {
    coalescing: "do not keep events of one tick from leaving together",
  }),
  ...inFile("packages/server/test/attack/floods.test.ts", {
    budgets: "more namespaces than one client needs end its connection, whether they are joined or asked for",
  }),
  ...inFile("packages/server/test/compatibility.test.ts", {
    "adapter-acks": "waits for ten minutes, and not for ever",
  }),
  ...inFile("packages/server/test/attack/restored-sessions.test.ts", {
    "restored-sessions": "is not used if it is no session: %s",
    "shared-sessions": "is the one's that is let in last, and the other connection ends",
  }),
  ...inFile("packages/server/test/server.test.ts", {
    "closed-adapters": "closes an adapter that another one takes the place of",
  }),
  ...inFile("packages/core/test/engine/session.test.ts", {
    "malformed-handshake": "fails on a malformed OPEN",
  }),
  ...inFile("packages/core/test/engine/upgrade.test.ts", {
    "faster-upgrade": "releases the client's waiting request 10 ms after the probe, and any further one every 100 ms",
  }),
  ...inFile("packages/core/test/engine/session-upgrade.test.ts", {
    "ping-during-upgrade": "supervises a ping that is outstanding when the client switches",
  }),
  ...inFile("packages/core/test/engine/session-observer.test.ts", {
    drain: [
      "hears of a drain when all that waited has been taken, not before",
      "comes when a transport that took everything is not backed up any more",
    ],
  }),
  ...inFile("packages/core/test/io/mux-limits.test.ts", {
    "attachments-deadline": "that do not come in time are a violation",
    budgets: [
      "is for what waits: what was handled before the excess counts, and the excess is a violation",
      "refuses one too many",
    ],
  }),
  ...inFile("packages/core/test/errors.test.ts", {
    "error-codes": "has a stable code, and the message that Socket.IO's users know",
  }),
  ...inFile("packages/core/test/backoff.test.ts", {
    backoff: "may go on for ever: a client that is cut off for days still waits between them",
  }),
  ...inFile("packages/parser/test/binary.test.ts", {
    nesting: "follows 1000 levels of nesting, and refuses more",
  }),
  ...inFile("e2e/test/codec-differential.test.ts", {
    nesting: "data around attachments is nested 1000 levels deep at most; officially, as deep as the stack is",
  }),
  ...inFile("e2e/test/msgpack-differential.test.ts", {
    "msgpack-array-buffers": [
      "from here is an ArrayBuffer in a page, and a Buffer in Node.js, as with the default parser",
      "sent officially from Node.js is an ArrayBuffer here; a page is given another thing",
    ],
    "msgpack-views": "a window on memory; officially all of the memory is sent",
    "msgpack-values": [
      "-0",
      "an integer of more than 64 bits",
      "an invalid date",
      "half of a surrogate pair in a short text",
    ],
    "msgpack-bigints": "a bigint",
    "msgpack-functions": "a function in an array",
    "msgpack-circles": [
      "data that contains itself; officially the stack overflows",
      "an object whose toJSON gives itself",
    ],
    "msgpack-nesting": "data is nested 1000 deep at most",
    "msgpack-checks": [
      "reserved names stay with the library",
      "an event has a name",
      "an id is not negative",
      "an id is exact",
      "a key is a string or a number",
    ],
    "msgpack-prototypes": "makes a key named __proto__ a key like any other; officially it becomes the prototype",
    "msgpack-nil": "takes nil for absent, as peers in other languages mean it; officially it is refused",
  }),
  ...inFile("packages/msgpack-parser/test/encode.test.ts", {
    "msgpack-browser-views": "is its bytes, and no others: %s",
    "msgpack-blobs": "that can't be read at once can't be sent",
    "msgpack-bigints": "that takes more bits can't be sent: %d",
  }),
  ...inFile("packages/msgpack-parser/test/decode.test.ts", {
    "msgpack-lengths": "takes no memory by announcing much: %s",
  }),
  ...inFile("e2e/browser/msgpack.test.ts", {
    "msgpack-browser-views": "sends binary data of every kind over %s",
  }),
  ...inFile("packages/adapter/test/recovery-log.test.ts", {
    "recovery-limits": ["the oldest beyond so many events", "the oldest beyond so many bytes, even the last one"],
  }),
  ...inFile("packages/adapter/test/cluster-adapter.test.ts", {
    "bus-messages": [
      "that is none is dropped, which an event tells",
      "throws nothing at the backend: what it brings about is reported",
    ],
    "publish-failures": ["is reported if publishing %s", "happens here if publishing fails, which is reported"],
    "publish-hangs": [
      "happens here at once, whatever the backend does",
      "waits a second for a backend that does not answer, once; that is reported once",
    ],
    "publish-order": "happens here once it is published, in the order of the calls, whichever is published first",
    "log-order": "happens in the order of the log, if what a node has published comes back to it",
    "recovery-gaps": [
      "gets what arrives between the look at the log and its being in its rooms",
      "gets nothing twice that the log had before this node heard of it",
    ],
    "repeated-answers": [
      "takes one answer of each, however often it arrives",
      "counts nothing twice, and no more answers than there are clients",
    ],
    "empty-offsets": "is left out if there is none",
    "remote-ack-timeouts":
      "of another node is answered; the answers of its own clients are awaited as long as it says, or ten seconds",
    "closed-adapters": "ends what waits for other nodes, with an error",
  }),
  ...inFile("packages/server/test/adapter-limit.test.ts", {
    "adapter-failures": [
      "ends when the time is up, with the sockets of this server",
      "fails with a code, whatever the adapter fails with",
      "ends when the time is up, once",
    ],
    "session-search": "that comes back is let in as a new one if the adapter does not say in time what is known of it",
  }),
  ...inFile("packages/adapter/test/cluster-heartbeat.test.ts", {
    "departed-nodes":
      "to clients waits no longer for a node that has gone without a word; nor for one that has said its number",
    "late-heartbeats": "are gone when they say farewell, and what arrives of them later does not bring them back",
    "foreign-nodes": "are those that are heard, in this namespace; but not emitters",
    "undefined-heartbeats": "as often as it is told; what is not told is as usual",
  }),
  ...inFile("packages/client/test/engine/transport.test.ts", {
    "transport-events": "tell nothing themselves: %s",
    "transport-subclasses": "have no steps that another class could replace: %s",
  }),
  ...inFile("packages/client/test/engine/socket.test.ts", {
    "sends-without-text": "throws at once for %s, which has no text, and goes on",
    "engine-timeout": "is given up after 20 seconds, or after another time",
    "engine-options": "are not written to",
  }),
  ...inFile("packages/client/test/socket.test.ts", {
    "failed-recovery-offset": "forgets what it has seen once the server did not know it any more",
    "order-while-replaying": "keeps the order of what was emitted before, and by listeners of what was missed",
  }),
  ...inFile("packages/client/test/manager.test.ts", {
    "try-all-hanging": "does not wait longer for one of them than its share of the timeout",
    "try-all-remembered": "goes on from whichever came first",
    "no-transports": "fails with an Error without a transport that it knows: %j",
    "close-details": "that goes offline loses its connection",
    "engine-close": "tells of its end in a later turn than it is closed in, behind what had arrived",
    "connect-timeout-reason": "is the failure of an attempt that takes too long, for nobody closed it",
    "webtransport-fails-early": "tries a WebSocket at once when WebTransport has failed",
  }),
  ...inFile("packages/server/test/engine/verify.test.ts", {
    "requests-to-websockets": "for a session on a WebSocket, whatever transport it names",
    "closing-sessions": "for a session that is closing, as long as no GET has told the client",
  }),
  ...inFile("packages/client/test/runtime/runtime.test.ts", {
    "reused-connections": "sends a request again that met a connection at the moment of its end",
    fetch: "sends its requests by fetch",
  }),
  ...inFile("packages/client/test/transports/polling.test.ts", {
    fetch: "ends when a %s fails, and says how",
    "polling-context": "ends when a %s fails, and says how",
    "request-timeout": "takes a request that lasts longer than allowed for one that failed",
  }),
  ...inFile("packages/client/test/transports/webtransport.test.ts", {
    "webtransport-rejections": "leaves no rejection unhandled, however its session fails: %s",
  }),
  ...inFile("e2e/types/surface.test-d.ts", {
    "connection-transport-events": "transport of a connection, but for its events and what is the engine's own",
    "engine-members": "Manager's engine, but for what only an engine by itself needs",
  }),
  ...inFile("e2e/test/foreign-transports.test.ts", {
    "foreign-transports": "%s of engine.io-client is refused at once, by a name that says what to do",
  }),
];
