import { expect, test } from "vitest";
import { outlierDetection } from "./outlier-detection.ts";
import { outlierSettings } from "./outlier-options.ts";

const SUCCESS_RATE = { stdevFactor: 1_900, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 100 };
const FAILURE_PERCENTAGE = { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 };

test("the defaults are those of gRFC A50; by failure percentage only if asked", () => {
  expect(outlierSettings({})).toEqual({
    intervalMs: 10_000,
    baseEjectionMs: 30_000,
    maxEjectionMs: 300_000,
    maxEjectionPercent: 10,
    successRateEjection: SUCCESS_RATE,
    failurePercentageEjection: false,
  });
  expect(outlierSettings({ successRateEjection: false, failurePercentageEjection: {} })).toMatchObject({
    successRateEjection: false,
    failurePercentageEjection: FAILURE_PERCENTAGE,
  });
});

test("an option that is undefined takes its default, inside as well", () => {
  const settings = outlierSettings({
    intervalMs: undefined,
    maxEjectionPercent: 20,
    successRateEjection: { stdevFactor: undefined, requestVolume: 7 },
    failurePercentageEjection: undefined,
  });
  expect(settings).toMatchObject({ intervalMs: 10_000, maxEjectionPercent: 20, failurePercentageEjection: false });
  expect(settings.successRateEjection).toEqual({ ...SUCCESS_RATE, requestVolume: 7 });
});

test.each([
  [{ intervalMs: 0 }, "intervalMs must be above 0"],
  [{ intervalMs: Number.NaN }, "intervalMs must be 0 or more, not NaN"],
  [{ baseEjectionMs: -1 }, "baseEjectionMs must be 0 or more, not -1"],
  [{ maxEjectionPercent: 101 }, "maxEjectionPercent must be from 0 to 100, not 101"],
  [{ successRateEjection: { enforcementPercentage: 101 } }, "enforcementPercentage must be from 0 to 100, not 101"],
  [{ failurePercentageEjection: { threshold: 101 } }, "threshold must be from 0 to 100, not 101"],
])("%j is an error at once", (options, message) => {
  expect(() => outlierDetection(options)).toThrow(new RangeError(message));
});
