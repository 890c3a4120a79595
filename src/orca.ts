import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type OrcaLoadReport, OrcaLoadReportSchema } from "./gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "./load-report.ts";

/** Name of the header or trailer that carries a serialized `OrcaLoadReport` in base64 (gRFC A51). */
export const loadReportHeader = "endpoint-load-metrics-bin";

/** The named metrics for what ORCA has no field of its own. */
const metricNames = {
  inFlight: "in_flight",
  latencyMs: "latency_ms",
  eventLoopDelayMs: "event_loop_delay_ms",
  draining: "draining",
  warmUp: "warm_up",
} as const;

/** A report as its wire message. What is absent from the report is absent from the message. */
export function toOrca(report: LoadReport): OrcaLoadReport {
  const { inFlight, latencyMs, eventLoopDelayMs, draining, warmUp } = report;
  const namedMetrics: Record<string, number> = {};
  if (inFlight !== undefined) namedMetrics[metricNames.inFlight] = inFlight;
  if (latencyMs !== undefined) namedMetrics[metricNames.latencyMs] = latencyMs;
  if (eventLoopDelayMs !== undefined) namedMetrics[metricNames.eventLoopDelayMs] = eventLoopDelayMs;
  if (draining !== undefined) namedMetrics[metricNames.draining] = draining ? 1 : 0;
  if (warmUp !== undefined) namedMetrics[metricNames.warmUp] = warmUp;
  const init: MessageInitShape<typeof OrcaLoadReportSchema> = {
    rpsFractional: report.requestsPerSecond,
    eps: report.errorsPerSecond,
    applicationUtilization: report.utilization,
    namedMetrics,
  };
  return create(OrcaLoadReportSchema, init);
}

/**
 * What a wire message says, not yet bounded: a hostile server may say anything in any field. `cpu_utilization` is no
 * substitute for a missing `application_utilization`: CPU trails the load.
 */
export function fromOrca(orca: OrcaLoadReport): LoadReport {
  const inFlight = namedMetric(orca, metricNames.inFlight);
  const latencyMs = namedMetric(orca, metricNames.latencyMs);
  const eventLoopDelayMs = namedMetric(orca, metricNames.eventLoopDelayMs);
  const draining = namedMetric(orca, metricNames.draining);
  const warmUp = namedMetric(orca, metricNames.warmUp);
  return {
    requestsPerSecond: orca.rpsFractional,
    errorsPerSecond: orca.eps,
    utilization: orca.applicationUtilization,
    ...(inFlight !== undefined && { inFlight }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
    ...(draining !== undefined && { draining: draining >= 0.5 }),
    ...(warmUp !== undefined && { warmUp }),
  };
}

function namedMetric(orca: OrcaLoadReport, name: string): number | undefined {
  return Object.hasOwn(orca.namedMetrics, name) ? orca.namedMetrics[name] : undefined;
}
