import type { LoadReport } from "../../load-report.ts";

const MAX_PER_SECOND = 1_000_000;
const MAX_UTILIZATION = 10;
const MAX_IN_FLIGHT = 1_000_000;
const MAX_LATENCY_MS = 3_600_000;
const MAX_EVENT_LOOP_DELAY_MS = 60_000;

/**
 * What a server may claim. Each number is cut to a sane range; one that is negative or not a number counts as not said, which is 0 for
 * the fields that every report has. Rates up to 1 000 000 per second, utilization up to 10, `inFlight` up to 1 000 000,
 * `latencyMs` up to an hour, `eventLoopDelayMs` up to 60 000, `warmUp` up to 1. The report itself where there is nothing to cut. Never throws.
 */
export function boundReport(report: LoadReport): LoadReport {
  const requestsPerSecond = bound(report.requestsPerSecond, MAX_PER_SECOND) ?? 0;
  const errorsPerSecond = bound(report.errorsPerSecond, MAX_PER_SECOND) ?? 0;
  const utilization = bound(report.utilization, MAX_UTILIZATION) ?? 0;
  const inFlight = bound(report.inFlight, MAX_IN_FLIGHT);
  const latencyMs = bound(report.latencyMs, MAX_LATENCY_MS);
  const eventLoopDelayMs = bound(report.eventLoopDelayMs, MAX_EVENT_LOOP_DELAY_MS);
  const draining = report.draining === true || undefined;
  const warmUp = bound(report.warmUp, 1);
  const isSane =
    requestsPerSecond === report.requestsPerSecond &&
    errorsPerSecond === report.errorsPerSecond &&
    utilization === report.utilization &&
    inFlight === report.inFlight &&
    latencyMs === report.latencyMs &&
    eventLoopDelayMs === report.eventLoopDelayMs &&
    draining === report.draining &&
    warmUp === report.warmUp;
  if (isSane) return report;
  return {
    requestsPerSecond,
    errorsPerSecond,
    utilization,
    ...(inFlight !== undefined && { inFlight }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(eventLoopDelayMs !== undefined && { eventLoopDelayMs }),
    ...(draining && { draining }),
    ...(warmUp !== undefined && { warmUp }),
  };
}

function bound(claim: unknown, max: number): number | undefined {
  return typeof claim === "number" && claim >= 0 ? Math.min(claim, max) : undefined;
}
