/** A gateway with a namespace of its own, with a middleware, pipes and a filter. */

import {
  Injectable,
  UseFilters,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from "@nestjs/common";
import {
  Ack,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
  type OnGatewayInit,
} from "@nestjs/websockets";
import type { Namespace } from "socket.io";
import { options } from "./options.js";
import { Order } from "./order.js";
import { Prices } from "./prices.service.js";
import { ProblemFilter } from "./problem.filter.js";

@Injectable()
class Trimming implements PipeTransform<string, string> {
  transform(value: string, { type }: ArgumentMetadata): string {
    if (type === "custom") return value;
    return value.trim();
  }
}

@UseFilters(new ProblemFilter())
@WebSocketGateway({ ...options, namespace: "orders" })
export class OrdersGateway implements OnGatewayInit {
  @WebSocketServer()
  namespace: Namespace;

  constructor(readonly prices: Prices) {}

  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => {
      if (socket.handshake.auth.customer === undefined) return next(new Error("who are you?"));
      socket.data.customer = socket.handshake.auth.customer;
      next();
    });
  }

  @UsePipes(
    new ValidationPipe({
      transform: true,
      exceptionFactory: (errors) => new WsException(errors.map(({ property }) => property)),
    }),
  )
  @SubscribeMessage("order")
  order(@MessageBody() order: Order): { isOrder: boolean; total: number } {
    return { isOrder: order instanceof Order, total: this.prices.of(order.article) * order.pieces };
  }

  @SubscribeMessage("search")
  search(@MessageBody(Trimming) words: string): string {
    return words;
  }

  /** Says itself when it acknowledges, and what. */
  @SubscribeMessage("reserve")
  reserve(@MessageBody() article: string, @Ack() acknowledge: (...args: unknown[]) => void): void {
    acknowledge("reserved", article);
  }

  @SubscribeMessage("customers")
  async customers(): Promise<string[]> {
    const sockets = await this.namespace.fetchSockets();
    return sockets.map(({ data }) => String(data.customer));
  }
}
