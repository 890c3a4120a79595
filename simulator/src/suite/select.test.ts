import { expect, test } from "vitest";
import { jobsOf } from "./jobs.ts";
import { type Selection, select } from "./select.ts";
import type { Suite } from "./suite.ts";
import { loadSuite } from "./test-suite.ts";

const labels = (selection: Selection) => jobsOf(select(loadSuite(), selection)).map(({ label }) => label);

test("without a selection, everything is run: each cell's contenders, each with its seeds", () => {
  const all = labels({});
  expect(all).toHaveLength(3 * 5 + 2 * 3 + 2);
  expect(all[0]).toBe("steady, round-robin, seed 1");
  expect(all.at(-1)).toBe("pods, p2c");
});

test("the short run has the cells that are marked short, with one seed", () => {
  expect(labels({ short: true })).toEqual(["steady, round-robin, seed 1", "steady, p2c, seed 1", "steady, jsq, seed 1"]);
});

test("a cell may send only a few of its contenders to the short run", () => {
  const { chapters, entrants } = loadSuite();
  const [{ cells: [steady] = [], ...chapter } = {}] = chapters;
  const suite = { entrants, chapters: [{ ...chapter, cells: [{ ...steady, short: ["jsq", "p2c"] }] }] } as Suite;
  const run = (selection: Selection) => jobsOf(select(suite, { ...selection, seeds: 1 })).map(({ label }) => label);
  expect(run({ short: true })).toEqual(["steady, p2c, seed 1", "steady, jsq, seed 1"]);
  expect(run({})).toHaveLength(3);
});

test("cells and searches go by name, with stars and commas", () => {
  expect(labels({ cells: "b*,pods", seeds: 1 })).toEqual([
    "busy, p2c, seed 1",
    "busy, round-robin, seed 1",
    "pods, round-robin",
    "pods, p2c",
  ]);
  expect(labels({ cells: "*ad*", seeds: 1 })).toHaveLength(3);
  expect(() => labels({ cells: "stead" })).toThrow("nothing to run for cells stead. The cells are: steady, busy, pods");
  expect(() => labels({ cells: "stea.y" })).toThrow("nothing to run");
});

test("a policy runs in the cells that name it", () => {
  expect(labels({ policies: ["jsq"], seeds: 2 })).toEqual(["steady, jsq, seed 1", "steady, jsq, seed 2"]);
});

test("an unknown policy is an error that suggests a name", () => {
  expect(() => labels({ policies: ["round-robbin"] })).toThrow(
    'there is no policy "round-robbin". Did you mean "round-robin"? There are: round-robin, p2c, jsq',
  );
  expect(() => labels({ policies: ["magic"] })).toThrow('there is no policy "magic". There are: round-robin, p2c, jsq');
});

test("a chapter's own tables are asked for only when all of it has run", () => {
  const suite = { ...loadSuite(), chapters: loadSuite().chapters.map((chapter) => ({ ...chapter, extra: () => [] })) };
  const hasExtra = (selection: Selection) => select(suite, selection).chapters.map(({ extra }) => extra !== undefined);
  expect(hasExtra({ seeds: 1 })).toEqual([true, true]);
  expect(hasExtra({ cells: "steady" })).toEqual([false]);
  expect(hasExtra({ policies: ["p2c", "round-robin"] })).toEqual([false, true]);
});
