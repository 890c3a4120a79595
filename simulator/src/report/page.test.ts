import { expect, test } from "vitest";
import type { SuiteResults } from "../suite/suite.ts";
import { reportPage } from "./page.ts";
import { testResults } from "./test-results.ts";

const options = { title: "A test", focus: "p2c" };
const server = (id: string, group: string, calls: number, weight = 1) => {
  return { id, group, zone: undefined, weight, calls, errors: 0, utilization: 0.5 };
};

/** The part of the page about one cell. */
function sectionOf(page: string, cell: string): string {
  return /<section.*?<\/section>/s.exec(page.slice(page.indexOf(`<section class="cell" id="${cell}">`)))?.[0] ?? "";
}

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

/** The same results, with this in place of the first cell's scenario. */
function withScenario(results: SuiteResults, change: object): SuiteResults {
  const [first, ...others] = results.chapters;
  if (first === undefined) throw new Error("the test's suite has chapters");
  const [cell, ...cells] = first.cells;
  if (cell === undefined) throw new Error("the first chapter has cells");
  const changed = { ...cell, cell: { ...cell.cell, scenario: { ...cell.cell.scenario, ...change } } };
  return { ...results, chapters: [{ ...first, cells: [changed, ...cells] }, ...others] };
}

test("the page loads nothing: all it refers to is in it", async () => {
  const page = reportPage(await testResults(), options);
  expect(page).not.toMatch(/https?:|\bsrc=|@import|url\(|fetch\(|import\(/);
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link ?? "");
  expect(links.length).toBeGreaterThan(5);
  for (const link of links.filter((link) => link !== "data:,")) expect(page).toContain(`id="${link.replace("#", "")}"`);
});

test("every cell has its description, two pictures, a line for each contender in both, and its table", async () => {
  const page = reportPage(await testResults(), options);
  const section = sectionOf(page, "steady");
  expect(section).toContain("The steady one.");
  expect(count(section, /role="img"/g)).toBe(2);
  for (const name of ["round-robin", "p2c", "jsq"])
    expect(count(section, new RegExp(`<path class="line [^"]*" data-who="${name}" d="M`, "g"))).toBe(2);
  expect(count(section, /<tr data-who=/g)).toBe(3);
  expect(sectionOf(page, "busy")).not.toContain("jsq");
});

test("errors have a picture where there are any, time-outs a line where latency comes near them", async () => {
  const fine = sectionOf(reportPage(await testResults(), options), "steady");
  expect(fine).not.toContain("Failed calls");
  expect(fine).not.toContain(">time-out</text>");
  const slow = {
    timeline: [{ atMs: 0, calls: 100, errors: 2, p50Ms: 10, p99Ms: 5000 }],
    cdf: { ms: [5, 5000], share: [0.1, 1] },
    calls: 10_000,
  };
  const failing = sectionOf(reportPage(await testResults(() => slow), options), "steady");
  expect(failing).toContain("Failed calls");
  expect(failing).toContain(">time-out</text>");
});

test("faults are shaded where they are, other windows are not", async () => {
  const windows = [
    { label: "fault", fromMs: 500, toMs: 1500, shaded: true },
    { label: "after", fromMs: 1500, toMs: 2000 },
  ];
  const section = sectionOf(reportPage(withScenario(await testResults(), { windows }), options), "steady");
  const [shade, ...others] = [...section.matchAll(/<rect class="shade" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)];
  // The plot is 398 units wide, for 2 s.
  expect(others).toEqual([]);
  expect([Number(shade?.[1]) - 50, Number(shade?.[2])]).toEqual([expect.closeTo(398 / 4), expect.closeTo(398 / 2)]);
});

test("pods are drawn group by group, the busiest first", async () => {
  const perServer = [server("slow-0", "slow", 10), server("fast-0", "fast", 20), server("slow-1", "slow", 15)];
  const section = sectionOf(reportPage(await testResults(() => ({ perServer })), options), "steady");
  expect(count(section, /aria-label="Calls by pod, /g)).toBe(3);
  const [, slow, fast] = /class="bar group0" [^>]*d="([^"]*)".*?class="bar group1" [^>]*d="([^"]*)"/s.exec(section) ?? [];
  const bars = (path = "") => [...path.matchAll(/M([\d.]+) 64V([\d.]+)/g)].map(([, x, y]) => [Number(x), 64 - Number(y)]);
  expect(bars(slow)).toEqual([
    [33.3, 32],
    [100, expect.closeTo(21.3)],
  ]);
  expect(bars(fast)).toEqual([[166.7, expect.closeTo(42.7)]]);
});

test("pods are drawn per unit of weight, and the busiest is the table's", async () => {
  const perServer = [server("light-0", "pod", 10), server("heavy-0", "pod", 40, 4)];
  const section = sectionOf(reportPage(await testResults(() => ({ perServer, callsMaxOverMean: 1.25 })), options), "steady");
  const [, path = ""] = /class="bar group0" [^>]*d="([^"]*)"/s.exec(section) ?? [];
  expect([...path.matchAll(/64V([\d.]+)/g)].map(([, y]) => y)).toEqual(["32", "32"]);
  expect(section).toContain("<span>calls max/mean 1.25</span>");
  expect(section).toMatch(/<th[^>]*>calls max\/mean<\/th>/);
});

test("what a scenario says can't become markup", async () => {
  const page = reportPage(withScenario(await testResults(), { description: '<script>alert("&")</script>' }), options);
  expect(page).toContain("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;");
  expect(count(page, /<script>/g)).toBe(1);
});

test("the overview has a row for each cell and search, relative to the focus, and counts them", async () => {
  const page = reportPage(await testResults(), options);
  const matrix = /<table class="matrix">.*?<\/table>/s.exec(page)?.[0] ?? "";
  const text = (row: string) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) =>
      cell
        .replace(/<[^>]+>/g, " ")
        .trim()
        .replace(/\s+/g, " "),
    );
  const rows = [...matrix.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) => text(row));
  expect(rows).toEqual([
    ["cell", "p2c, p99 ms", "round-robin", "jsq"],
    ["1. Steady load"],
    ["steady", expect.any(String), expect.stringMatching(/^1\.8\d$/), expect.stringMatching(/^0\.5\d$/)],
    ["busy", expect.any(String), expect.stringMatching(/^1\.8\d$/), ""],
    ["2. Pods needed"],
    ["pods", expect.stringMatching(/^\d+ pods$/), expect.stringMatching(/^[\d.]+ \d+ pods$/), ""],
    ["p2c is", "better even worse", "3 0 0", "0 0 1"],
  ]);
  expect(matrix).toMatch(/<td class="warm" style="--heat:[\d.]+">1\.8/);
});

