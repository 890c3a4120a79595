/** What one run showed: one scenario, one contender, one seed. Plain data. */
export interface RunResult {
  readonly scenario: string;
  readonly contender: string;
  readonly seed: number;
  /** Calls that were measured. */
  readonly calls: number;
  /** Share of calls that failed or timed out. */
  readonly errorShare: number;
  /** Of all calls, in ms; a call that timed out counts with its time-out, a failed one as long as it took. */
  readonly latencyMs: LatencyQuantiles;
  readonly perServer: readonly ServerResult[];
  /** By the group of the server that took the call last, in the order of the scenario. Whom no server took is in none. */
  readonly perGroup: readonly GroupResult[];
  /** Calls per server and unit of weight relative to the mean, over servers that were there all the time. */
  readonly callsCv: number;
  readonly callsMaxOverMean: number;
  readonly callsMinOverMean: number;
  /** Busy share of capacity per server, likewise. */
  readonly utilization: { readonly mean: number; readonly cv: number; readonly maxOverMean: number };
  /** 99th percentile over servers and time (sampled every 10 ms) of calls in flight at a server. */
  readonly inFlightP99: number;
  /** Share of attempts that left the client's zone. 0 without zones. */
  readonly crossZoneShare: number;
  readonly attemptsPerCall: number;
  readonly probesPerCall: number;
  readonly bouncesPerCall: number;
  /** One entry a second of arrival. */
  readonly timeline: readonly {
    readonly atMs: number;
    readonly calls: number;
    readonly errors: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  }[];
  /** By the windows of the scenario, in their order. */
  readonly windows: readonly {
    readonly label: string;
    readonly calls: number;
    readonly errorShare: number;
    readonly latencyMs: LatencyQuantiles;
    readonly callsMaxOverMean: number;
    readonly crossZoneShare: number;
  }[];
  /** Of latency: log-spaced bounds in ms, and the cumulative share at or below each. */
  readonly cdf: { readonly ms: readonly number[]; readonly share: readonly number[] };
  /** What the run cost the machine. Left out of comparisons. */
  readonly wallMs: number;
  readonly events: number;
}

export interface LatencyQuantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly mean: number;
}

export interface ServerResult {
  readonly id: string;
  readonly group: string;
  readonly zone: string | undefined;
  readonly weight: number;
  /** Attempts of measured calls that it took. */
  readonly calls: number;
  /** Attempts that it answered with an error, not in time, or not at all. */
  readonly errors: number;
  /** Busy share of its capacity, in the measured time in which it was there. */
  readonly utilization: number;
}

export interface GroupResult {
  readonly group: string;
  readonly calls: number;
  /** Of all its calls: see `latencyMs` of the run. */
  readonly p99Ms: number;
}
