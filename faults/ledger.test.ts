import { expect, test } from "vitest";
import type { CallRecord } from "./client-main.ts";
import { Ledger } from "./ledger.ts";

const ledgerOf = (...records: readonly CallRecord[]) => new Ledger([{ records, cpuMs: 5, lateMs: 3 }]);

test("failures are counted by code, and answers by who gave them", () => {
  const ledger = ledgerOf([0, 10, "a"], [1, 20, "!Unavailable"], [2, 30, "b"], [3, 40, "!Unavailable"], [4, 50, "a"]);
  expect([ledger.calls, ledger.failed, ledger.failedPercent]).toEqual([5, 2, 40]);
  expect(ledger.codes).toEqual({ Unavailable: 2 });
  expect(ledger.servers).toEqual(new Set(["a", "b"]));
  expect(ledger.shareOf("a")).toBeCloseTo(2 / 3, 9);
  expect(ledger.shareOf("a", "b")).toBe(1);
});

test("latency is of what was answered; the longest call is among all", () => {
  const ledger = ledgerOf([0, 10, "a"], [1, 1_000, "!DeadlineExceeded"], [2, 30, "a"]);
  expect([ledger.latencyMs(0), ledger.latencyMs(0.99), ledger.longestMs]).toEqual([10, 30, 1_000]);
  expect(ledger.slowerThan(30)).toBeCloseTo(2 / 3, 9);
  expect(ledgerOf().latencyMs(0.99)).toBe(0);
});

test("a part of the time has the calls that were due in it, and the lateness of all", () => {
  const part = ledgerOf([0, 1, "a"], [10, 1, "!Internal"], [20, 1, "a"]).between(10, 20);
  expect([part.calls, part.failed, part.lateMs]).toEqual([1, 1, 3]);
});

test("calls are in the order in which they were due, whoever made them", () => {
  const ledger = new Ledger([
    { records: [[30, 1, "b"]], cpuMs: 1, lateMs: 7 },
    { records: [[10, 1, "b"]], cpuMs: 2, lateMs: 4 },
  ]);
  expect(ledger.firstAnswerOf("b", 0)).toBe(10);
  expect(ledger.firstAnswerOf("a", 0)).toBe(Number.POSITIVE_INFINITY);
  expect([ledger.cpuMs, ledger.lateMs]).toEqual([3, 7]);
});

test("it is calm from the second on after which no second has too many failures", () => {
  const seconds = [0, 1, 1, 0, 1, 0, 0].map((failed, second): CallRecord => [1_000 * second + 500, 1, failed ? "!Unavailable" : "a"]);
  expect(ledgerOf(...seconds).calmFrom(0, 0.01)).toBe(5_000);
});
