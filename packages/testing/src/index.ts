export { ClusterBus, type BusDelivery, type BusFaults, type BusMember, type BusMessage } from "./cluster-bus.ts";
export * from "./fake-clock.ts";
export { FakeWire, type CutOptions, type FakeWireOptions } from "./fake-wire.ts";
export type { Direction } from "./direction.ts";
export * from "./transcript.ts";
export * from "./engine-frames.ts";
export * from "./seeded-random.ts";
export * from "./receive-queue.ts";
export * from "./raw-client.ts";
export * from "./raw-http.ts";
export * from "./raw-http2.ts";
export * from "./raw-websocket.ts";
export * from "./raw-tcp.ts";
export { ChaosProxy, type ChaosFaults, type ChaosProxyOptions } from "./chaos-proxy.ts";
export * from "./fake-webtransport.ts";
export * from "./raw-webtransport.ts";
export * from "./stream-frames.ts";
export { JoinedPair, PairEnd, type JoinedPairOptions } from "./joined-pair.ts";
export { JoinedNamespace, type Answers, type JoinedListener } from "./joined-namespace.ts";
export {
  ClientApplication,
  JoinedApplications,
  ServerApplication,
  type JoinedApplicationsOptions,
  type JoinedWireOptions,
} from "./joined-applications.ts";
