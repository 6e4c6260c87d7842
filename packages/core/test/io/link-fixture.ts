import { FakeClock } from "@hawser/testing";
import type { EventData, Frame, Packet } from "@hawser/parser";
import { encodePacket } from "@hawser/parser";
import {
  DeadlineQueue,
  type AckFunction,
  type ClientLinkHandler,
  type DisconnectReason,
  type LinkPort,
  type SendFlags,
  type Welcome,
} from "../../src/index.ts";

/** Room 3 for a link: keeps the frames that it is given. */
export class StubPort implements LinkPort {
  readonly clock: FakeClock = new FakeClock();
  readonly deadlines: DeadlineQueue = new DeadlineQueue(this.clock);
  writable = true;
  /** What {@link alive} says. */
  onTime = true;
  readonly flags: (SendFlags | undefined)[] = [];
  #sent: Frame[] = [];

  alive(): boolean {
    return this.onTime;
  }

  sendPacket(packet: Packet, flags?: SendFlags): void {
    this.#sent.push(...encodePacket(packet));
    this.flags.push(flags);
  }

  /** What was sent since this was last asked. */
  take(): Frame[] {
    return this.#sent.splice(0);
  }
}

/** Room 1 for a link: writes down what it is told, and may do something about it. */
export class RecordingHandler implements ClientLinkHandler {
  readonly log: string[] = [];
  /** The last acknowledgement that came with an event. */
  ack: AckFunction | undefined;
  /** What the application does with an event. */
  onEvent: (data: EventData) => void = () => {};
  onOutgoing: (data: EventData) => void = () => {};
  onWelcome: () => void = () => {};
  onClose: () => void = () => {};

  onLinkEvent(data: EventData, ack: AckFunction | undefined): void {
    this.log.push(`event ${data.map(String).join(" ")}${ack ? " +ack" : ""}`);
    this.ack = ack;
    this.onEvent(data);
  }

  onLinkOutgoing(data: EventData): void {
    this.onOutgoing(data);
  }

  onLinkWelcome({ sid, pid }: Welcome): void {
    this.log.push(`welcome ${sid}${pid === undefined ? "" : ` ${pid}`}`);
    this.onWelcome();
  }

  onLinkConnect(): void {
    this.log.push("connect");
  }

  onLinkRefused(error: Error & { data?: unknown; code?: string }): void {
    this.log.push(`refused: ${error.code ?? error.message} ${JSON.stringify(error.data)}`);
  }

  onLinkLost(reason: DisconnectReason, cause?: Error): void {
    this.log.push(`lost: ${reason}${cause ? `, ${cause.message}` : ""}`);
  }

  onLinkClose(reason: DisconnectReason, cause?: Error): void {
    this.log.push(`close: ${reason}${cause ? `, ${cause.message}` : ""}`);
    this.onClose();
  }

  onUserError(error: unknown, phase: string): void {
    this.log.push(`${phase} threw: ${(error as Error).message}`);
  }

  /** What happened since this was last asked. */
  take(): string[] {
    return this.log.splice(0);
  }
}
