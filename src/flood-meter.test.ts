import { expect, it } from "vitest";
import { FloodMeter } from "./flood-meter.ts";

/** How many of `count` at one moment are allowed. */
function allowed(meter: FloodMeter, count: number, nowMs: number): number {
  return Array.from({ length: count }, () => meter.allows(nowMs)).filter(Boolean).length;
}

it("allows a burst, and from there on so many per second", () => {
  const meter = new FloodMeter({ burst: 20, perSecond: 10 }, 500);
  expect(allowed(meter, 20, 500)).toBe(20);
  expect(meter.allows(1_600)).toBe(true);
  expect(allowed(meter, 12, 1_600)).toBe(10);
});

it("never saves up more than a burst", () => {
  const meter = new FloodMeter({ burst: 20, perSecond: 10 }, 0);
  expect(allowed(meter, 30, 3_600_000)).toBe(20);
});

it("never tires of what stays within the rate", () => {
  const meter = new FloodMeter({ burst: 1, perSecond: 10 }, 0);
  expect(Array.from({ length: 1_000 }, (_, i) => meter.allows(i * 100)).every(Boolean)).toBe(true);
});

it("what makes up for some allows as many again, and saves up no more than a burst", () => {
  const meter = new FloodMeter({ burst: 20, perSecond: 10 }, 0);
  expect(allowed(meter, 20, 0)).toBe(20);
  meter.makeUpFor(5);
  expect(allowed(meter, 10, 0)).toBe(5);
  meter.makeUpFor(1_000);
  expect(allowed(meter, 30, 0)).toBe(20);
});
