import { expect, test } from "vitest";
import { crosses, SimNetwork } from "./network.ts";

test("half a round trip each way, spread evenly by the jitter", () => {
  const network = new SimNetwork({ rttMs: 10, jitter: 0.2 });
  expect([0, 0.5, 1].map((chance) => network.oneWayMs("a", "a", chance))).toEqual([4, 5, 6]);
});

test("zones are further apart, if the scenario says so; nobody without a zone is in another one", () => {
  const network = new SimNetwork({ rttMs: 1, crossZoneRttMs: 3 });
  expect(network.rttMs("a", "b")).toBe(3);
  expect(network.rttMs("a", "a")).toBe(1);
  expect(network.rttMs("a", undefined)).toBe(1);
  expect(new SimNetwork({ rttMs: 2 }).rttMs("a", "b")).toBe(2);
  expect(crosses(undefined, "b")).toBe(false);
});
