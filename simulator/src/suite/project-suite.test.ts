import { expect, test } from "vitest";
import { validateScenario } from "../validate-scenario.ts";
import { jobsOf } from "./jobs.ts";
import { loadSuite } from "./project-suite.ts";
import { select } from "./select.ts";

const { chapters, entrants } = loadSuite();
const cells = chapters.flatMap((chapter) => chapter.cells);
const searches = chapters.flatMap((chapter) => chapter.searches ?? []);

test("chapters are numbered in their order", () => {
  expect(chapters.map(({ number }) => number)).toEqual(chapters.map((_, index) => index + 1));
});

test("no name is taken twice", () => {
  const names = [...cells.map(({ scenario }) => scenario.name), ...searches.map(({ name }) => name)];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  const policies = entrants.map(({ name }) => name);
  expect(policies.filter((name, index) => policies.indexOf(name) !== index)).toEqual([]);
});

test("every cell makes sense, and names policies that exist", () => {
  for (const { scenario } of cells) expect(() => validateScenario(scenario), scenario.name).not.toThrow();
  for (const { vary, from, to } of searches) for (const count of [from, to]) expect(() => validateScenario(vary(count))).not.toThrow();
  expect(jobsOf({ chapters, entrants }).length).toBeGreaterThan(100);
});

test("whoever is to stand in the short run stands in the cell", () => {
  for (const { scenario, contenders, short = false } of cells) {
    if (typeof short !== "boolean") expect(contenders, scenario.name).toEqual(expect.arrayContaining([...short]));
  }
});

test("who may be bounced stands where servers bounce, and nowhere else", () => {
  for (const { scenario, contenders } of cells) {
    const bounces = scenario.servers.some(({ bounceLimit }) => bounceLimit !== undefined);
    expect(contenders.includes("meshless-pushback"), scenario.name).toBe(bounces);
  }
});

test("the short run has something of most chapters", () => {
  expect(select({ chapters, entrants }, { short: true }).chapters.length).toBeGreaterThan(6);
});
