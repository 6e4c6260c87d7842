import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import type { Socket } from "socket.io";
import { options } from "./options.js";

/** A gateway of all namespaces whose names are of a kind. */
@WebSocketGateway({ ...options, namespace: /^\/table-\d+$/ })
export class TableGateway {
  @SubscribeMessage("which")
  which(@ConnectedSocket() client: Socket): string {
    return client.nsp.name;
  }
}
