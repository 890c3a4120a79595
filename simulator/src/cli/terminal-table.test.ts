import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { terminalTable } from "./terminal-table.ts";

test("columns are as wide as they need to be, names to the left and numbers to the right", () => {
  const table = terminalTable({
    title: "mine",
    columns: [{ label: "policy" }, { label: "p99 ms" }],
    rows: [
      ["round-robin", { text: "1000 ± 20.0", mark: "worst" }],
      ["p2c", "90.0"],
    ],
  });
  expect(stripVTControlCharacters(table).split("\n")).toEqual([
    "mine",
    "policy            p99 ms",
    "round-robin  1000 ± 20.0",
    "p2c                 90.0",
  ]);
});
