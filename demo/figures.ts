import { addLatencies, countLatencies, type Latencies, latencyAt } from "./latencies.ts";
import type { Tally } from "./tally.ts";

/** Latencies are those of answered calls, from when a call should have begun. */
export interface Figures {
  /** Calls made, answered or not. */
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls of the busiest server over those of the average one, before the deploy; 1 is even. */
  readonly maxOverMean: number;
  /** One call in ten was made at least so late, for want of CPU. */
  readonly lateP90Ms: number;
  readonly servers: Readonly<Record<string, ServerFigures>>;
}

export interface ServerFigures {
  readonly requests: number;
  /** Of all answered calls, 0 to 1. */
  readonly share: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** More, and latencies tell of the machine rather than of who balances: a call's work takes 20 ms. */
const LATE_MS = 10;

/** Whether the machine was too short of CPU for the figures to mean much. */
export function isStarved({ lateP90Ms }: Pick<Figures, "lateP90Ms">): boolean {
  return lateP90Ms > LATE_MS;
}

/** Calls that each of these servers has answered. */
export function answersBy({ servers }: Tally, names: readonly string[]): readonly number[] {
  return names.map((name) => countLatencies(servers[name] ?? []));
}

/** @param beforeDeploy how many calls each of the first servers answered before the deploy */
export function figuresOf(tally: Tally, beforeDeploy: readonly number[]): Figures {
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
    maxOverMean: maxOverMean(beforeDeploy),
    lateP90Ms: rounded(latencyAt(tally.lateness, 0.9), 1),
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
