import { type Attributes, context, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import { onTestFinished } from "vitest";
import { type Telemetry, type TelemetryOptions, telemetry } from "../../src/observability/index.ts";

/** A span in short. */
export interface SeenSpan {
  readonly kind: string;
  readonly name: string;
  /** The span above it, in short; undefined for the first of a trace. */
  readonly parent: SeenSpan | undefined;
  readonly traceId: string;
  readonly attributes: Attributes;
  readonly isError: boolean;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
}

/** A series of a metric: its labels, and a number or, of a histogram, how many values and their sum. */
export interface SeenSeries {
  readonly labels: Attributes;
  readonly value: number;
  readonly sum: number;
}

/** OpenTelemetry's own SDK with everything in memory, as the process has it once it is set up. */
export class RealSdk {
  readonly telemetry: Telemetry;
  readonly tracerProvider: TracerProvider;
  readonly #spans: ReadableSpan[] = [];
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #meterProvider: MeterProvider;

  constructor(options: Partial<TelemetryOptions> = {}) {
    const reader = new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 3_600_000 });
    this.tracerProvider = new TracerProvider({
      spanProcessors: [
        {
          onStart: (span) => void this.#spans.push(span),
          onEnd() {},
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    });
    this.#meterProvider = new MeterProvider({ readers: [reader] });
    this.telemetry = telemetry({
      tracerProvider: this.tracerProvider,
      meterProvider: this.#meterProvider,
      propagator: new W3CTraceContextPropagator(),
      ...options,
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(async () => {
      context.disable();
      await this.#meterProvider.shutdown();
    });
  }

  /** Runs within a span of the caller's own. */
  inSpan<T>(name: string, run: (span: Span) => Promise<T>): Promise<T> {
    return this.tracerProvider.getTracer("test").startActiveSpan(name, async (span) => {
      try {
        return await run(span);
      } finally {
        span.end();
      }
    });
  }

  /** Runs within a span that its caller does not record. */
  unsampled<T>(run: () => Promise<T>): Promise<T> {
    const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: TraceFlags.NONE };
    return context.with(trace.setSpanContext(context.active(), caller), run);
  }

  /** Those that have ended, in the order in which they were started. */
  spans(): readonly SeenSpan[] {
    const finished = this.#spans.filter(({ ended }) => ended);
    const seen = new Map<string, SeenSpan>();
    const parentOf = new Map(finished.map((span) => [span.spanContext().spanId, span.parentSpanContext?.spanId]));
    for (const span of finished) {
      const { spanId, traceId } = span.spanContext();
      seen.set(spanId, {
        kind: SpanKind[span.kind] as string,
        name: span.name,
        get parent() {
          return seen.get(parentOf.get(spanId) ?? "");
        },
        traceId,
        attributes: span.attributes,
        isError: span.status.code === SpanStatusCode.ERROR,
        events: span.events.map(({ name, attributes = {} }) => ({ name, attributes })),
      });
    }
    return [...seen.values()];
  }

  /** All metrics that were recorded, and the labels that any of their series has. */
  async recorded() {
    return (await this.#collect()).map(({ descriptor: { name, unit, description }, dataPoints }) => {
      const labels = new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)));
      return { name, unit, description, labels: [...labels] };
    });
  }

  /** All series of a metric, as they are now. */
  async series(name: string): Promise<readonly SeenSeries[]> {
    const found = (await this.#collect()).find(({ descriptor }) => descriptor.name === name);
    return (found?.dataPoints ?? []).map(({ attributes, value }) =>
      typeof value === "number"
        ? { labels: attributes, value, sum: value }
        : { labels: attributes, value: value.count, sum: ("sum" in value && value.sum) || 0 },
    );
  }

  async #collect(): Promise<readonly MetricData[]> {
    this.#metrics.reset();
    await this.#meterProvider.forceFlush();
    const [collected] = this.#metrics.getMetrics();
    return collected?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  }
}

/** Who is above a span, from the top: `CLIENT Pay > CLIENT Pay > SERVER Pay`. */
export function lineage(span: SeenSpan): string {
  const own = `${span.kind} ${span.name.split("/").at(-1)}`;
  return span.parent === undefined ? own : `${lineage(span.parent)} > ${own}`;
}

/** The id of the trace that the running code belongs to. */
export function activeTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
