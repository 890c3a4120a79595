import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { RunResult } from "../result.ts";
import { type Job, jobsOf, resultsOf } from "./jobs.ts";
import { loadSelected, type SuiteSource } from "./load-suite.ts";
import type { PodsNeeded } from "./pods-needed.ts";
import { runNamed } from "./run-named.ts";
import type { SuiteResults } from "./suite.ts";
import { runInPool } from "./worker-pool.ts";

export interface RunSuiteOptions {
  /** Threads at work at once; 0: none, everything runs here. Default: as many as there are cores. */
  readonly threads?: number | undefined;
  /** Stops the run. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start and after every job. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Progress {
  readonly jobs: number;
  readonly done: number;
  /** Share of the work that is done, 0 to 1: jobs weigh differently. */
  readonly share: number;
  /** The job that has just been done. */
  readonly last: string | undefined;
}

type Outcome = RunResult | PodsNeeded;

/**
 * Runs what is selected of a suite, on all cores. However many threads there are and whichever is fastest, the results are the same and stand
 * in the suite's order.
 *
 * @throws Error of the first job that fails, which it names; the signal's reason
 */
export async function runSuite(source: SuiteSource, options: RunSuiteOptions = {}): Promise<SuiteResults> {
  const { threads = availableParallelism(), signal, onProgress } = options;
  const suite = await loadSelected(source);
  const jobs = jobsOf(suite);
  const report = progressOf(jobs, onProgress);
  const start = () => new Worker(workerUrl(), { workerData: source });
  const answers =
    threads === 0
      ? runHere(jobs, report, signal)
      : await runInPool<Outcome>(longestFirst(jobs), { threads, start, signal, onAnswer: report });
  return resultsOf(suite, answers);
}

function runHere(jobs: readonly Job[], report: (index: number) => void, signal: AbortSignal | undefined): readonly Outcome[] {
  return jobs.map((_, index) => {
    signal?.throwIfAborted();
    const outcome = runNamed(jobs, index);
    report(index);
    return outcome;
  });
}

/** So that no thread is left with the longest job at the end. */
function longestFirst(jobs: readonly Job[]): readonly number[] {
  return [...jobs.keys()].sort((a, b) => (jobs[b] as Job).weight - (jobs[a] as Job).weight || a - b);
}

function progressOf(jobs: readonly Job[], onProgress: RunSuiteOptions["onProgress"]): (index: number) => void {
  const total = jobs.reduce((sum, { weight }) => sum + weight, 0);
  let done = 0;
  let weightDone = 0;
  onProgress?.({ jobs: jobs.length, done, share: 0, last: undefined });
  return (index) => {
    const { label, weight } = jobs[index] as Job;
    done++;
    weightDone += weight;
    onProgress?.({ jobs: jobs.length, done, share: total === 0 ? 1 : weightDone / total, last: label });
  };
}

/** Beside this file, as source or as compiled: the compiler does not rewrite what is in a URL. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "worker.ts" : "worker.js", import.meta.url);
}
