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

const never = { maxAttempts: 4, initialBackoff: "0s", maxBackoff: "0s", backoffMultiplier: 1, retryableStatusCodes: ["ABORTED"] };
const named = (name: object, retryPolicy = never) => ({ name: [name], retryPolicy });

// The order of grpc-go's GetMethodConfig: the method, its service, the default.
test("in gRPC's words, a method has what its most exact name says, whether or not it may be carried out twice", () => {
  const attempts = (...names: object[]) => {
    const methodConfig = names.map((name, place) => named(name, { ...never, maxAttempts: place + 2 }));
    return retryOf({ serviceConfig: { methodConfig } }, false).maxAttempts;
  };
  const [all, service, method] = [{}, { service: "shop.Checkout" }, { service: "shop.Checkout", method: "Pay" }];
  expect([attempts(all), attempts(all, service), attempts(all, service, method), attempts(method, all)]).toEqual([2, 3, 4, 2]);
  expect(attempts({ service: "shop.Cart" }, { service: "shop.Checkout", method: "Refund" })).toBe(1);
  const policy = retryOf({ serviceConfig: { methodConfig: [named(all, { ...never, maxAttempts: 9 })] } }, false);
  expect(policy).toMatchObject({ maxAttempts: 5, codes: new Set([10]), whenBroken: "byCode" });
});

test("options of code outrank gRPC's words, and these what discovery says; a budget alone outranks only a budget", () => {
  const serviceConfig = { methodConfig: [named({})] };
  const budget = { share: 0.5 };
  expect(retryOf({ serviceConfig, retry: { maxAttempts: 2 } }, true).maxAttempts).toBe(2);
  expect(retryOf({ serviceConfig, retry: { budget } }, true).maxAttempts).toBe(4);
  expect(retryOf({ serviceConfig, retry: false }, false)).toBe(noRetry);
  expect(retryOf({ serviceConfig }, false, { retry: { maxAttempts: 3 } }).maxAttempts).toBe(3);
  const rules = new MethodRules({ serviceConfig }, 0);
  rules.configure({ retry: { maxAttempts: 7 } });
  expect(rules.of(PAY, true).retry.maxAttempts).toBe(4);
  const withBudget = new MethodRules({ retry: { budget } }, 0);
  withBudget.configure({ retry: { maxAttempts: 7 } });
  expect(withBudget.of(PAY, true).retry.maxAttempts).toBe(7);
});

test("hedging is by method alone; deadlines and waiting are taken over from gRPC's words", () => {
  const methodConfig = [
    { name: [{}], timeout: "1.5s", waitForReady: true, hedgingPolicy: { maxAttempts: 9, nonFatalStatusCodes: ["INTERNAL"] } },
  ];
  const { hedging, ...rules } = new MethodRules({ serviceConfig: { methodConfig } }, 0).of(PAY, false);
  expect(rules).toMatchObject({ maxTimeoutMs: 1_500, waitForReady: true });
  expect([hedging?.maxAttempts, hedging?.delayMs(), hedging?.codes]).toEqual([5, 0, new Set([13])]);
  const own = new MethodRules({ methods: [[pay, { hedging: true, timeoutMs: 7, waitForReady: false }]], waitForReady: true }, 0);
  expect(own.of(PAY, false)).toMatchObject({ timeoutMs: 7, waitForReady: false, hedging: { maxAttempts: 2, codes: new Set([14]) } });
  expect(own.of("shop.Checkout/Refund", false)).toMatchObject({ timeoutMs: undefined, waitForReady: true, hedging: undefined });
});

test("what was learned of how long calls take outlives a change of the configuration", () => {
  const rules = new MethodRules({ methods: [[pay, { hedging: true }]] }, 0);
  for (let call = 0; call < 100; call++) rules.of(PAY, false).hedging?.onAnswered(20);
  rules.configure({ retry: false });
  expect(rules.of(PAY, false).hedging?.delayMs()).toBe(21);
});
