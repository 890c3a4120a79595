import { manualClock } from "meshless/testing";
import { expect, test } from "vitest";
import { RecentLoad } from "./recent-load.ts";

const where = { service: "a.b:80", region: "r", zone: "a" };

function setUp() {
  const clock = manualClock();
  return { clock, load: new RecentLoad(clock) };
}

test("calls of the last minute count, and those before do not", () => {
  const { clock, load } = setUp();
  for (let second = 0; second < 300; second += 10) {
    load.calls(where, "issued", second < 200 ? 1_000 : 100);
    clock.advance(10_000);
  }
  expect(load.of("a.b:80")?.callsPerSecond).toBeCloseTo(10, 5);
  clock.advance(120_000);
  expect(load.of("a.b:80")).toEqual({ callsPerSecond: 0 });
});

test("zones of a service add up, and those of all services do", () => {
  const { clock, load } = setUp();
  load.calls(where, "succeeded", 9);
  load.calls({ ...where, zone: "b" }, "failed", 1);
  load.calls({ ...where, service: "c.d:80" }, "succeeded", 10);
  clock.advance(1_000);
  expect(load.of("a.b:80")?.successShare).toBe(0.9);
  expect(load.byZone("a.b:80").map(({ zone, successShare }) => [zone, successShare])).toEqual([
    ["a", 1],
    ["b", 0],
  ]);
  expect(load.all().successShare).toBe(0.95);
  expect(load.of("x.y:80")).toBeUndefined();
});
