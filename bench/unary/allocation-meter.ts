import { GCProfiler, getHeapStatistics } from "node:v8";

/** Counts what is put on the heap, whatever the garbage collector takes away meanwhile. */
export class AllocationMeter {
  readonly #profiler = new GCProfiler();
  readonly #startBytes = getHeapStatistics().used_heap_size;

  constructor() {
    this.#profiler.start();
  }

  /** @returns bytes */
  stop(): number {
    const endBytes = getHeapStatistics().used_heap_size;
    let allocated = 0;
    let last = this.#startBytes;
    for (const { beforeGC, afterGC } of this.#profiler.stop().statistics) {
      allocated += beforeGC.heapStatistics.usedHeapSize - last;
      last = afterGC.heapStatistics.usedHeapSize;
    }
    return allocated + endBytes - last;
  }
}
