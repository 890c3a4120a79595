import type { LoadReport } from "../../load-report.ts";
import { RecentMean } from "../../recent-mean.ts";

/** How many of the newest count. Latencies vary more than reports. */
const REPORTS = 100 / 3;
const LATENCIES = 100;
/** One call's latency counts at most so many times the average: a few long calls among many short ones say nothing of capacity. */
const MAX_LATENCIES = 3;
/** Servers that reported no utilization for so long report none. */
const REPORTED_FOR_MS = 10_000;
/** Where servers report no utilization, a zone runs short when its latency is this many times its own lowest. */
const INFLATED = 1.5;
const FLOOR_WINDOW_MS = 60_000;

/**
 * Whether the servers of a group run short of capacity, so that calls may leave the zone, or go to newcomers that sit out. It is judged by the
 * utilization that the servers report; where they report none, by how far latency has risen above its lowest of the last minute or two.
 */
export class SpillGate {
  readonly #aboveUtilization: number;
  readonly #utilization = new RecentMean(REPORTS, Infinity);
  readonly #latencyMs = new RecentMean(LATENCIES, Infinity);
  #reportedAtMs = -Infinity;
  /** The lowest average latency of this window and the one before, and of this one alone. */
  #floorMs = Infinity;
  #windowFloorMs = Infinity;
  #windowEndsAtMs = -Infinity;

  constructor(aboveUtilization: number) {
    this.#aboveUtilization = aboveUtilization;
  }

  isOpen(nowMs: number): boolean {
    if (nowMs < this.#reportedAtMs + REPORTED_FOR_MS) return this.#utilization.value > this.#aboveUtilization;
    return this.#latencyMs.value > INFLATED * this.#floorMs;
  }

  /** A report from one of those servers. 0 is what a server says that doesn't know its utilization. */
  onReport({ utilization }: LoadReport, nowMs: number): void {
    if (utilization === 0) return;
    this.#utilization.add(utilization, nowMs);
    this.#reportedAtMs = nowMs;
  }

  onSuccess(latencyMs: number, nowMs: number): void {
    const average = this.#latencyMs;
    average.add(average.isSettled ? Math.min(latencyMs, MAX_LATENCIES * average.value) : latencyMs, nowMs);
    // The lowest of a few calls, quick by luck, would make all that follow look slow.
    if (!average.isSettled) return;
    const { value } = average;
    if (nowMs >= this.#windowEndsAtMs) {
      this.#windowEndsAtMs = nowMs + FLOOR_WINDOW_MS;
      this.#floorMs = this.#windowFloorMs;
      this.#windowFloorMs = value;
    }
    this.#windowFloorMs = Math.min(this.#windowFloorMs, value);
    this.#floorMs = Math.min(this.#floorMs, value);
  }
}
