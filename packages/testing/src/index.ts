export * from "./fake-clock.ts";
export { FakeWire, type CutOptions, type FakeWireOptions } from "./fake-wire.ts";
export type { Direction } from "./direction.ts";
export * from "./transcript.ts";
export * from "./engine-frames.ts";
export * from "./seeded-random.ts";
