import { expect, test } from "vitest";
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
