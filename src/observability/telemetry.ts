import type { Interceptor } from "@connectrpc/connect";
import {
  type Attributes,
  createNoopMeter,
  type MeterProvider,
  propagation,
  type TextMapPropagator,
  type TracerProvider,
} from "@opentelemetry/api";
import { assertOptions, having, list, type OptionChecks, oneOf, whole } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { hostOf } from "../transport/authority.ts";
import type { AttachedTransport, TransportTelemetry } from "../transport/transport-telemetry.ts";
import { ClientMetrics, type Measuring } from "./client-metrics.ts";
import { ClientSpans, type Tracing } from "./client-spans.ts";
import { createInstruments } from "./instruments.ts";
import { LabelBounds } from "./label-bounds.ts";
import { type OptionalLabel, optionalLabels } from "./metric-catalogue.ts";
import { serverInterceptor } from "./server-interceptor.ts";
import { TransportGauges } from "./transport-gauges.ts";
import { TransportMetrics } from "./transport-metrics.ts";

const scope = "meshless";

/** Options of `telemetry`. */
export interface TelemetryOptions {
  /** Where spans go, such as `trace.getTracerProvider()` once an SDK has started. Default: there are no spans, and no context is sent. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where metrics go, such as `metrics.getMeterProvider()` once an SDK has started. Default: nothing is measured. */
  readonly meterProvider?: MeterProvider | undefined;
  /** How the context of a trace is sent, and read from requests. Default: as the API is told by the SDK, which is `traceparent` and `baggage`. */
  readonly propagator?: TextMapPropagator | undefined;
  /** Labels that metrics have only where they are asked for, since they have a value for each zone or endpoint. Default none. */
  readonly labels?: readonly OptionalLabel[] | undefined;
  /** How many values a label may have, from 1; all that come later are recorded as `_OTHER`. Default 200. */
  readonly maxLabelValues?: number | undefined;
  /** What calls on servers are timed with. Those of a transport are timed with its own. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** One for a process, or for each part of it: it serves any number of transports and servers. */
export interface Telemetry extends TransportTelemetry {
  /** For `interceptors` of a server, before those that should run within its span. */
  readonly serverInterceptor: Interceptor;
}

const checks: OptionChecks<TelemetryOptions> = {
  tracerProvider: having<TracerProvider>("a TracerProvider, such as trace.getTracerProvider()", "getTracer"),
  meterProvider: having<MeterProvider>("a MeterProvider, such as metrics.getMeterProvider()", "getMeter"),
  propagator: having<TextMapPropagator>("a TextMapPropagator", "inject", "extract"),
  labels: list("a list of labels", oneOf<OptionalLabel>(...optionalLabels)),
  maxLabelValues: whole(1),
  clock: checkClock,
};

/**
 * Spans and metrics of OpenTelemetry, for transports and servers. Nothing is registered, and nothing global is read but the active context.
 *
 * ```ts
 * const otel = telemetry({ tracerProvider: trace.getTracerProvider(), meterProvider: metrics.getMeterProvider() });
 * const transport = createBalancedTransport(target, { telemetry: otel });
 * const handler = connectNodeAdapter({ routes, interceptors: [otel.serverInterceptor] });
 * ```
 *
 * @throws ConfigurationError for an option that can't be used, or if there is neither a tracer provider nor a meter provider
 */
export function telemetry(options: TelemetryOptions): Telemetry {
  const { tracerProvider, meterProvider, propagator = propagation, clock = systemClock } = assertOptions("telemetry", options, checks);
  if (tracerProvider === undefined && meterProvider === undefined) {
    throw new ConfigurationError(
      "telemetry: there is nowhere to send anything; pass tracerProvider: trace.getTracerProvider(), meterProvider: metrics.getMeterProvider(), or both",
    );
  }
  const tracing = tracerProvider && { tracer: tracerProvider.getTracer(scope), propagator };
  const measuring = meterProvider && measureWith(meterProvider, options);
  const parts = { tracing, measuring };
  return { attach: (transport) => attach(transport, parts), serverInterceptor: serverInterceptor({ ...parts, clock }) };
}

interface Parts {
  readonly tracing: Tracing | undefined;
  readonly measuring: (Measuring & { readonly gauges: TransportGauges }) | undefined;
}

/** Undefined: the API alone is there, which measures nothing. */
function measureWith(provider: MeterProvider, { labels = [], maxLabelValues = 200 }: TelemetryOptions): Parts["measuring"] {
  const meter = provider.getMeter(scope);
  if (meter === createNoopMeter()) return undefined;
  const instruments = createInstruments(meter);
  const bounds = new LabelBounds(maxLabelValues);
  return { instruments, bounds, optional: new Set(labels), gauges: new TransportGauges(meter, instruments, bounds) };
}

function attach(transport: AttachedTransport, { tracing, measuring }: Parts): void {
  const { authority, protocol } = transport;
  const calls = { system: protocol === "connect" ? "connectrpc" : "grpc", server: serverLabels(authority) } as const;
  if (tracing !== undefined) transport.observe(new ClientSpans({ ...tracing, ...calls, target: transport.target }));
  if (measuring === undefined) return;
  const target = measuring.bounds.of("grpc.target", transport.target);
  transport.observe(new ClientMetrics({ ...measuring, ...calls, target, zone: () => transport.zone }));
  void follow(transport, new TransportMetrics(measuring, target), measuring.gauges);
}

/** Until the transport closes. */
async function follow(transport: AttachedTransport, metrics: TransportMetrics, gauges: TransportGauges): Promise<void> {
  gauges.add(transport);
  for await (const event of transport.events()) {
    metrics.onEvent(event);
  }
  gauges.delete(transport);
}

/** Where there is no name for the server, its endpoints have only addresses: too many for a label. */
function serverLabels(authority: string | undefined): Attributes {
  if (authority === undefined) return {};
  const port = /:(\d+)$/.exec(authority)?.[1];
  return { "server.address": hostOf(authority), ...(port !== undefined && { "server.port": Number(port) }) };
}
