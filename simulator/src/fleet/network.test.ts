import { expect, test } from "vitest";
import { crosses, SimNetwork } from "./network.ts";

test("half a round trip each way, spread evenly by the jitter", () => {
  const network = new SimNetwork({ rttMs: 10, jitter: 0.2 });
  expect([0, 0.5, 1].map((chance) => network.oneWayMs("a", "a", chance))).toEqual([4, 5, 6]);
});

test("noise is added to each way, and the same chance has the same noise", () => {
  const network = new SimNetwork({ rttMs: 10, jitter: 0, noise: { kind: "exponential", mean: 2 } });
  const noiseMs = Array.from({ length: 10_000 }, (_, i) => network.oneWayMs("a", "a", i / 10_000) - 5);
  expect(Math.min(...noiseMs)).toBeGreaterThanOrEqual(0);
  expect(noiseMs.reduce((sum, ms) => sum + ms, 0) / noiseMs.length).toBeCloseTo(2, 1);
  expect(network.oneWayMs("a", "a", 0.3)).toBe(network.oneWayMs("a", "a", 0.3));
});

test("zones are further apart, if the scenario says so; nobody without a zone is in another one", () => {
  const network = new SimNetwork({ rttMs: 1, crossZoneRttMs: 3 });
  expect(network.rttMs("a", "b")).toBe(3);
  expect(network.rttMs("a", "a")).toBe(1);
  expect(network.rttMs("a", undefined)).toBe(1);
  expect(new SimNetwork({ rttMs: 2 }).rttMs("a", "b")).toBe(2);
  expect(crosses(undefined, "b")).toBe(false);
});
