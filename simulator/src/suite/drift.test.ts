import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunResult } from "../result.ts";
import { resultsFile, shortFigures } from "./committed.ts";
import { driftOf, exactFigures } from "./drift.ts";
import { runSuite } from "./run-suite.ts";
import type { SuiteResults } from "./suite.ts";

let directory: string;
let results: SuiteResults;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "drift-"));
  results = await runSuite({ module: new URL("test-suite.ts", import.meta.url).href, selection: { seeds: 1 } }, { threads: 0 });
});

afterEach(() => rmSync(directory, { recursive: true }));

/** The same results, but for one of p2c in the cell `steady`. */
function changed(change: (result: RunResult) => Partial<RunResult>): SuiteResults {
  const chapters = results.chapters.map((chapter) => ({
    ...chapter,
    cells: chapter.cells.map((cell) => ({
      ...cell,
      runs: new Map(
        [...cell.runs].map(([name, runs]) => [
          name,
          name === "p2c" && cell.cell.scenario.name === "steady" ? runs.map((run) => ({ ...run, ...change(run) })) : runs,
        ]),
      ),
    })),
  }));
  return { ...results, chapters };
}

test("the same run drifts nowhere, however long it took", () => {
  const file = shortFigures(join(directory, "short.json"));
  file.write(results);
  expect(file.drift(results, true)).toEqual([]);
  expect(
    file.drift(
      changed(() => ({ wallMs: 1e6, events: 1 })),
      true,
    ),
  ).toEqual([]);
});

test("a changed figure is named with its cell, its contender, and by how much it changed", () => {
  const file = shortFigures(join(directory, "short.json"));
  file.write(results);
  expect(
    file.drift(
      changed(() => ({ errorShare: 0.01 })),
      true,
    ),
  ).toEqual(["steady, p2c, errorShare: 0 is now 0.01"]);
  expect(
    file.drift(
      changed(({ inFlightP99 }) => ({ inFlightP99: inFlightP99 * 1.00001 })),
      true,
    ),
  ).toEqual(["steady, p2c, inFlightP99: 2 is now 2.00002 (+0.00100 %)"]);
  expect(
    file.drift(
      changed(({ calls }) => ({ calls: calls - 1 })),
      true,
    ),
  ).toEqual(["steady, p2c, calls: 100 is now 99 (-1.00 %)"]);
});

test("a figure that comes or goes is drift; what a part of the run leaves out is not", () => {
  const { steady, ...others } = exactFigures(results);
  const whole = { steady: steady ?? {}, ...others };
  expect(driftOf(whole, others, true)).toContain("steady, p2c, p99Ms: 100 is now absent".replace("100", `${whole.steady.p2c?.p99Ms}`));
  expect(driftOf(whole, others, false)).toEqual([]);
  expect(driftOf(others, whole, false)[0]).toMatch(/^steady, round-robin, calls: absent is now 100$/);
});

test("what is not a number is kept as such, and pods needed are figures too", () => {
  const figures = exactFigures(changed(() => ({ errorShare: Number.NaN })));
  expect(figures.steady?.p2c?.errorShare).toBeNull();
  expect(figures.pods?.p2c).toEqual({ pods: expect.any(Number) });
});

test("the page of tables is compared line by line", () => {
  const path = join(directory, "RESULTS.md");
  const file = resultsFile(path);
  file.write(results);
  expect(file.drift(results, true)).toEqual([]);
  writeFileSync(path, readFileSync(path, "utf8").replace("| p2c |", "| p2b |"));
  expect(file.drift(results, true)).toEqual([expect.stringMatching(/^line \d+: \| p2b \|.*\n {2}is now \| p2c \|/)]);
  expect(file.drift(results, false)).toEqual(["only a whole run can be compared with it"]);
});
