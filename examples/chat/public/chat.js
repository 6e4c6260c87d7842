// @ts-check

import { io } from "/socket.io/socket.io.esm.min.js";
import { showConnection } from "./connection.js";
import { byId, sizeText } from "./dom.js";
import { EntryList } from "./entries.js";
import { PeopleList } from "./people.js";
import { offerPictures } from "./pictures.js";

/**
 * @import { Socket } from "hawser-client"
 * @import { Events, Outcome, Receipt } from "../events.d.ts"
 * @typedef {{ text: string } | { picture: { name: string, bytes: ArrayBuffer } }} Said
 */

/** Longer than the usual second or so, to leave time for writing while the connection is cut. */
const reconnectDelay = 4000;

const place = recallPlace();
const entries = new EntryList(byId("entries"), byId("scroll"));
const people = new PeopleList(byId("people"), (notice) => entries.addNotice(notice));

/** @type {Socket<Events>} */
const socket = io({
  // Asked for at every connect, so each reconnect brings what was said meanwhile.
  auth: (give) => give({ ...place, after: entries.last }),
  reconnectionDelay: reconnectDelay,
  reconnectionDelayMax: reconnectDelay,
  randomizationFactor: 0,
});
const log = showConnection(socket, reconnectDelay);

socket.on("welcome", (welcome) => {
  if (welcome.room !== place.room) entries.clear();
  rememberPlace(welcome.name, welcome.room);
  byId("place-problem").textContent = "";
  people.forget();
  for (const entry of welcome.entries) entries.add(entry);
  offerLostAgain();
});

socket.on("people", (list) => people.show(list, socket.id));

socket.on("entry", (entry) => {
  const { author, picture } = entry;
  log(picture ? `picture from ${author.name}, ${sizeText(picture.bytes.byteLength)}` : `message from ${author.name}`);
  clearTyping(author.id);
  entries.add(entry);
});

// Entering

const nameInput = byId("name", HTMLInputElement);
const roomInput = byId("room", HTMLInputElement);
nameInput.value = place.name;
roomInput.value = place.room;

byId("place").addEventListener("submit", (event) => {
  event.preventDefault();
  const next = { name: nameInput.value, room: roomInput.value };
  const after = next.room === place.room ? entries.last : 0;
  if (socket.active) {
    socket.emit("enter", { ...next, after }, (outcome) => {
      byId("place-problem").textContent = outcome.ok ? "" : outcome.reason;
    });
  } else {
    // The server refused the place that came with the handshake.
    Object.assign(place, next);
    socket.connect();
  }
});

socket.on("connect_error", (error) => {
  if (!socket.active) byId("place-problem").textContent = error.message;
});

window.addEventListener("hashchange", () => {
  roomInput.value = roomInAddress();
  byId("place", HTMLFormElement).requestSubmit();
});

/** The name lives as long as the window; the room is in the address, so that it can be shared and kept as a bookmark. */
function recallPlace() {
  const name = sessionStorage.getItem("name") ?? `Guest ${100 + Math.floor(Math.random() * 900)}`;
  return { name, room: roomInAddress() };
}

function roomInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1)) || "lobby";
  } catch {
    return "lobby";
  }
}

/**
 * @param {string} name
 * @param {string} room
 */
function rememberPlace(name, room) {
  Object.assign(place, { name, room });
  nameInput.value = name;
  roomInput.value = room;
  byId("room-title").textContent = `# ${room}`;
  document.title = `${name} in #${room} – hawser chat`;
  sessionStorage.setItem("name", name);
  history.replaceState(null, "", `#${encodeURIComponent(room)}`);
}

// Saying something

/** @type {Map<string, Said>} what the server has not answered yet, by key */
const unanswered = new Map();
/** @type {Map<string, Said>} what was unanswered when the connection broke */
const unsure = new Map();
const windowKey = Math.random().toString(36).slice(2);
let count = 0;

/** @param {Said} said */
function say(said) {
  const key = `${windowKey}-${++count}`;
  const shown = "picture" in said ? { picture: { ...said.picture, type: "" } } : said;
  entries.addPending({ key, authorName: place.name, ...shown });
  transmit(key, said);
}

/**
 * Without a connection the client keeps what is emitted, and sends it in order once it is connected again.
 *
 * @param {string} key
 * @param {Said} said
 */
function transmit(key, said) {
  unanswered.set(key, said);
  entries.mark(key, socket.connected ? "sending" : "waiting for the connection");
  const startedAt = performance.now();
  /** @param {Outcome<Receipt>} outcome */
  const settle = (outcome) => {
    unanswered.delete(key);
    log(`${outcome.ok ? "acknowledged" : "refused"} after ${Math.round(performance.now() - startedAt)} ms`);
    if (outcome.ok) entries.confirm(key, outcome.value.at);
    else entries.mark(key, outcome.reason, { label: "Try again", action: () => transmit(key, said) });
  };
  if ("text" in said) {
    log(`sending ${said.text.length} characters`);
    socket.emit("message", { key, text: said.text }, settle);
  } else {
    log(`sending a picture, ${sizeText(said.picture.bytes.byteLength)}`);
    socket.emit("picture", { key, ...said.picture }, settle);
  }
}

// What is unanswered now was on the wire when the connection broke: it has arrived or not, which the next welcome tells.
// What is emitted from here on waits for the next connection.
socket.on("disconnect", () => {
  for (const [key, said] of unanswered) unsure.set(key, said);
  unanswered.clear();
});

/** The welcome has confirmed what did arrive. Whether the rest still should be said is for the author to decide. */
function offerLostAgain() {
  for (const [key, said] of unsure) {
    entries.mark(key, "lost with the connection", { label: "Send again", action: () => transmit(key, said) });
  }
  unsure.clear();
}

const textInput = byId("text", HTMLTextAreaElement);
const composer = byId("composer", HTMLFormElement);

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = textInput.value.trim();
  if (text === "") return;
  say({ text });
  textInput.value = "";
  typingSentAt = 0;
  textInput.focus();
});

textInput.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

offerPictures(
  { chooseButton: byId("choose"), fileInput: byId("file", HTMLInputElement), dropZone: document.body },
  (picture) => say({ picture }),
  (problem) => entries.addNotice(problem),
);

// Who is writing

/** Milliseconds for which somebody counts as writing. The news of it is sent at half that distance. */
const typingLasts = 3000;
let typingSentAt = 0;
/** @type {Map<string, { name: string, timer: ReturnType<typeof setTimeout> }>} */
const typing = new Map();

textInput.addEventListener("input", () => {
  if (textInput.value === "" || Date.now() - typingSentAt < typingLasts / 2) return;
  typingSentAt = Date.now();
  socket.volatile.emit("typing");
});

socket.on("typing", ({ id, name }) => {
  clearTyping(id);
  typing.set(id, { name, timer: setTimeout(() => clearTyping(id), typingLasts) });
  showTyping();
});

/** @param {string} id */
function clearTyping(id) {
  clearTimeout(typing.get(id)?.timer);
  typing.delete(id);
  showTyping();
}

function showTyping() {
  const names = [...typing.values()].map(({ name }) => name);
  byId("typing").textContent =
    names.length === 0 ? "" : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} writing…`;
}
