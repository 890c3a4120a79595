import { createRequire } from "node:module";
import { context, type MeterProvider, metrics, propagation, type TracerProvider, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { InMemoryMetricExporter, PeriodicExportingMetricReader, MeterProvider as RealMeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider as RealTracerProvider } from "@opentelemetry/sdk-trace";
import type { BalancedTransportOptions } from "meshless";
import { telemetry } from "meshless/observability";
import type { Call, Wire } from "./wire.ts";

/** How calls are made without telemetry. */
interface Plain {
  readonly meshless: (wire: Wire, options?: BalancedTransportOptions) => Call;
  readonly grpcJs: (wire: Wire) => Call;
}

/** After so many calls, some of their spans must have been exported. */
const CALLS_UNTIL_EXPORT = 5_000;

/**
 * The same calls with the API alone, which records nothing, and with OpenTelemetry's SDK. Of grpc-js its instrumentation makes spans, and measures
 * nothing. `again` is the same code once more: as far as its figures are from those of the first, nothing can be told.
 */
export function telemetryContenders({ meshless, grpcJs }: Plain) {
  return {
    "meshless-connect-again": (wire) => meshless(wire),
    "meshless-connect-no-op": (wire) => meshless(wire, { telemetry: noOp() }),
    "meshless-connect-spans": (wire) => withSpans((tracerProvider) => meshless(wire, { telemetry: telemetry({ tracerProvider }) })),
    "meshless-connect-all-telemetry": (wire) =>
      withSpans((tracerProvider) => meshless(wire, { telemetry: telemetry({ tracerProvider, meterProvider: measurements() }) })),
    "meshless-grpc-no-op": (wire) => meshless(wire, { protocol: "grpc", telemetry: noOp() }),
    "meshless-grpc-spans": (wire) =>
      withSpans((tracerProvider) => meshless(wire, { protocol: "grpc", telemetry: telemetry({ tracerProvider }) })),
    "grpc-js-spans": (wire) =>
      withSpans((tracerProvider) => {
        instrumentGrpcJs(tracerProvider);
        return grpcJs(wire);
      }),
  } satisfies Record<string, (wire: Wire) => Call>;
}

function noOp() {
  return telemetry({ tracerProvider: trace.getTracerProvider(), meterProvider: metrics.getMeterProvider() });
}

/** With the SDK as a process sets it up. Spans are exported in batches, to nowhere. */
function withSpans(make: (tracerProvider: TracerProvider) => Call): Call {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  let exported = 0;
  const exporter = {
    export: (spans: readonly unknown[], done: (result: { code: number }) => void) => {
      exported += spans.length;
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  };
  const call = make(new RealTracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] }));
  let calls = 0;
  return () => {
    if (++calls === CALLS_UNTIL_EXPORT && exported === 0) throw new Error("there are no spans: nothing is measured");
    return call();
  };
}

function measurements(): MeterProvider {
  const reader = new PeriodicExportingMetricReader({ exporter: new InMemoryMetricExporter(0), exportIntervalMillis: 60_000 });
  return new RealMeterProvider({ readers: [reader] });
}

/** It waits for `require`, and changes the module that is there already. */
function instrumentGrpcJs(tracerProvider: TracerProvider): void {
  new GrpcInstrumentation().setTracerProvider(tracerProvider);
  createRequire(import.meta.url)("@grpc/grpc-js");
}
