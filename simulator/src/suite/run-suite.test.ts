import { expect, test } from "vitest";
import { type Progress, runSuite } from "./run-suite.ts";

const module = new URL("test-suite.ts", import.meta.url).href;
const source = { module, selection: {} };

test("threads give the same as running one after the other, in the suite's order", async () => {
  const [serial, parallel] = [await runSuite(source, { threads: 0 }), await runSuite(source, { threads: 3 })];
  const figures = ({ chapters }: typeof serial) =>
    chapters.map(({ cells, searches }) => [cells.map(({ runs }) => [...runs]), searches.map(({ needed }) => needed)]);
  expect(figures(parallel)).toEqual(figures(serial));
  const [steady, busy] = parallel.chapters[0]?.cells ?? [];
  expect(steady?.runs.get("p2c")?.map(({ scenario, contender, seed }) => [scenario, contender, seed])).toEqual(
    [1, 2, 3, 4, 5].map((seed) => ["steady", "p2c", seed]),
  );
  expect([...(busy?.runs.keys() ?? [])]).toEqual(["p2c", "round-robin"]);
  expect(parallel.chapters[1]?.searches[0]?.needed.map(({ contender, count }) => [contender, count])).toEqual([
    ["round-robin", expect.any(Number)],
    ["p2c", expect.any(Number)],
  ]);
});

test("every run is told as it is done, the longest first", async () => {
  const told: Progress[] = [];
  await runSuite(
    { ...source, selection: { cells: "steady,busy", seeds: 1 } },
    { threads: 1, onProgress: (progress) => told.push(progress) },
  );
  expect(told.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(told.at(-1)).toMatchObject({ jobs: 5, share: 1 });
  expect(told.slice(1, 3).map(({ last }) => last)).toEqual(["busy, p2c, seed 1", "busy, round-robin, seed 1"]);
});

test.each([0, 2])("a run that fails names its cell, contender and seed (threads: %i)", async (threads) => {
  const failing = runSuite({ ...source, argument: "fail p2c", selection: { cells: "busy", seeds: 1 } }, { threads });
  await expect(failing).rejects.toThrow("busy, p2c, seed 1: the dice fell off the table");
});

test.each([0, 2])("a signal stops the run (threads: %i)", async (threads) => {
  const stop = new AbortController();
  const onProgress = ({ done }: Progress) => done === 2 && stop.abort(new Error("enough"));
  await expect(runSuite(source, { threads, signal: stop.signal, onProgress })).rejects.toThrow("enough");
});

test("a cell that names nobody known is an error before anything runs", async () => {
  const told: Progress[] = [];
  await expect(runSuite({ ...source, argument: "unknown entrant" }, { onProgress: (progress) => told.push(progress) })).rejects.toThrow(
    'steady: there is no policy "p3c". Did you mean "p2c"?',
  );
  expect(told).toEqual([]);
});
