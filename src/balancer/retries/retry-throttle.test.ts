import { expect, test } from "vitest";
import { RetryThrottle } from "./retry-throttle.ts";

test("repeats need more than half of the tokens; each failure takes one, and successes give them back slowly", () => {
  const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.5 });
  for (let failure = 0; failure < 4; failure++) throttle.onFailure();
  expect(throttle.allows).toBe(true);
  throttle.onFailure();
  expect(throttle.allows).toBe(false);
  throttle.onSuccess();
  expect(throttle.allows).toBe(true);
});

test("there are never more than all tokens, nor fewer than none", () => {
  const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
  for (let success = 0; success < 100; success++) throttle.onSuccess();
  for (let failure = 0; failure < 100; failure++) throttle.onFailure();
  for (let success = 0; success < 2; success++) throttle.onSuccess();
  expect(throttle.allows).toBe(false);
  throttle.onSuccess();
  expect(throttle.allows).toBe(true);
});

test("of the ratio three decimals count", () => {
  const throttle = new RetryThrottle({ maxTokens: 2, tokenRatio: 0.0009 });
  throttle.onFailure();
  for (let success = 0; success < 10_000; success++) throttle.onSuccess();
  expect(throttle.allows).toBe(false);
});
