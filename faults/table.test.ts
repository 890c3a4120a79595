import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import { atLeast, atMost, holds } from "./scenario.ts";
import { isJudged, lineText, rowOf, rowText } from "./table.ts";

const row = (contender: "meshless" | "grpc-js", lateMs: number, holdsClientsUp = false) => {
  const ledger = new Ledger([
    {
      records: [
        [0, 12, "a"],
        [1, 1, "!Unavailable"],
      ],
      cpuMs: 4,
      lateMs,
    },
  ]);
  return rowOf({ id: "F1", title: "killed", holdsClientsUp }, contender, { ledger, lines: [atMost("failed", ledger.failed, 0)] });
};

test("a line holds up to its bound, and the other way round", () => {
  expect([0, 1, 2].map((figure) => holds(atMost("x", figure, 1)))).toEqual([true, true, false]);
  expect([0, 1, 2].map((figure) => holds(atLeast("x", figure, 1)))).toEqual([false, true, true]);
  expect(holds(atMost("x", Number.NaN, 1))).toBe(false);
});

test("a line that is missed is printed with its figure", () => {
  expect(lineText(atMost("failed", 0.63, 0.5, "%"), true)).toBe("MISS failed: 0.63 % (<= 0.5)");
  expect(lineText(atLeast("answered", 97, 90, "%"), true)).toBe("ok   answered: 97 % (>= 90)");
});

test("only meshless is judged, and only where the machine had time for it", () => {
  expect([row("meshless", 99), row("meshless", 101), row("grpc-js", 1)].map(isJudged)).toEqual([true, false, false]);
  expect(isJudged(row("meshless", 900, true))).toBe(true);
  expect(rowText(row("meshless", 1))).toContain("MISS failed: 1 (<= 0)");
  expect(rowText(row("grpc-js", 1))).not.toContain("MISS");
  expect(rowText(row("grpc-js", 1))).toMatch(/grpc-js +2 +1 +50\.00 .* 1 Unavailable/);
});
