import type { RunResult } from "../result.ts";

/** A result for tests: 100 calls on two pods, 10 ms each; a p99 of `p99Ms` and whatever is given. */
export function testResult({ p99Ms = 20, ...given }: Partial<RunResult> & { readonly p99Ms?: number } = {}): RunResult {
  const latencyMs = { p50: 10, p90: 15, p99: p99Ms, p999: p99Ms * 2, mean: 11 };
  return {
    scenario: "steady",
    contender: "p2c",
    seed: 1,
    calls: 100,
    errorShare: 0,
    latencyMs,
    perServer: ["pod-0", "pod-1"].map((id) => ({ id, group: "pod", zone: undefined, weight: 1, calls: 50, errors: 0, utilization: 0.5 })),
    perGroup: [{ group: "pod", calls: 100, p99Ms }],
    callsCv: 0,
    callsMaxOverMean: 1,
    callsMinOverMean: 1,
    utilization: { mean: 0.5, cv: 0, maxOverMean: 1 },
    inFlightP99: 2,
    crossZoneShare: 0,
    attemptsPerCall: 1,
    probesPerCall: 0,
    bouncesPerCall: 0,
    timeline: [0, 1000].map((atMs) => ({ atMs, calls: 50, errors: 0, p50Ms: 10, p99Ms })),
    windows: [],
    cdf: { ms: [5, 10, p99Ms, p99Ms * 2], share: [0, 0.5, 0.99, 1] },
    wallMs: 1,
    events: 400,
    ...given,
  };
}
