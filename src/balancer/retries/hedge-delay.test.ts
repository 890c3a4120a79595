import { expect, test } from "vitest";
import { HedgeDelay } from "./hedge-delay.ts";

test("nothing is hedged before fifty calls were answered; then what takes longer than 95 % of them", () => {
  const delay = new HedgeDelay();
  for (let ms = 1; ms < 50; ms++) delay.onAnswered(ms);
  expect(delay.ms).toBeUndefined();
  for (let ms = 50; ms <= 100; ms++) delay.onAnswered(ms);
  expect(delay.ms).toBe(96);
});

test("the delay follows the latest calls, and is a millisecond at least", () => {
  const delay = new HedgeDelay();
  for (let call = 0; call < 1_000; call++) delay.onAnswered(0.2);
  expect(delay.ms).toBe(1);
  for (let call = 0; call < 512; call++) delay.onAnswered(30);
  expect(delay.ms).toBe(31);
  for (let call = 0; call < 512; call++) delay.onAnswered(1e9);
  expect(delay.ms).toBe(10_001);
});
