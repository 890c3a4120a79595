import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";

/** What must not grow while a process works steadily. */
export interface Vitals {
  /** Heap in use after a collection, in bytes. */
  readonly heapBytes: number;
  readonly fileDescriptors: number;
  readonly timers: number;
  /** On the signal that every call was given. */
  readonly listeners: number;
}

export function takeVitals(signal: AbortSignal): Vitals {
  if (globalThis.gc === undefined) throw new Error("run by npm run soak, which sets --expose-gc");
  globalThis.gc();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    fileDescriptors: readdirSync("/proc/self/fd").length,
    timers: process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length,
    listeners: getEventListeners(signal, "abort").length,
  };
}

/** How much the last third may exceed the second: heap by share, the rest by what calls in flight explain. */
const MAX_HEAP_GROWTH = 0.02;
const MAX_GROWTH: Readonly<Record<Exclude<keyof Vitals, "heapBytes">, number>> = { fileDescriptors: 3, timers: 10, listeners: 10 };

/** What grew from the second third of a run to the last, one line each; the first third warms up. */
export function growth(samples: readonly Vitals[]): string[] {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const medians = (name: keyof Vitals) =>
    [median(second.map((vitals) => vitals[name])), median(last.map((vitals) => vitals[name]))] as const;
  const complaints: string[] = [];
  const [heapBefore, heapAfter] = medians("heapBytes");
  if (heapAfter > heapBefore * (1 + MAX_HEAP_GROWTH)) complaints.push(`the heap grew from ${heapBefore} to ${heapAfter} bytes`);
  for (const name of ["fileDescriptors", "timers", "listeners"] as const) {
    const [before, after] = medians(name);
    if (after > before + MAX_GROWTH[name]) complaints.push(`${name} grew from ${before} to ${after}`);
  }
  return complaints;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
