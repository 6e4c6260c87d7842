// @ts-check

import { io } from "/socket.io/socket.io.esm.min.js";

/**
 * @import { Socket } from "hawser-client"
 * @import { Events } from "../events.d.ts"
 */

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}`);
  return found;
}

/**
 * An element with text in it, which is never read as markup.
 *
 * @param {string} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

const names = ["Ada", "Bela", "Cleo", "Dora", "Emil", "Finn", "Gwen", "Hugo", "Iris", "Jona", "Kira", "Levi"];
const name = (sessionStorage["name"] ??= names[Math.floor(Math.random() * names.length)]);

/** @type {Socket<Events>} */
const socket = io({ auth: { name }, reconnectionDelay: 2_000, reconnectionDelayMax: 2_000 });

/** @param {string} state @param {string} text */
function show(state, text) {
  document.body.dataset["state"] = state;
  byId("status").textContent = text;
}

socket.on("welcome", ({ node, process, recovered }) => {
  document.body.dataset["node"] = node;
  byId("node").textContent = node;
  show("connected", `process ${process}${recovered ? ", where your socket was recovered" : ""}`);
  note(recovered ? `You are on node ${node} now, and have missed nothing.` : `You are on node ${node}.`);
});

socket.on("disconnect", (reason) => {
  show("waiting", `the connection is lost: ${reason}`);
  note("The connection is lost.");
});

socket.on("connect_error", ({ message }) => show("waiting", `trying again: ${message}`));

// Two nodes that count at the same time may tell of it in either order. The counter only grows.
let counter = 0;
socket.on("counter", (value) => {
  counter = Math.max(counter, value);
  byId("counter").textContent = String(counter);
});

socket.on("said", (said) => {
  const author = `${said.name}${said.whispered ? " whispers" : ""}`;
  add(make("li", "", badge(said.node), make("b", "", author), " ", said.text));
});

socket.on("people", (people) => {
  byId("people").replaceChildren(
    ...people
      .sort((one, other) => (one.node + one.name).localeCompare(other.node + other.name))
      .map((person) =>
        make("li", "", badge(person.node), person.id === socket.id ? `${person.name} (you)` : person.name),
      ),
  );
});

byId("count").addEventListener("click", () => socket.emit("count", () => {}));
byId("lose").addEventListener("click", () => socket.io.engine.close());
byId("kill-node").addEventListener("click", () => socket.emit("kill", "node"));
byId("kill-redis").addEventListener("click", () => socket.emit("kill", "redis"));

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("text"));
  // Without a connection the client keeps it until there is one.
  socket.emit("say", field.value, () => {});
  field.value = "";
});

/** @param {string} node */
function badge(node) {
  const element = make("span", "badge", node);
  element.dataset["node"] = node;
  element.title = `node ${node}`;
  return element;
}

/** @param {string} text */
function note(text) {
  add(make("li", "note", text));
}

/** @param {Element} entry */
function add(entry) {
  const entries = byId("entries");
  entries.append(entry);
  entry.scrollIntoView({ block: "nearest" });
}
