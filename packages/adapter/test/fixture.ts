import type { EventPacket } from "@hawser/parser";
import type { AdapterNamespace, AdapterSocket, BroadcastFlags, Room } from "../src/index.ts";

/** What the fake namespace makes of a packet: who it is for shows in `FakeSocket.received`. */
export interface FakePrepared {
  readonly packet: EventPacket;
  readonly flags: BroadcastFlags;
}

/** A socket that writes down what it is told. */
export class FakeSocket implements AdapterSocket<FakePrepared> {
  readonly id: string;
  readonly handshake: unknown = {};
  readonly data: unknown = {};
  readonly received: FakePrepared[] = [];
  readonly calls: unknown[] = [];
  readonly acks = new Map<number, { ack: (...args: unknown[]) => void; timeout: number | undefined }>();

  constructor(id: string) {
    this.id = id;
  }

  join(rooms: Room | Room[]): void {
    this.calls.push(["join", rooms]);
  }

  leave(room: Room): void {
    this.calls.push(["leave", room]);
  }

  disconnect(close?: boolean): void {
    this.calls.push(["disconnect", close]);
  }

  deliver(prepared: FakePrepared): void {
    this.received.push(prepared);
  }

  awaitAck(id: number, ack: (...args: unknown[]) => void, timeout: number | undefined): void {
    this.acks.set(id, { ack, timeout });
  }
}

/** A namespace that counts how often a packet is encoded. */
export class FakeNamespace implements AdapterNamespace<FakePrepared> {
  readonly name = "/test";
  readonly sockets = new Map<string, FakeSocket>();
  offersRecovery = false;
  /** What other servers have sent. */
  readonly serverSideEvents: [name: string, ...args: unknown[]][] = [];
  /** What the adapter has reported. */
  readonly errors: unknown[] = [];
  prepared = 0;
  #ackId = 0;

  constructor(...ids: string[]) {
    for (const id of ids) {
      this.sockets.set(id, new FakeSocket(id));
    }
  }

  /** The socket of this id. */
  socket(id: string): FakeSocket {
    const socket = this.sockets.get(id);
    if (!socket) {
      throw new Error(`no socket ${id}`);
    }
    return socket;
  }

  /** The ids of those who received something, each as often as it did. */
  get recipients(): string {
    return [...this.sockets.values()].map(({ id, received }) => id.repeat(received.length)).join("");
  }

  prepare(packet: EventPacket, flags: BroadcastFlags): FakePrepared {
    this.prepared++;
    return { packet, flags };
  }

  sizeOf({ packet }: FakePrepared): number {
    return JSON.stringify(packet.data).length;
  }

  nextAckId(): number {
    return this.#ackId++;
  }

  _onServerSideEmit(event: [name: string, ...args: unknown[]]): void {
    this.serverSideEvents.push(event);
  }

  reportAdapterError(error: unknown): void {
    this.errors.push(error);
  }

  reportListenerRejection(error: unknown): void {
    this.errors.push(error);
  }
}
