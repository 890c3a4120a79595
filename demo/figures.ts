import { addLatencies, countLatencies, type Latencies, latencyAt } from "./latencies.ts";
import type { Tally } from "./tally.ts";

/** Latencies are those of answered calls, from when a call should have begun. */
export interface Figures {
  /** Calls made, answered or not. */
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls of the busiest server over those of the average one, among the servers that lived throughout; 1 is even. */
  readonly maxOverMean: number;
  readonly servers: Readonly<Record<string, ServerFigures>>;
}

export interface ServerFigures {
  readonly requests: number;
  /** Of all answered calls, 0 to 1. */
  readonly share: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param throughout names of the servers that lived throughout */
export function figuresOf(tally: Tally, throughout: readonly string[]): Figures {
  const all = addLatencies(Object.values(tally.servers));
  const answered = countLatencies(all);
  const failed = Object.values(tally.failures).reduce((sum, count) => sum + count, 0);
  const servers: Record<string, ServerFigures> = {};
  for (const [name, latencies] of Object.entries(tally.servers).sort(byName)) {
    const requests = countLatencies(latencies);
    servers[name] = { requests, share: rounded(requests / answered, 4), ...quantiles(latencies) };
  }
  return {
    requests: answered + failed,
    failed,
    ...quantiles(all),
    maxOverMean: maxOverMean(throughout.map((name) => servers[name]?.requests ?? 0)),
    servers,
  };
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left.localeCompare(right, "en", { numeric: true });
}

function quantiles(latencies: Latencies): { p50Ms: number; p99Ms: number } {
  return { p50Ms: rounded(latencyAt(latencies, 0.5), 1), p99Ms: rounded(latencyAt(latencies, 0.99), 1) };
}

function maxOverMean(requests: readonly number[]): number {
  const sum = requests.reduce((left, right) => left + right, 0);
  return sum === 0 ? 1 : rounded((Math.max(...requests) * requests.length) / sum, 3);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
