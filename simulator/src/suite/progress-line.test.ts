import { expect, test } from "vitest";
import { type ProgressStream, progressLine } from "./progress-line.ts";

function told(terminal: Partial<ProgressStream>, done: readonly number[]): string {
  let text = "";
  const stream: ProgressStream = {
    ...terminal,
    write(chunk) {
      text += chunk;
      return true;
    },
  };
  const tell = progressLine(stream, () => 60_000);
  for (const jobs of done) tell({ jobs: 100, done: jobs, share: jobs / 100, last: "steady, p2c, seed 1" });
  return text;
}

test("a terminal keeps one line, no wider than it is, and none at the end", () => {
  expect(told({ isTTY: true, columns: 80 }, [20])).toBe("\r\x1b[K20 of 100 runs · 20 % · about 4:00 left · steady, p2c, seed 1");
  expect(told({ isTTY: true, columns: 16 }, [20, 100])).toBe("\r\x1b[K20 of 100 runs \r\x1b[K");
});

test("a log gets a line for every tenth of the work", () => {
  expect(told({}, [0, 1, 2, 11, 12, 100]).split("\n")).toEqual([
    "0 of 100 runs · 0 % · steady, p2c, seed 1",
    "11 of 100 runs · 11 % · about 8:06 left · steady, p2c, seed 1",
    "100 of 100 runs · 100 % · about 0:00 left · steady, p2c, seed 1",
    "",
  ]);
});
