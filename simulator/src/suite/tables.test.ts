import { expect, test } from "vitest";
import type { RunResult } from "../result.ts";
import type { CellResults } from "./cell.ts";
import type { Entrant } from "./entrant.ts";
import { markdownTable } from "./markdown.ts";
import { policyTable } from "./policy-table.ts";
import { searchTable } from "./search-table.ts";
import { resultsPage } from "./tables.ts";
import { testResult } from "./test-result.ts";
import { loadSuite, testScenario } from "./test-suite.ts";
import { windowTable } from "./window-table.ts";

const { entrants } = loadSuite();

function cellOf(runs: Readonly<Record<string, readonly RunResult[]>>): CellResults {
  return { cell: { scenario: testScenario("steady"), contenders: Object.keys(runs) }, runs: new Map(Object.entries(runs)) };
}

function seeds(p99s: readonly number[], given: Partial<RunResult> = {}): readonly RunResult[] {
  return p99s.map((p99Ms, index) => testResult({ seed: index + 1, p99Ms, ...given }));
}

const cell = cellOf({
  "round-robin": seeds([300, 310, 290], { errorShare: 0.0125, callsMaxOverMean: 1.5 }),
  p2c: seeds([150, 151, 149], { probesPerCall: 3 }),
  jsq: seeds([100, 100, 100]),
});

test("a cell's table has every figure, its interval, the best and the worst, and the gap closed", () => {
  expect(markdownTable(policyTable(cell, entrants))).toBe(
    [
      "| policy | p50 ms | p90 ms | p99 ms | p99.9 ms | errors % | calls max/mean | calls min/mean | utilisation CV | in flight p99 | probes/call | gap closed % |",
      "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
      "| round-robin | 10.0 | 15.0 | _300 ± 24.8_ | _600_ | _1.25_ | 1.50 | 1.00 | 0 | 2 | 0 | 0 |",
      "| p2c | 10.0 | 15.0 | **150 ± 2.48** | **300** | **0** | 1.00 | 1.00 | 0 | 2 | 3.00 | 75 |",
      "| jsq (bound) | 10.0 | 15.0 | 100 ± 0 | 200 | 0 | 1.00 | 1.00 | 0 | 2 | 0 | 100 |",
    ].join("\n"),
  );
});

test("without a bound or without round robin, no gap is told", () => {
  const labels = (runs: Readonly<Record<string, readonly RunResult[]>>) =>
    policyTable(cellOf(runs), entrants).columns.map(({ label }) => label);
  expect(labels({ "round-robin": seeds([300]), p2c: seeds([150]) })).not.toContain("gap closed %");
  expect(labels({ p2c: seeds([150]), jsq: seeds([100]) })).not.toContain("gap closed %");
});

test("of several bounds, the best that can be attained counts", () => {
  const jsq = entrants[2] as Entrant;
  const all = [...entrants, { ...jsq, name: "omniscient" }, { ...jsq, name: "pooled", isAttainable: false }];
  const runs = { "round-robin": [300], p2c: [200], jsq: [200], omniscient: [100], pooled: [50] };
  const table = policyTable(cellOf(Object.fromEntries(Object.entries(runs).map(([name, p99s]) => [name, seeds(p99s)]))), all);
  expect(table.rows.map((row) => row.at(-1))).toEqual(["0", "50", "50", "100", "125"]);
});

test("windows have figures of their own", () => {
  const scenario = { ...testScenario("steady"), windows: [{ label: "fault", fromMs: 500, toMs: 1500 }] };
  const window = {
    label: "fault",
    calls: 50,
    errorShare: 0,
    latencyMs: testResult({ p99Ms: 77 }).latencyMs,
    callsMaxOverMean: 1,
    crossZoneShare: 0,
  };
  const results = { ...cell, cell: { ...cell.cell, scenario }, runs: new Map([["p2c", seeds([1, 2], { windows: [window] })]]) };
  expect(windowTable(results)).toEqual({
    columns: [
      { label: "policy" },
      { label: "fault: p99 ms", meaning: "calls that arrived from 0.5 to 1.5 s" },
      { label: "fault: errors %", meaning: "calls that arrived from 0.5 to 1.5 s" },
    ],
    rows: [["p2c", "77.0", "0"]],
  });
  expect(windowTable(cell)).toBeUndefined();
  const zoned = { ...results, runs: new Map([["p2c", seeds([1], { windows: [{ ...window, crossZoneShare: 0.125 }] })]]) };
  expect(windowTable(zoned)?.rows).toEqual([["p2c", "77.0", "0", "12.5"]]);
});

test("pods needed are compared with the first contender's", () => {
  const [search] = loadSuite().chapters[1]?.searches ?? [];
  if (search === undefined) throw new Error("the test's suite has a search");
  const needed = (contender: string, count: number | undefined) => ({ search: "pods", contender, count, tried: [], wallMs: 0 });
  const rows = (first: number | undefined, second: number | undefined) =>
    searchTable([{ search, needed: [needed("round-robin", first), needed("p2c", second)] }]).rows;
  expect(rows(50, 32)).toEqual([
    ["round-robin", "50"],
    ["p2c", "32 (−36 %)"],
  ]);
  expect(rows(undefined, 40)).toEqual([
    ["round-robin", "more than 64"],
    ["p2c", "40"],
  ]);
  expect(rows(40, 40)[1]).toEqual(["p2c", "40 (±0 %)"]);
});

test("a page has a summary, a part for each chapter and each cell, the chapter's own tables, and the policies", () => {
  const extra = () => [{ title: "Beside the paper", columns: [{ label: "load" }, { label: "p99 | ms" }], rows: [["1.74", "450"]] }];
  const chapter = { number: 3, name: "Steady load", question: "Who is quickest?", cells: [cell.cell], extra };
  const summary = [
    { columns: [{ label: "promise" }, { label: "figure", isText: true }, { label: "kept" }], rows: [["fast", "1 ms", "yes"]] },
  ];
  const page = resultsPage({ entrants, chapters: [{ chapter, cells: [cell], searches: [] }], summary });
  expect(page.split("\n").filter((line) => line.startsWith("#"))).toEqual([
    "# Results",
    "## Summary",
    "## 3. Steady load",
    "### steady",
    "## Policies",
  ]);
  expect(page).toContain("**Beside the paper**\n\n| load | p99 \\| ms |\n| --- | --: |\n| 1.74 | 450 |");
  expect(page).toContain("## Summary\n\n| promise | figure | kept |\n| --- | --- | --: |\n| fast | 1 ms | yes |");
  expect(page).toContain("- `p2c`: What p2c would do.");
  expect(page.endsWith("\n")).toBe(true);
});
