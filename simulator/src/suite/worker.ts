import { parentPort, workerData } from "node:worker_threads";
import { loadJobs, type SuiteSource } from "./load-suite.ts";
import { runNamed } from "./run-named.ts";
import type { Answer } from "./worker-pool.ts";

/** A thread that works on jobs by their number: nothing else is sent to it, and nothing but the result back. */
const jobs = loadJobs(workerData as SuiteSource);

parentPort?.on("message", async (index: number) => {
  parentPort?.postMessage(await answerTo(index));
});

async function answerTo(index: number): Promise<Answer<unknown>> {
  try {
    return { value: runNamed(await jobs, index) };
  } catch (error) {
    return { error };
  }
}
