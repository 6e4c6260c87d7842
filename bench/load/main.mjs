/**
 * The load generator's process. It speaks the wire by hand, with frames made beforehand and replies compared as bytes,
 * so that it costs less than any server under test and the same for each.
 */
import { answerQuestions, cpu } from "../answering.mjs";
import { Connection } from "./connection.mjs";
import { echo } from "./echo.mjs";
import { fanOut, join } from "./fan-out.mjs";

/** How many handshakes are under way at a time; more could overflow the server's backlog. */
const HANDSHAKES = 50;

/** @type {Connection[]} */
const connections = [];

/** @param {{ port: number, count: number }} details */
async function connect({ port, count }) {
  let missing = count;
  const worker = async () => {
    while (missing-- > 0) connections.push(await Connection.open(port));
  };
  await Promise.all(Array.from({ length: HANDSHAKES }, worker));
}

answerQuestions(
  {
    cpu,
    connect,
    join: () => join(connections),
    echo: (details) => echo(connections, details),
    fanOut: (details) => fanOut(connections, details),
  },
  {},
);
