import { expect, test } from "vitest";
import { growth, type Vitals } from "./vitals.ts";

const vitals = (changes: Partial<Vitals> = {}): Vitals => ({ heapBytes: 1e7, fileDescriptors: 30, timers: 20, listeners: 5, ...changes });
const run = (...thirds: readonly Vitals[]) => growth(thirds.flatMap((third) => Array(5).fill(third)));

test("a warm-up is no leak", () => {
  expect(run(vitals({ heapBytes: 5e6 }), vitals(), vitals())).toEqual([]);
});

test("a heap that is still growing in the last third is one", () => {
  expect(run(vitals(), vitals(), vitals({ heapBytes: 1.021e7 }))).toEqual(["the heap grew from 10000000 to 10210000 bytes"]);
  expect(run(vitals(), vitals(), vitals({ heapBytes: 1.019e7 }))).toEqual([]);
});

test("so are descriptors, timers and listeners", () => {
  const leaky = vitals({ fileDescriptors: 40, timers: 40, listeners: 40 });
  expect(run(vitals(), vitals(), leaky)).toEqual([
    "fileDescriptors grew from 30 to 40",
    "timers grew from 20 to 40",
    "listeners grew from 5 to 40",
  ]);
});
