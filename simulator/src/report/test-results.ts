import type { RunResult } from "../result.ts";
import { runSuite } from "../suite/run-suite.ts";
import type { SuiteResults } from "../suite/suite.ts";

/** Results of the test's suite: `change` has the last word on each run. */
export async function testResults(change: (result: RunResult) => Partial<RunResult> = () => ({})): Promise<SuiteResults> {
  const module = new URL("../suite/test-suite.ts", import.meta.url).href;
  const { entrants, chapters, summary } = await runSuite({ module, selection: {} }, { threads: 0 });
  return {
    entrants,
    summary,
    chapters: chapters.map((chapter) => ({
      ...chapter,
      cells: chapter.cells.map((cell) => ({
        ...cell,
        runs: new Map([...cell.runs].map(([name, runs]) => [name, runs.map((run) => ({ ...run, ...change(run) }))])),
      })),
    })),
  };
}
