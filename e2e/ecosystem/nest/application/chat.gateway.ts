/** A gateway of the default namespace: the ways to answer, and who comes and goes. */

import { UseGuards, UseInterceptors } from "@nestjs/common";
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  type WsResponse,
} from "@nestjs/websockets";
import { from, map, type Observable } from "rxjs";
import type { Server, Socket } from "socket.io";
import { options } from "./options.js";
import { Shouting } from "./shouting.interceptor.js";
import { TokenGuard } from "./token.guard.js";

@WebSocketGateway(options)
export class ChatGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  readonly log: string[] = [];

  @WebSocketServer()
  server: Server;

  afterInit(server: Server): void {
    this.log.push(`initialised ${server === this.server}`);
  }

  handleConnection(client: Socket): void {
    this.log.push(`connected ${client.conn.transport.name}`);
  }

  handleDisconnect(): void {
    this.log.push("disconnected");
  }

  /** What is returned is the acknowledgement. */
  @SubscribeMessage("echo")
  echo(@MessageBody() value: unknown): unknown {
    return value;
  }

  @SubscribeMessage("text")
  text(@MessageBody("text") text: string): string {
    return text;
  }

  /** What is returned is an event. */
  @SubscribeMessage("answer")
  async answer(@MessageBody() data: number): Promise<WsResponse<number>> {
    return { event: "answered", data };
  }

  @SubscribeMessage("count")
  count(@MessageBody() last: number): Observable<WsResponse<number>> {
    const numbers = Array.from({ length: last }, (_, index) => index + 1);
    return from(numbers).pipe(map((data) => ({ event: "counted", data })));
  }

  @SubscribeMessage("join")
  async join(@ConnectedSocket() client: Socket, @MessageBody() room: string): Promise<void> {
    await client.join(room);
    this.server.to(room).emit("joined", client.id);
  }

  @SubscribeMessage("refuse")
  refuse(): never {
    throw new WsException("not you");
  }

  @SubscribeMessage("fail")
  fail(): never {
    throw new Error("none of the client's business");
  }

  @UseGuards(TokenGuard)
  @SubscribeMessage("guarded")
  guarded(): string {
    return "let in";
  }

  @UseInterceptors(Shouting)
  @SubscribeMessage("whisper")
  whisper(@MessageBody() text: string): string {
    return text;
  }
}
