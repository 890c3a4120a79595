import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadReport } from "../../load-report.ts";
import { boundReport } from "./bound-report.ts";

const SANE = { requestsPerSecond: 120, errorsPerSecond: 3, utilization: 1.2 };
const LIMITS: Readonly<Record<string, number>> = {
  requestsPerSecond: 1e6,
  errorsPerSecond: 1e6,
  utilization: 10,
  inFlight: 1e6,
  eventLoopDelayMs: 60_000,
  warmUp: 1,
};

test("a sane report stays as it is, and what it does not say stays unsaid", () => {
  const full = { ...SANE, inFlight: 7, eventLoopDelayMs: 1.5, draining: true, warmUp: 0.25 };
  expect(boundReport(full)).toBe(full);
  expect(Object.keys(boundReport(SANE))).toEqual(Object.keys(SANE));
});

test.each([Number.NaN, -1, -Infinity])("%s counts as not said", (lie) => {
  const report = { requestsPerSecond: lie, errorsPerSecond: lie, utilization: lie, inFlight: lie, eventLoopDelayMs: lie, warmUp: lie };
  expect(boundReport(report)).toEqual({ requestsPerSecond: 0, errorsPerSecond: 0, utilization: 0 });
});

test("not draining is as good as not said", () => {
  expect(boundReport({ ...SANE, draining: false })).toEqual(SANE);
});

test("whatever a server claims, each number is finite and within its limits", () => {
  const claim = fc.oneof(fc.double(), fc.constantFrom(Infinity, 2 ** 53, undefined, null, "7", {}));
  const claims = fc.record(Object.fromEntries([...Object.keys(LIMITS), "draining"].map((field) => [field, claim])));
  fc.assert(
    fc.property(claims, (report) => {
      const bounded = Object.entries(boundReport(report as unknown as LoadReport));
      for (const [field, value] of bounded) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(LIMITS[field] as number);
      }
    }),
    { seed: 7, numRuns: 1_000 },
  );
});
