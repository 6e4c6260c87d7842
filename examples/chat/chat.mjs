// @ts-check

/**
 * @import { Server, Socket } from "hawser"
 * @import { Events, Person, Place, Receipt, Reply } from "./events.d.ts"
 */

import { checkMessage, checkPicture, checkPlace, outcomeOf } from "./checks.mjs";
import { History } from "./history.mjs";

/**
 * The whole chat: who is where, and what is said.
 *
 * @param {Server<Events>} io
 */
export function serveChat(io) {
  const history = new History({ entries: 200, bytes: 32_000_000 });

  // The place comes with the handshake, so that a window which reconnects is back in its room before the first of
  // the messages that waited for the connection is read.
  io.use((socket, next) => {
    const outcome = outcomeOf(() => checkPlace(socket.handshake.auth));
    if (!outcome.ok) return next(new Error(outcome.reason));
    socket.data.place = outcome.value;
    next();
  });

  io.on("connection", (socket) => {
    enter(socket, socket.data.place);

    socket.on("enter", (place, reply) => {
      answer(reply, () => {
        const next = checkPlace(place);
        const previous = socket.data.place;
        if (next.room !== previous.room) {
          void socket.leave(labelOf(previous.room));
          announcePeople(previous.room);
        }
        enter(socket, next);
        return null;
      });
    });

    socket.on("message", (message, reply) => {
      answer(reply, () => say(socket, checkMessage(message)));
    });

    socket.on("picture", (picture, reply) => {
      answer(reply, () => say(socket, checkPicture(picture)));
    });

    socket.on("typing", () => {
      socket.to(labelOf(socket.data.place.room)).volatile.emit("typing", personOf(socket));
    });

    socket.on("echo", (reply) => {
      if (typeof reply === "function") reply();
    });

    // socket.disconnect() would be taken as a goodbye, after which a client does not come back by itself;
    // the end of the connection beneath is an accident, after which it does.
    socket.on("cut", () => {
      socket.conn.close();
    });

    socket.on("disconnect", () => {
      announcePeople(socket.data.place.room);
    });
  });

  /**
   * @param {Socket<Events>} socket
   * @param {Place} place
   */
  function enter(socket, place) {
    const { name, room, after } = place;
    socket.data.place = place;
    void socket.join(labelOf(room));
    socket.emit("welcome", { name, room, entries: history.since(room, after) });
    announcePeople(room);
  }

  /**
   * @param {Socket<Events>} socket
   * @param {ReturnType<typeof checkMessage> | ReturnType<typeof checkPicture>} said
   * @returns {Receipt}
   */
  function say(socket, said) {
    const { room } = socket.data.place;
    const entry = history.add(room, { author: personOf(socket), ...said });
    socket.to(labelOf(room)).emit("entry", entry);
    return { at: entry.at };
  }

  /** @param {string} room */
  function announcePeople(room) {
    /** @type {Person[]} */
    const people = [];
    for (const id of io.sockets.adapter.rooms.get(labelOf(room)) ?? []) {
      const socket = io.sockets.sockets.get(id);
      if (socket) people.push(personOf(socket));
    }
    io.to(labelOf(room)).emit("people", people);
  }
}

/**
 * Every socket is alone in a room named by its id. The prefix keeps the rooms that people name apart from those.
 *
 * @param {string} room
 */
function labelOf(room) {
  return `chat:${room}`;
}

/**
 * @param {Socket<Events>} socket
 * @returns {Person}
 */
function personOf(socket) {
  return { id: socket.id, name: socket.data.place.name };
}

/**
 * Acknowledges a request with what came of `work`. A client that wants no answer breaks the agreement and is ignored.
 *
 * @template Value
 * @param {Reply<Value>} reply
 * @param {() => Value} work
 */
function answer(reply, work) {
  if (typeof reply === "function") reply(outcomeOf(work));
}
