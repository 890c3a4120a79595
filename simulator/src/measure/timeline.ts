import type { RunResult } from "../result.ts";
import type { CallLog } from "./call-log.ts";
import { quantile } from "./quantiles.ts";

const SECOND_MS = 1000;

/** The measured calls by the second of their arrival. A second without calls has zeros. */
export function timelineOf(calls: CallLog, fromMs: number, toMs: number): RunResult["timeline"] {
  const first = Math.floor(fromMs / SECOND_MS);
  const seconds = Math.max(0, Math.ceil(toMs / SECOND_MS) - first);
  const { arrivedAtMs, latencyMs, failed } = calls;
  const counts = new Int32Array(seconds);
  for (const atMs of arrivedAtMs) counts[secondOf(atMs)] = (counts[secondOf(atMs)] as number) + 1;
  const latencies = Array.from(counts, (count) => new Float64Array(count));
  const errors = new Int32Array(seconds);
  counts.fill(0);
  for (let i = 0; i < calls.size; i += 1) {
    const second = secondOf(arrivedAtMs[i] as number);
    const place = counts[second] as number;
    (latencies[second] as Float64Array)[place] = latencyMs[i] as number;
    counts[second] = place + 1;
    errors[second] = (errors[second] as number) + (failed[i] as number);
  }
  return latencies.map((unsorted, second) => {
    const sorted = unsorted.sort();
    return {
      atMs: (first + second) * SECOND_MS,
      calls: sorted.length,
      errors: errors[second] as number,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
    };
  });

  function secondOf(atMs: number): number {
    return Math.floor(atMs / SECOND_MS) - first;
  }
}
