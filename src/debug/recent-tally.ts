import { LatencyCounts } from "./latency-counts.ts";

/** What is called recent, in ms. */
export const recentMs = 10_000;

const slotMs = 1_000;
/** One more than the window has, for the second that has only begun. */
const slots = recentMs / slotMs + 1;

/** Counts of one second. */
interface Slot {
  second: number;
  started: number;
  /** Ended with an answer, or with a failure. What callers gave up is in neither. */
  succeeded: number;
  failed: number;
  readonly latencies: LatencyCounts;
}

export interface Tally {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly latencies: LatencyCounts;
}

/** Counts what happens, and forgets it after {@link recentMs}, a second at a time. */
export class RecentTally {
  readonly #slots: Slot[] = [];

  start(nowMs: number): void {
    this.#slot(nowMs).started++;
  }

  end(isSuccess: boolean, latencyMs: number, nowMs: number): void {
    const slot = this.#slot(nowMs);
    if (isSuccess) slot.succeeded++;
    else slot.failed++;
    slot.latencies.add(latencyMs);
  }

  read(nowMs: number): Tally {
    const sum = { started: 0, succeeded: 0, failed: 0, latencies: new LatencyCounts() };
    const oldest = secondOf(nowMs) - slots + 1;
    for (const slot of this.#slots) {
      if (slot === undefined || slot.second < oldest) continue;
      sum.started += slot.started;
      sum.succeeded += slot.succeeded;
      sum.failed += slot.failed;
      sum.latencies.addAll(slot.latencies);
    }
    return sum;
  }

  #slot(nowMs: number): Slot {
    const second = secondOf(nowMs);
    const place = second % slots;
    const slot = this.#slots[place];
    if (slot === undefined) {
      const first = { second, started: 0, succeeded: 0, failed: 0, latencies: new LatencyCounts() };
      this.#slots[place] = first;
      return first;
    }
    if (slot.second !== second) {
      Object.assign(slot, { second, started: 0, succeeded: 0, failed: 0 });
      slot.latencies.clear();
    }
    return slot;
  }
}

function secondOf(nowMs: number): number {
  return Math.floor(nowMs / slotMs);
}
