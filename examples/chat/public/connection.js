// @ts-check

import { byId, clockTime, make } from "./dom.js";

/**
 * @import { Socket } from "hawser-client"
 * @import { Events } from "../events.d.ts"
 */

/** Milliseconds between two measurements of the round trip, and how long one may take. */
const measureEvery = 1500;
const measureTimeout = 5000;
/** How many measurements the curve shows, and how many lines the log keeps. */
const traceLength = 40;
const logLength = 200;

/**
 * Fills the panel that shows what the connection does, and gives the function that adds a line to its log.
 *
 * @param {Socket<Events>} socket
 * @param {number} reconnectDelay milliseconds
 * @returns {(line: string) => void}
 */
export function showConnection(socket, reconnectDelay) {
  const manager = socket.io;
  let reconnections = 0;
  /** @type {number[]} */
  let roundTrips = [];

  manager.on("open", () => {
    const engine = manager.engine;
    const openedAt = performance.now();
    showTransport(engine.transport.name);
    byId("upgraded").textContent = "–";
    engine.once("upgrade", (transport) => {
      const took = Math.round(performance.now() - openedAt);
      showTransport(transport.name);
      byId("upgraded").textContent = `${clockTime(Date.now())}, in ${took} ms`;
      log(`upgraded to ${transport.name} after ${took} ms`);
    });
    log(`opened with ${engine.transport.name}`);
  });

  socket.on("connect", () => {
    setState("connected", "connected");
    byId("socket-id").textContent = socket.id ?? "–";
    byId("cut", HTMLButtonElement).disabled = false;
    log(`connected as ${socket.id}`);
    measure();
  });

  socket.on("disconnect", (reason) => {
    showTransport("–");
    byId("upgraded").textContent = "–";
    byId("socket-id").textContent = "–";
    byId("round-trip").textContent = "–";
    byId("cut", HTMLButtonElement).disabled = true;
    roundTrips = [];
    showRoundTrips();
    log(`disconnected: ${reason}`);
    if (socket.active) wait();
  });

  socket.on("connect_error", (error) => {
    log(`could not connect: ${error.message}`);
    if (socket.active) wait();
    else setState("refused", "refused by the server");
  });

  manager.on("reconnect_attempt", (attempt) => {
    setState("connecting", "reconnecting");
    log(`reconnecting, attempt ${attempt}`);
  });

  manager.on("reconnect", () => {
    reconnections++;
    byId("reconnections").textContent = String(reconnections);
  });

  byId("cut").addEventListener("click", () => {
    log("asking the server to cut the connection");
    socket.emit("cut");
  });

  setInterval(measure, measureEvery);

  function measure() {
    if (!socket.connected) return;
    const startedAt = performance.now();
    // Volatile: a measurement that has to wait for the connection would measure the waiting.
    socket.volatile.timeout(measureTimeout).emit("echo", (error) => {
      if (error || !socket.connected) return;
      const took = performance.now() - startedAt;
      byId("round-trip").textContent = took < 10 ? took.toFixed(1) : String(Math.round(took));
      roundTrips = [...roundTrips, took].slice(-traceLength);
      showRoundTrips();
    });
  }

  function showRoundTrips() {
    const highest = Math.max(1, ...roundTrips);
    const points = roundTrips.map((took, index) => {
      const x = 120 - ((roundTrips.length - 1 - index) * 120) / (traceLength - 1);
      return `${x.toFixed(1)},${(30 - (took / highest) * 26).toFixed(1)}`;
    });
    byId("trace", SVGPolylineElement).setAttribute("points", points.join(" "));
  }

  function wait() {
    document.body.style.setProperty("--reconnect-delay", `${reconnectDelay}ms`);
    setState("waiting", `disconnected, back in ${reconnectDelay / 1000} s`);
  }

  return log;
}

/**
 * @param {"connecting" | "connected" | "waiting" | "refused"} state
 * @param {string} text
 */
function setState(state, text) {
  document.body.dataset["state"] = state;
  byId("status").textContent = text;
}

/** @param {string} name */
function showTransport(name) {
  byId("transport").textContent = name;
}

/** @param {string} line */
function log(line) {
  const list = byId("events");
  list.prepend(make("li", {}, make("time", {}, clockTime(Date.now())), make("span", {}, line)));
  while (list.children.length > logLength) list.lastElementChild?.remove();
}
