import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process has taken since it began, and holds. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Objects, and what they hold outside of the heap. */
  readonly heapBytes: number;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** @param isExact what is garbage is not counted; finding that out takes time */
export function usageNow(isExact: boolean): Usage {
  const { user, system } = process.cpuUsage();
  if (isExact) {
    collectGarbage();
    // Buffers that it found are freed beside us, and counted as free by the next one.
    collectGarbage();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMs: (user + system) / 1_000, rssBytes: rss, heapBytes: heapUsed + external };
}
