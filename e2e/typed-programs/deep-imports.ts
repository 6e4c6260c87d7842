/** Types from the files where editors find them. */

import { Server, Socket } from "socket.io";
import { io as connect } from "socket.io-client";
import { Manager, ManagerOptions } from "socket.io-client/build/esm/manager";
import { DisconnectDescription, Socket as ClientSocket } from "socket.io-client/build/esm/socket";
import { BroadcastOperator, RemoteSocket } from "socket.io/dist/broadcast-operator";
import { Client } from "socket.io/dist/client";
import {
  ExtendedError,
  Namespace,
  NamespaceReservedEventsMap,
  ServerReservedEventsMap,
} from "socket.io/dist/namespace";
import { Event, Socket as SameSocket } from "socket.io/dist/socket";
import { DisconnectReason, Handshake, SocketReservedEventsMap } from "socket.io/dist/socket-types";
import { DefaultEventsMap, EventParams, EventsMap, StrictEventEmitter } from "socket.io/dist/typed-events";

interface Said {
  said: (author: string, text: string) => void;
}

type Any = DefaultEventsMap;

export const io = new Server<DefaultEventsMap, Said, DefaultEventsMap, { name: string }>();
export const params: EventParams<Said, "said"> = ["Ada", "ahoy"];
export const room: BroadcastOperator<Said, { name: string }> = io.to("room");
export const lobby: Namespace<DefaultEventsMap, Said, DefaultEventsMap, { name: string }> = io.of("/lobby");
export const listenTo = (emitter: StrictEventEmitter<Said, Any>) => emitter.on("said", (author) => author.length);

io.use((socket: Socket, next: (error?: ExtendedError) => void) => next(socket.id ? undefined : new Error("no id")));
io.use((socket: SameSocket, next: (error?: ExtendedError) => void) => next(socket.id ? undefined : new Error("no id")));

io.on("connection", (socket) => {
  const same: SameSocket<DefaultEventsMap, Said, DefaultEventsMap, { name: string }> = socket;
  const handshake: Handshake = socket.handshake;
  const client: Client<DefaultEventsMap, Said, DefaultEventsMap> = same.client;
  socket.use((event: Event, next) => next(event.length > 0 ? undefined : new Error("no name")));
  const left: SocketReservedEventsMap["disconnect"] = (reason: DisconnectReason) => [reason, handshake, client];
  socket.on("disconnect", left);
});

export const welcome: NamespaceReservedEventsMap<Any, Any, Any, any>["connection"] = (socket) => socket.emit("welcome");
export const created: ServerReservedEventsMap<Any, Any, Any, any>["new_namespace"] = (namespace) => namespace.name;

export async function names(): Promise<string[]> {
  const sockets: RemoteSocket<Said, { name: string }>[] = await io.fetchSockets();
  return sockets.map(({ data }) => data.name);
}

export function listen<Events extends EventsMap>(socket: ClientSocket<Events>, options: Partial<ManagerOptions>) {
  const manager: Manager = connect("https://example.com", options).io;
  socket.on("disconnect", (reason, details?: DisconnectDescription) => [reason, details, manager]);
}
