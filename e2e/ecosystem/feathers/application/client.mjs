/** A client of the application. */

import authentication from "@feathersjs/authentication-client";
import { feathers } from "@feathersjs/feathers";
import socketio from "@feathersjs/socketio-client";
import { io } from "socket.io-client";

/**
 * @param {string} url
 * @param {object=} options of Socket.IO
 */
export function createClient(url, options = {}) {
  const socket = io(url, { forceNew: true, ...options });
  const client = feathers();
  const connection = socketio(socket);
  client.configure(connection);
  client.use("rooms", connection.service("rooms"), { methods: ["enter"] });
  client.configure(authentication());
  return { client, socket };
}
