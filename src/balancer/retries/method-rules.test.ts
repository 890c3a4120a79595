import { expect, test } from "vitest";
import type { MethodOptions } from "../../method-options.ts";
import { MethodRules, type MethodRulesOptions } from "./method-rules.ts";
import { noRetry } from "./retry-policy.ts";

const pay = { name: "Pay", parent: { typeName: "shop.Checkout" } };
const PAY = "shop.Checkout/Pay";
const retryOf = (options: MethodRulesOptions, idempotent: boolean, own?: MethodOptions) => {
  const methods = own && ([[pay, own]] as const);
  return new MethodRules({ ...options, methods }, 0).of(PAY, idempotent).retry;
};

test("by default, methods that may be carried out twice are made again, and no others", () => {
  expect(retryOf({}, false)).toBe(noRetry);
  expect(retryOf({}, true)).toMatchObject({ maxAttempts: 3, codes: new Set([14]), whenBroken: "always", baseMs: 25, maxMs: 250 });
});

test("options are for methods that may be carried out twice, by their schema or by code", () => {
  const retry = { maxAttempts: 5 };
  expect(retryOf({ retry }, true).maxAttempts).toBe(5);
  expect(retryOf({ retry }, false)).toBe(noRetry);
  expect(retryOf({ retry }, false, { idempotent: true })).toMatchObject({ maxAttempts: 5, whenBroken: "always" });
  expect(retryOf({ retry }, true, { idempotent: false })).toBe(noRetry);
});

test("a method that is named is made again by its codes, and not where nobody knows what the server did", () => {
  expect(retryOf({}, false, { retry: {} })).toMatchObject({ maxAttempts: 3, codes: new Set([14]), whenBroken: "never" });
  expect(retryOf({ retry: false }, false, { retry: {} })).toMatchObject({ maxAttempts: 3 });
});

test("what a method leaves out is as for all, and false is never", () => {
  const retry = { maxAttempts: 5, perAttemptTimeoutMs: 70 };
  expect(retryOf({ retry }, true, { retry: { maxAttempts: 2 } })).toMatchObject({ maxAttempts: 2, perAttemptTimeoutMs: 70 });
  expect(retryOf({ retry }, true, { retry: false })).toBe(noRetry);
  expect(retryOf({ retry: false }, true)).toBe(noRetry);
});

test("discovery is heard where code says nothing, from the next call on", () => {
  const rules = new MethodRules({}, 0);
  rules.configure({ retry: { maxAttempts: 7, budget: { minPerSecond: 0, share: 0 } } });
  expect(rules.of(PAY, true).retry.maxAttempts).toBe(7);
  expect(rules.budget.take(0)).toBe(false);
  expect(rules.inForce().retry).toMatchObject({ value: { maxAttempts: 7 }, from: "discovery" });
  rules.configure({});
  expect(rules.of(PAY, true).retry.maxAttempts).toBe(3);
  expect(rules.budget.take(0)).toBe(true);
  const coded = new MethodRules({ retry: { maxAttempts: 2 } }, 0);
  coded.configure({ retry: { maxAttempts: 7 } });
  expect(coded.of(PAY, true).retry.maxAttempts).toBe(2);
});

test("what is in force is told with all that was left out, and as data", () => {
  const { retry, methods } = new MethodRules({ retry: { maxAttempts: 2 }, methods: [[pay, { idempotent: true }]] }, 0).inForce();
  const value = {
    maxAttempts: 2,
    codes: ["unavailable"],
    backoff: { baseMs: 25, maxMs: 250, multiplier: 2 },
    budget: { share: 0.1, minPerSecond: 1 },
  };
  expect(retry).toEqual({ value, from: "code" });
  expect(methods).toEqual({ [PAY]: { value: { idempotent: true }, from: "code" } });
  expect(new MethodRules({ retry: false }, 0).inForce().retry).toEqual({ value: false, from: "code" });
});
