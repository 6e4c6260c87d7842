/** Requests that the engine does not accept: statuses, headers and bytes. */

import { createServer } from "node:http";
import { inServer, type Topic } from "../row.ts";
import { HANDSHAKE, upgradeRequest } from "../requests.ts";
import type { Served, World } from "../world.ts";

/** Notes what `connection_error` listeners are told. */
function noteErrors(world: World, { io }: Served): void {
  io.engine.on("connection_error", ({ req, code, message, context }: any) => {
    const { name, transport, sid, method, protocol } = context;
    world.note("connection_error", req.method, code, message, { name, transport, sid, method, protocol });
  });
}

/** What is answered to an upgrade request, byte by byte. */
async function refusedUpgrade(world: World, { port }: Served, query: string, headers: string[] = []): Promise<string> {
  const tcp = await world.tcp(port);
  tcp.write(upgradeRequest(`/socket.io/?${query}`, headers));
  await tcp.closed;
  return tcp.received;
}

export const refusals: Topic = {
  title: "Refused requests",
  rows: [
    {
      id: "refused-unknown-transport",
      api: "code 0, `Transport unknown`",
      how: "The transport must be one of the option's; this is looked at first.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        for (const query of [
          "",
          "EIO=4",
          "EIO=4&transport=x",
          "EIO=4&transport=webtransport",
          "EIO=4&transport=constructor",
          "EIO=4&transport=polling&transport=x",
          "EIO=3&transport=&sid=unknown",
        ]) {
          world.noteResponse(`?${query}`, await world.request(`${served.url}/socket.io/?${query}`));
        }
      },
      mutation: inServer('0: "Transport unknown"', '0: "Unknown transport"'),
    },
    {
      id: "refused-unknown-session",
      api: "code 1, `Session ID unknown`",
      how: "A `sid` must be that of a live session, for any method.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        for (const method of ["GET", "POST", "PUT"]) {
          const response = await world.request(`${served.url}${HANDSHAKE}&sid=unknown`, {
            method,
            body: method === "GET" ? undefined! : "x",
          });
          world.noteResponse(method, response);
        }
        world.note("upgrade", await refusedUpgrade(world, served, "EIO=4&transport=websocket&sid=unknown"));
      },
      mutation: inServer(
        "return reject(REJECTIONS.UNKNOWN_SID, { sid });",
        "return reject(REJECTIONS.BAD_REQUEST, { sid });",
      ),
    },
    {
      id: "refused-handshake-method",
      api: "code 2, `Bad handshake method`",
      how: "A handshake is a GET.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]) {
          world.noteResponse(method, await world.request(served.url + HANDSHAKE, { method }));
        }
      },
      mutation: inServer(
        "return reject(REJECTIONS.BAD_HANDSHAKE_METHOD, { method: request.method });",
        "return undefined;",
      ),
    },
    {
      id: "refused-transport-handshake",
      api: "code 3, `Bad request`: a handshake for a WebSocket without an upgrade",
      how: "Refused with `TRANSPORT_HANDSHAKE_ERROR`.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        world.noteResponse("get", await world.request(`${served.url}/socket.io/?EIO=4&transport=websocket`));
      },
      mutation: inServer('"TRANSPORT_HANDSHAKE_ERROR"', '"TRANSPORT_ERROR"'),
    },
    {
      id: "refused-transport-mismatch",
      api: "code 3, `Bad request`: a request by another transport than the session's",
      how: "After an upgrade no request but the WebSocket carries the session.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        const raw = world.raw(served.url);
        await raw.connect("polling");
        await raw.join();
        world.noteResponse("websocket by GET", await raw.request({ query: { transport: "websocket" } }));
        await raw.upgrade();
        await raw.send('42["x"]');
        world.noteResponse("get", await raw.get());
        world.noteResponse("post", await raw.post("42[]"));
      },
      mutation: inServer('"TRANSPORT_MISMATCH"', '"MISMATCH"'),
    },
    {
      id: "refused-origin",
      api: "code 3, `Bad request`: an illegal character in `Origin`",
      how: "A header value may hold what RFC 9110 allows, and nothing else.",
      async run(world) {
        // A parser that lets through what Node's own would refuse.
        const http = createServer({ insecureHTTPParser: true });
        const io = new world.server.Server(http);
        const served = { io, ...(await world.listen(http)) };
        world.closes(io);
        noteErrors(world, served);
        for (const character of ["\x7f", "\x01", "\t", "\xff"]) {
          const tcp = await world.tcp(served.port);
          tcp.write(
            `GET ${HANDSHAKE} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a${character}b\r\nConnection: close\r\n\r\n`,
          );
          await tcp.closed;
          world.note(`character ${character.charCodeAt(0)}`, tcp.received.split("\r\n")[0]);
        }
      },
      mutation: inServer("code === 127", "code === 128"),
    },
    {
      id: "refused-forbidden",
      api: "code 4, `Forbidden`",
      how: "403 for a request, and 400 for an upgrade.",
      async run(world) {
        const served = await world.serve({ allowRequest: (_request, callback) => callback(undefined, false) });
        noteErrors(world, served);
        world.noteResponse("get", await world.request(served.url + HANDSHAKE));
        world.note("upgrade", await refusedUpgrade(world, served, "EIO=4&transport=websocket"));
      },
      mutation: inServer("rejection.code === REJECTIONS.FORBIDDEN ? 403 : 400", "400"),
    },
    {
      id: "refused-protocol-version",
      api: "code 5, `Unsupported protocol version`",
      how: "Anything but `EIO=4` is revision 3, which is off unless allowed; looked at after `allowRequest`.",
      async run(world) {
        const served = await world.serve({
          allowRequest: (request, callback) => {
            world.note("allowRequest", request.url);
            callback(null, true);
          },
        });
        noteErrors(world, served);
        for (const query of ["EIO=3&", "EIO=5&", "", "EIO=04&"]) {
          world.noteResponse(
            query || "none",
            await world.request(`${served.url}/socket.io/?${query}transport=polling`),
          );
        }
      },
      mutation: inServer('5: "Unsupported protocol version"', '5: "Unsupported version"'),
    },
    {
      id: "refused-upgrade-bytes",
      api: "refused upgrades",
      how: "Written by hand as HTTP/1.1 400 with the bare message as HTML, and the connection is closed.",
      async run(world) {
        const served = await world.serve();
        noteErrors(world, served);
        for (const query of ["EIO=4&transport=x", "EIO=4&transport=websocket&sid=unknown", "transport=", "EIO=4"]) {
          world.note(`?${query}`, await refusedUpgrade(world, served, query, ["Origin: http://a.example"]));
        }
      },
      mutation: inServer('"Content-type: text/html"', '"Content-type: text/plain"'),
    },
    {
      id: "refused-upgrade-headers",
      api: "refused upgrades, with the headers that engine middlewares have set",
      how: "The headers go with the refusal, as they do with that of any other request.",
      async run(world) {
        const served = await world.serve({ cors: { origin: "http://a.example" } });
        const answer = await refusedUpgrade(world, served, "EIO=4&transport=x", ["Origin: http://a.example"]);
        world.note("tcp", /access-control-allow-origin: (.*)/i.exec(answer)?.[1]);
      },
      mutation: inServer(
        "endUpgrade(this.#connection, status, lines, message)",
        "endUpgrade(this.#connection, status, [], message)",
      ),
      differs: {
        id: "refused-upgrade-headers",
        official: ["tcp: undefined"],
        hawser: ["tcp: http://a.example"],
      },
    },
    {
      id: "refused-upgrade-before-101",
      api: "upgrades that are not acceptable",
      how: "They are refused before the 101.",
      async run(world) {
        const served = await world.serve();
        const raw = world.raw(served.url);
        await raw.connect();
        for (const query of [
          "EIO=3&transport=websocket",
          "EIO=4&transport=polling",
          `EIO=4&transport=websocket&sid=${raw.sid}`,
        ]) {
          const tcp = await world.tcp(served.port);
          tcp.write(upgradeRequest(`/socket.io/?${query}`));
          world.note(query.includes("sid") ? "second for a session" : `?${query}`, (await tcp.until("\r\n")).trim());
        }
        await raw.join();
        world.note("session", raw.webSocket!.open);
      },
      mutation: inServer(
        "endUpgrade(socket, 400, [], rejection.message)",
        "endUpgrade(socket, 401, [], rejection.message)",
      ),
      differs: {
        id: "websocket-refusals",
        official: [
          "?EIO=3&transport=websocket: HTTP/1.1 101 Switching Protocols",
          "?EIO=4&transport=polling: HTTP/1.1 101 Switching Protocols",
          "second for a session: HTTP/1.1 101 Switching Protocols",
          "session: true",
        ],
        hawser: [
          "?EIO=3&transport=websocket: HTTP/1.1 400 Bad Request",
          "?EIO=4&transport=polling: HTTP/1.1 400 Bad Request",
          "second for a session: HTTP/1.1 400 Bad Request",
          "session: true",
        ],
      },
    },
    {
      id: "refused-prototype-names",
      api: "names of Object.prototype as parameters",
      how: "Neither a transport nor a session can be named by them.",
      async run(world) {
        const served = await world.serve();
        for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
          for (const query of [`EIO=4&transport=${name}`, `EIO=4&transport=polling&sid=${name}`]) {
            const { status, body } = await world.request(`${served.url}/socket.io/?${query}`);
            world.note(`?${query}`, `${status} ${body}`);
          }
        }
        await (await world.rawPair(served)).raw.send('42["__proto__"]');
      },
      mutation: inServer(
        "const session = connections.get(sid)?.session;",
        "const session = sid === 'toString' ? {} : connections.get(sid)?.session;",
      ),
    },
  ],
};
