/** Tracing, loaded before the application. The spans stay in memory, where the application reads them. */

const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { SocketIoInstrumentation } = require("@opentelemetry/instrumentation-socket.io");
const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({
  instrumentations: [
    new SocketIoInstrumentation({
      emitIgnoreEventList: ["ignored"],
      emitHook: (span, { payload }) =>
        span.setAttribute("arguments", payload.filter((value) => typeof value !== "function").length),
    }),
  ],
});

globalThis.spans = exporter;
