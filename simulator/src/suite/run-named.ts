import type { RunResult } from "../result.ts";
import type { Job } from "./jobs.ts";
import type { PodsNeeded } from "./pods-needed.ts";

/** @throws Error that names the cell, the entrant and the seed before what went wrong */
export function runNamed(jobs: readonly Job[], index: number): RunResult | PodsNeeded {
  const job = jobs[index];
  if (job === undefined) throw new RangeError(`there is no job ${index} among ${jobs.length}: the threads have loaded different suites`);
  try {
    return job.run();
  } catch (error) {
    throw new Error(`${job.label}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
