import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";

/** A gateway that listens at a port of its own. */
@WebSocketGateway(Number(process.env.GATEWAY_PORT), { transports: ["websocket"] })
export class PortGateway {
  @SubscribeMessage("where")
  where(): string {
    return "at a port of its own";
  }
}
