import { expect, test } from "vitest";
import type { ContenderName } from "./contenders.ts";
import { Ledger } from "./ledger.ts";
import { atMost } from "./scenario.ts";
import { summary } from "./summary.ts";
import { rowOf } from "./table.ts";

const row = (id: string, contender: ContenderName, by: string, lateMs = 0) => {
  const ledger = new Ledger([{ records: [[0, 1, by]], cpuMs: 0, lateMs }]);
  return rowOf({ id, title: `what ${id} is` }, contender, { ledger, lines: [atMost("failed", ledger.failed, 0), atMost("more", 0, 1)] });
};
const linesOf = (...from: Parameters<typeof summary>) =>
  summary(...from)
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/));

test("each fault has a line, in the order of their numbers, with what failed of each contender", () => {
  const rows = [
    row("F10", "meshless", "a"),
    row("F2", "meshless", "!Unavailable"),
    row("F2", "grpc-js", "!Unavailable"),
    row("F2-hedged", "meshless", "a"),
  ];
  const told = [{ id: "F7", title: "no answer", what: "8 tests passed, 0 failed" }];
  expect(linesOf(rows, told)).toEqual([
    ["F2", "what F2 is", "100.00", "100.00", "1 of 2"],
    ["F2-hedged", "what F2-hedged is", "0.00", "2 of 2"],
    ["F7", "no answer", "8 tests passed, 0 failed"],
    ["F10", "what F10 is", "0.00", "2 of 2"],
  ]);
});

test("a run for which the machine had no time keeps no line and misses none", () => {
  expect(linesOf([row("F1", "meshless", "!Unavailable", 101)], [])[0]?.at(-1)).toBe("not judged");
});
