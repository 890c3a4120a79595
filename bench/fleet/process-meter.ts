import { monitorEventLoopDelay } from "node:perf_hooks";

/** What a process took of the machine while it was measured, and how late its timers were. */
export interface ProcessLoad {
  readonly cpuMs: number;
  readonly eventLoopDelayP99Ms: number;
}

const RESOLUTION_MS = 20;

/** Measures this process from when it is made. */
export class ProcessMeter {
  readonly #cpuAtFirst = process.cpuUsage();
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delays.enable();
  }

  read(): ProcessLoad {
    const { user, system } = process.cpuUsage(this.#cpuAtFirst);
    // The histogram holds whole intervals, which are as long as the resolution when nothing is late.
    const delayMs = this.#delays.percentile(99) / 1e6 - RESOLUTION_MS;
    return { cpuMs: (user + system) / 1000, eventLoopDelayP99Ms: Math.max(0, delayMs) };
  }
}
