import { Catch, type ArgumentsHost } from "@nestjs/common";
import { BaseWsExceptionFilter, WsException } from "@nestjs/websockets";
import type { Socket } from "socket.io";

/** Tells clients of problems in the application's own words. */
@Catch(WsException)
export class ProblemFilter extends BaseWsExceptionFilter {
  override catch(exception: WsException, host: ArgumentsHost): void {
    host.switchToWs().getClient<Socket>().emit("problem", exception.getError());
  }
}
