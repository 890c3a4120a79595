import { create } from "@bufbuild/protobuf";
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

const metrics = Object.entries(metricNames) as readonly [keyof typeof metricNames, string][];

/** A report as its wire message. What is absent from the report is absent from the message. */
export function toOrca(report: LoadReport): OrcaLoadReport {
  const namedMetrics: Record<string, number> = {};
  for (const [field, name] of metrics) {
    const value = report[field];
    if (value !== undefined) namedMetrics[name] = Number(value);
  }
  return create(OrcaLoadReportSchema, {
    rpsFractional: report.requestsPerSecond,
    eps: report.errorsPerSecond,
    applicationUtilization: report.utilization,
    namedMetrics,
  });
}

/**
 * What a wire message says, not yet bounded: a hostile server may say anything in any field. `cpu_utilization` is no
 * substitute for a missing `application_utilization`: CPU trails the load.
 */
export function fromOrca(orca: OrcaLoadReport): LoadReport {
  const named: { -readonly [Field in keyof typeof metricNames]?: number } = {};
  for (const [field, name] of metrics) {
    const value = Object.hasOwn(orca.namedMetrics, name) ? orca.namedMetrics[name] : undefined;
    if (value !== undefined) named[field] = value;
  }
  const { draining, ...others } = named;
  return {
    requestsPerSecond: orca.rpsFractional,
    errorsPerSecond: orca.eps,
    utilization: orca.applicationUtilization,
    ...others,
    ...(draining !== undefined && { draining: draining >= 0.5 }),
  };
}
