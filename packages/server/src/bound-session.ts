import type { IncomingMessage } from "node:http";
import type {
  CloseReason,
  EngineData,
  EnginePacket,
  EnginePacketOptions,
  SessionHandler,
  SessionPort,
} from "@hawser/core";

/** A connection of an engine that was bound to a server: what every engine that speaks Engine.IO offers. */
export interface BoundConnection {
  readonly id: string;
  /** The revision of Engine.IO. Default: 4 */
  readonly protocol?: number | undefined;
  readonly readyState: string;
  readonly transport: { readonly writable: boolean };
  /** The request that began it, or what stands for one; there is none where the engine was not asked by HTTP. */
  readonly request?: Partial<IncomingMessage> | undefined;
  readonly remoteAddress?: string | undefined;
  on(event: "data", listener: (data: EngineData) => void): unknown;
  on(event: "close", listener: (reason: CloseReason, description?: unknown) => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  write(data: EngineData, options?: EnginePacketOptions): unknown;
  close(discard?: boolean): void;
}

/** A connection of a bound engine in the place of a session of our own. Its engine minds the queue and the heartbeat. */
export class BoundSession implements SessionPort {
  readonly #connection: BoundConnection;

  constructor(connection: BoundConnection, handler: SessionHandler) {
    this.#connection = connection;
    connection.on("data", (data) => handler.onSessionMessage(this, data));
    connection.on("error", () => {
      // `close` follows, and tells why.
    });
    connection.on("close", (reason, description) => {
      handler.onSessionClose(this, reason, description instanceof Error ? description : undefined);
    });
  }

  get id(): string {
    return this.#connection.id;
  }

  get writable(): boolean {
    return this.alive() && this.#connection.transport.writable;
  }

  alive(): boolean {
    return this.#connection.readyState === "open";
  }

  send(data: EngineData, options?: EnginePacketOptions): void {
    if (this.alive()) {
      this.#connection.write(data, options);
    }
  }

  sendPacket({ data = "", options }: EnginePacket): void {
    this.send(data, options);
  }

  close(): void {
    this.#connection.close();
  }

  abort(): void {
    this.#connection.close(true);
  }
}
