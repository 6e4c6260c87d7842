import { Injectable, type CanActivate, type ExecutionContext } from "@nestjs/common";
import type { Socket } from "socket.io";

/** Lets clients in that said a token when they connected. */
@Injectable()
export class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { handshake } = context.switchToWs().getClient<Socket>();
    return handshake.auth.token === "valid";
  }
}