test("a summary stands between the overview and the chapters, sentences to the left", async () => {
  const summary = [
    { columns: [{ label: "promise" }, { label: "figure", isText: true }, { label: "kept" }], rows: [["fast", "1 ms", "yes"]] },
  ];
  const page = reportPage({ ...(await testResults()), summary }, options);
  expect(page).toMatch(/class="matrix".*<h2 id="summary">.*<td class="text">1 ms<\/td><td>yes<\/td>.*<h2 id="chapter-1">/s);
  expect(page).toContain('href="#summary"');
  expect(reportPage(await testResults(), options)).not.toContain("summary");
});

test("a run without the focus is seen from the first policy that ran", async () => {
  expect(reportPage(await testResults(), { title: "A test", focus: "magic" })).toContain("<b>round-robin</b>");
});

test("thirty cells of twelve contenders stay below 3 MB", async () => {
  const share = Array.from({ length: 200 }, (_, index) => index / 199);
  const timeline = share.map((_, at) => ({ atMs: at * 1000, calls: 100, errors: 5, p50Ms: 10, p99Ms: 123.4 + (at % 7) }));
  const perServer = share.map((_, index) => server(`pod-${index}`, "pod", index));
  const results = await testResults(() => ({
    calls: 100_000,
    timeline,
    perServer,
    cdf: { ms: share.map((part) => 10 ** (part * 4)), share },
  }));
  const bytes = sectionOf(reportPage(results, options), "steady").length;
  expect((bytes / 3) * 12 * 30).toBeLessThan(3e6);
});
