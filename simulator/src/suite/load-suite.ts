import { type Job, jobsOf } from "./jobs.ts";
import { type Selection, select } from "./select.ts";
import type { Suite } from "./suite.ts";

/**
 * Where a suite comes from, as plain data: the URL of a module that exports `loadSuite`, what to call it with, and the part that is wanted.
 * Every thread loads it for itself, because contenders and searches are code, which can't be sent.
 */
export interface SuiteSource {
  readonly module: string;
  readonly argument?: string | undefined;
  readonly selection: Selection;
}

/** What the module of a {@link SuiteSource} exports. The same argument gives the same suite. */
export interface SuiteModule {
  loadSuite(argument: string | undefined): Suite | Promise<Suite>;
}

/** @throws what the module throws, and Error when nothing is selected */
export async function loadSelected({ module, argument, selection }: SuiteSource): Promise<Suite> {
  const { loadSuite } = (await import(module)) as SuiteModule;
  return select(await loadSuite(argument), selection);
}

export async function loadJobs(source: SuiteSource): Promise<readonly Job[]> {
  return jobsOf(await loadSelected(source));
}
