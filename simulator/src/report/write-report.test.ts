import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { everythingJson } from "./results-json.ts";
import { testResults } from "./test-results.ts";
import { writeReport } from "./write-report.ts";

test("a report is a page and the figures of every run, in a folder that is made", async () => {
  const directory = mkdtempSync(join(tmpdir(), "report-"));
  try {
    const results = await testResults();
    const page = writeReport(join(directory, "deep", "report"), results, { title: "A test", focus: "p2c" });
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>/);
    const { chapters } = JSON.parse(readFileSync(join(directory, "deep", "report", "results.json"), "utf8"));
    expect(chapters[0].cells[0].runs.p2c[1]).toEqual({
      seed: 2,
      calls: 100,
      p99Ms: expect.any(Number),
      windows: [],
      ...chapters[0].cells[0].runs.p2c[1],
    });
    expect(chapters[0].cells[0].runs.p2c).toHaveLength(5);
    expect(chapters[1].searches[0].needed[0]).toMatchObject({ contender: "round-robin", count: expect.any(Number) });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("everything is everything", async () => {
  const results = await testResults();
  const { chapters } = JSON.parse(everythingJson(results));
  expect(chapters[0].cells[0].runs.p2c[0]).toEqual(results.chapters[0]?.cells[0]?.runs.get("p2c")?.[0]);
});
