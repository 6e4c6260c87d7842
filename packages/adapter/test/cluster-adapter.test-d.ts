/** Adapters that were written to extend those of Socket.IO compile when they extend ours. */

import type * as official from "socket.io-adapter";
import { describe, expectTypeOf, test } from "vitest";
import {
  Adapter,
  ClusterAdapter,
  ClusterAdapterWithHeartbeat,
  MessageType,
  type AdapterConstructor,
  type BroadcastOptions,
  type ClusterAdapterOptions,
  type ClusterMessage,
  type ClusterResponse,
  type Offset,
  type PrivateSessionId,
  type Room,
  type ServerId,
  type Session,
  type SocketId,
} from "../src/index.ts";

interface QueueOptions extends ClusterAdapterOptions {
  queue?: string;
}

/** As a backend for Socket.IO is written. */
class QueueAdapter extends ClusterAdapterWithHeartbeat {
  private readonly opts: QueueOptions;

  constructor(nsp: any, opts: QueueOptions) {
    super(nsp, opts);
    this.opts = opts;
  }

  protected doPublish(message: ClusterMessage): Promise<Offset> {
    if (message.type === MessageType.BROADCAST && message.data.requestId === undefined) {
      expectTypeOf(message.data.opts.rooms).toEqualTypeOf<Room[]>();
    }
    return Promise.resolve(`${this.opts.queue}/${message.nsp}/${this.uid}`);
  }

  protected doPublishResponse(requesterUid: ServerId, response: ClusterResponse): Promise<void> {
    expectTypeOf(response.data.requestId).toEqualTypeOf<string>();
    return this.doPublish({ type: MessageType.HEARTBEAT, uid: requesterUid, nsp: response.nsp }).then(() => {});
  }

  override init(): void {
    void super.init();
  }

  override close(): void {
    void super.close();
  }

  override async restoreSession(pid: PrivateSessionId, offset: string): Promise<Session> {
    return { pid, sid: offset, rooms: [], data: {}, missedPackets: [["x"]] };
  }
}

/** As a backend that counts its nodes is written. */
class CountingAdapter extends ClusterAdapter {
  protected async doPublish(): Promise<Offset> {
    return "";
  }

  protected async doPublishResponse(): Promise<void> {}

  override serverCount(): Promise<number> {
    return Promise.resolve(2);
  }

  public onRawMessage(message: any, offset?: string): void {
    this.onMessage(message, offset);
    this.onResponse(message);
  }
}

/** As an adapter that has nothing to do with clusters is written. */
class LoggingAdapter extends Adapter {
  override broadcast(packet: any, opts: BroadcastOptions): void {
    void super.broadcast(packet, opts);
  }

  override addAll(id: SocketId, rooms: Set<Room>): Promise<void> | void {
    return super.addAll(id, rooms);
  }

  override async fetchSockets(opts: BroadcastOptions): Promise<any[]> {
    return super.fetchSockets(opts);
  }
}

describe("adapters as they are written for Socket.IO", () => {
  test("extend ours, and serve a server", () => {
    expectTypeOf((nsp: any) => new QueueAdapter(nsp, { queue: "q" })).toExtend<AdapterConstructor>();
    expectTypeOf(CountingAdapter).toExtend<AdapterConstructor>();
    expectTypeOf(LoggingAdapter).toExtend<AdapterConstructor>();
  });

  test("call from outside what may be called from outside", () => {
    const adapter = {} as QueueAdapter;
    expectTypeOf(adapter.onMessage).toBeCallableWith({ type: MessageType.HEARTBEAT, uid: "u", nsp: "/" }, "1-0");
    expectTypeOf(adapter.publish).toBeCallableWith({ type: MessageType.HEARTBEAT });
  });
});

describe("what both packages export", () => {
  test("has the same messages", () => {
    expectTypeOf<ClusterMessage["type"] | ClusterResponse["type"]>().toEqualTypeOf<MessageType>();
    expectTypeOf<MessageType.ADAPTER_CLOSE>().toEqualTypeOf<typeof MessageType.ADAPTER_CLOSE>();
    expectTypeOf<keyof typeof official.MessageType>().toExtend<keyof typeof MessageType>();
    expectTypeOf(MessageType[3]).toExtend<string>();
  });
});
