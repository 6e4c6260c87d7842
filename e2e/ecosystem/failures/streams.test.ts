import { failures } from "./scenarios.ts";

// Where clients may recover, an event waits for its place in the stream, until Redis has been late once: a second.
failures("streams", { noticing: 1_500 });
