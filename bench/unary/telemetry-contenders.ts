import { createRequire } from "node:module";
import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { InMemoryMetricExporter, PeriodicExportingMetricReader, MeterProvider as RealMeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider as RealTracerProvider } from "@opentelemetry/sdk-trace";
import type { BalancedTransportOptions } from "meshless";
import { telemetry } from "meshless/observability";
import type { Call, Wire } from "./wire.ts";

/** How calls are made without telemetry. */
interface Plain {
  readonly meshless: (wire: Wire, options: BalancedTransportOptions) => Call;
  readonly grpcJs: (wire: Wire) => Call;
}

/** The same calls with the API alone, which records nothing, and with OpenTelemetry's SDK. Of grpc-js its instrumentation makes spans, and measures nothing. */
export function telemetryContenders({ meshless, grpcJs }: Plain) {
  return {
    "meshless-connect-no-op-telemetry": (wire) => meshless(wire, { telemetry: noOp() }),
    "meshless-connect-spans": (wire) => meshless(wire, { telemetry: real({ tracerProvider: spans() }) }),
    "meshless-connect-telemetry": (wire) => meshless(wire, { telemetry: real({ tracerProvider: spans(), meterProvider: measurements() }) }),
    "meshless-grpc-spans": (wire) => meshless(wire, { protocol: "grpc", telemetry: real({ tracerProvider: spans() }) }),
    "grpc-js-spans": (wire) => {
      instrumentGrpcJs();
      return grpcJs(wire);
    },
  } satisfies Record<string, (wire: Wire) => Call>;
}

function noOp() {
  return telemetry({ tracerProvider: trace.getTracerProvider(), meterProvider: metrics.getMeterProvider() });
}

function real(providers: { readonly tracerProvider: TracerProvider; readonly meterProvider?: MeterProvider }) {
  return telemetry({ ...providers, propagator: new W3CTraceContextPropagator() });
}

/** Exported in batches, to nowhere. */
function spans(): TracerProvider {
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  };
  return new RealTracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
}

function measurements(): MeterProvider {
  const reader = new PeriodicExportingMetricReader({ exporter: new InMemoryMetricExporter(0), exportIntervalMillis: 60_000 });
  return new RealMeterProvider({ readers: [reader] });
}

/** It waits for `require`, and changes the module that is there already. */
function instrumentGrpcJs(): void {
  const instrumentation = new GrpcInstrumentation();
  instrumentation.setTracerProvider(spans());
  createRequire(import.meta.url)("@grpc/grpc-js");
}
