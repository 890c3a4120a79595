import { availableParallelism, cpus, loadavg } from "node:os";

/** How busy the machine was while something was measured. */
export interface MachineLoad {
  /** Processes that wanted a core in the minute before. */
  readonly loadAverageBefore: number;
  /** Share of all cores that was busy, 0 to 1, whoever kept them so. */
  readonly busyShare: number;
  readonly wallMs: number;
  readonly cores: number;
}

interface Times {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** Measures the machine from when it is made. */
export class MachineMeter {
  readonly #timesAtFirst = times();
  readonly #beganAtMs = performance.now();
  readonly #loadAverageBefore = loadavg()[0] ?? Number.NaN;

  read(): MachineLoad {
    const now = times();
    const busyMs = now.busyMs - this.#timesAtFirst.busyMs;
    return {
      loadAverageBefore: this.#loadAverageBefore,
      busyShare: busyMs / Math.max(1, now.totalMs - this.#timesAtFirst.totalMs),
      wallMs: performance.now() - this.#beganAtMs,
      cores: availableParallelism(),
    };
  }
}

function times(): Times {
  const all = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busyMs = all.reduce((sum, { busy }) => sum + busy, 0);
  return { busyMs, totalMs: all.reduce((sum, { idle }) => sum + idle, busyMs) };
}
