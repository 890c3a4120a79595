import { expect, test } from "vitest";
import type { FailurePercentageSettings, SuccessRateSettings } from "./outlier-options.ts";
import { failurePercentageOutliers, successRateOutliers, type Tally } from "./outliers.ts";

const BY_RATE: SuccessRateSettings = { stdevFactor: 1_900, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 100 };
const BY_PERCENTAGE: FailurePercentageSettings = { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 };

/** An endpoint for each success rate, given in percent. */
function fleetOf(percentages: readonly number[], volume = 100): readonly Tally[] {
  return percentages.map((percentage) => ({ good: (percentage / 100) * volume, bad: (1 - percentage / 100) * volume }));
}

function byRate(fleet: readonly Tally[], settings: Partial<SuccessRateSettings> = {}): readonly number[] {
  return successRateOutliers(fleet, { ...BY_RATE, ...settings }).map(({ tally }) => fleet.indexOf(tally));
}

function byPercentage(fleet: readonly Tally[], settings: Partial<FailurePercentageSettings> = {}): readonly number[] {
  return failurePercentageOutliers(fleet, { ...BY_PERCENTAGE, ...settings }).map(({ tally }) => fleet.indexOf(tally));
}

// By hand: the mean, the deviation, and the mean less 1.9 deviations.
test.each([
  { percentages: [100, 100, 100, 100, 50], sum: "0.900 - 1.9 * 0.200 = 0.520", out: [4] },
  { percentages: [100, 90, 100, 100, 100], sum: "0.980 - 1.9 * 0.040 = 0.904", out: [1] },
  { percentages: [0, 100, 100, 100, 100], sum: "0.800 - 1.9 * 0.400 = 0.040", out: [0] },
  { percentages: [80, 85, 90, 95, 100], sum: "0.900 - 1.9 * 0.071 = 0.766", out: [] },
  { percentages: [50, 50, 50, 50, 50], sum: "0.500 - 1.9 * 0.000 = 0.500", out: [] },
  { percentages: [60, 60, 100, 100, 100, 100, 100, 100, 100, 100], sum: "0.920 - 1.9 * 0.160 = 0.616", out: [0, 1] },
  { percentages: [61, 65, 100, 100, 100, 100, 100, 100, 100, 100], sum: "0.926 - 1.9 * 0.148 = 0.644", out: [0] },
])("success rates $percentages: $sum, so that out are $out", ({ percentages, sum, out }) => {
  expect(byRate(fleetOf(percentages))).toEqual(out);
  for (const { reason } of successRateOutliers(fleetOf(percentages), BY_RATE)) expect(reason).toContain(`below ${sum.slice(-5)}`);
});

test("two of five that fail altogether hide each other: 0.6 - 1.9 * 0.49 is negative", () => {
  expect(byRate(fleetOf([0, 0, 100, 100, 100]))).toEqual([]);
});

test("the factor is in thousandths", () => {
  const fleet = fleetOf([80, 85, 90, 95, 100]);
  expect([1_400, 1_500].map((stdevFactor) => byRate(fleet, { stdevFactor }))).toEqual([[0], []]);
});

test("endpoints with too few calls are neither compared nor out, and four that remain are too few", () => {
  const busy = fleetOf([100, 100, 100, 50]);
  const quiet = fleetOf([0, 0, 0], 99);
  expect(byRate([...busy, ...quiet])).toEqual([]);
  expect(byRate([...busy, ...fleetOf([100]), ...quiet])).toEqual([3]);
  expect(byRate([...busy, ...quiet], { stdevFactor: 1_700 })).toEqual([]);
  expect(byRate([...busy, ...quiet], { stdevFactor: 1_700, minimumHosts: 4 })).toEqual([3]);
});

test("by percentage, more failures than the threshold are out, and exactly as many are not", () => {
  expect(byPercentage(fleetOf([15, 14, 100, 100, 100]))).toEqual([1]);
  expect(byPercentage(fleetOf([15, 14, 100, 100, 100]), { threshold: 50 })).toEqual([0, 1]);
  expect(failurePercentageOutliers(fleetOf([14, 100, 100, 100, 100]), BY_PERCENTAGE).map(({ reason }) => reason)).toEqual([
    "86.0 % failures, above 85 %",
  ]);
});

test("by percentage, all may be out at once, as there is no comparison", () => {
  expect(byPercentage(fleetOf([0, 0, 0, 0, 0]))).toEqual([0, 1, 2, 3, 4]);
});

test("by percentage, all endpoints count as hosts, and those with too few calls are left alone", () => {
  expect(byPercentage(fleetOf([0, 0, 0, 0]))).toEqual([]);
  expect(byPercentage(fleetOf([0, 0, 0, 0]), { minimumHosts: 4 })).toEqual([0, 1, 2, 3]);
  expect(byPercentage([...fleetOf([0], 50), ...fleetOf([0, 0, 0, 0], 49)])).toEqual([0]);
});

test("an endpoint without calls is never out, even where no volume is asked for", () => {
  const fleet = [...fleetOf([0, 0, 0, 0], 0), ...fleetOf([0], 1)];
  expect(byPercentage(fleet, { requestVolume: 0 })).toEqual([4]);
  expect(byRate([...fleetOf([0], 0), ...fleetOf([100, 100, 100, 100, 50], 2)], { requestVolume: 0 })).toEqual([5]);
});
