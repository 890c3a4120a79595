import { expect, test } from "vitest";
import { checkServiceConfig, durationInMs, patternsOf, statusesOf } from "./grpc-service-config.ts";

const retryPolicy = {
  maxAttempts: 2,
  initialBackoff: "1s",
  maxBackoff: "10s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
};
const problemsOf = (config: unknown) => checkServiceConfig(config, "serviceConfig");
const problemsIn = (methodConfig: object) => problemsOf({ methodConfig: [{ name: [{ service: "s" }], ...methodConfig }] });

test("a config as gRPC has it is taken", () => {
  const methodConfig = [
    { name: [{}], waitForReady: true, timeout: "0.25s" },
    { name: [{ service: "s" }, { service: "s", method: "m" }], retryPolicy },
    { name: [{ service: "t", method: "" }], hedgingPolicy: { maxAttempts: 3, hedgingDelay: "0s", nonFatalStatusCodes: [14, "aborted"] } },
  ];
  expect(problemsOf({ methodConfig, retryThrottling: { maxTokens: 1_000, tokenRatio: 0.1 } })).toEqual([]);
  expect(problemsOf({})).toEqual([]);
});

// As grpc-js's tests of its service config reject them.
test.each<[string, object]>([
  ["maxAttempts", { maxAttempts: "1" }],
  ["maxAttempts", { maxAttempts: 1 }],
  ["maxAttempts", { maxAttempts: 2.5 }],
  ["initialBackoff", { initialBackoff: "abc" }],
  ["initialBackoff", { initialBackoff: undefined }],
  ["maxBackoff", { maxBackoff: 5 }],
  ["backoffMultiplier", { backoffMultiplier: 0 }],
  ["backoffMultiplier", { backoffMultiplier: "2" }],
  ["retryableStatusCodes", { retryableStatusCodes: [] }],
  ["retryableStatusCodes", { retryableStatusCodes: undefined }],
  ["retryableStatusCodes[0]", { retryableStatusCodes: ["not a code"] }],
  ["retryableStatusCodes[1]", { retryableStatusCodes: [14, 17] }],
])("a retry policy with a wrong %s is refused", (field, wrong) => {
  expect(problemsIn({ retryPolicy: { ...retryPolicy, ...wrong } })).toEqual([
    expect.stringMatching(`^serviceConfig\\.methodConfig\\[0\\]\\.retryPolicy\\.${field.replace(/[[\]]/g, "\\$&")}: expected `),
  ]);
});

test.each<[string, object]>([
  ["maxAttempts", { maxAttempts: 1 }],
  ["maxAttempts", {}],
  ["hedgingDelay", { maxAttempts: 2, hedgingDelay: 1 }],
  ["nonFatalStatusCodes[0]", { maxAttempts: 2, nonFatalStatusCodes: ["not a code"] }],
])("a hedging policy with a wrong %s is refused", (field, hedgingPolicy) => {
  expect(problemsIn({ hedgingPolicy })).toEqual([expect.stringContaining(`.hedgingPolicy.${field}: expected `)]);
});

test("throttling needs tokens up to 1000, and a ratio", () => {
  const wrong = [{ maxTokens: 0, tokenRatio: 1 }, { maxTokens: 1_001, tokenRatio: 1 }, { maxTokens: 10, tokenRatio: 0 }, { maxTokens: 10 }];
  for (const retryThrottling of wrong) expect(problemsOf({ retryThrottling })).toHaveLength(1);
});

test("a method is of a service, and has one config, in which retries and hedging exclude each other", () => {
  const methodConfig = [{ name: [{ method: "m" }] }];
  expect(problemsOf({ methodConfig })).toEqual(["serviceConfig.methodConfig[0].name: m is of no service"]);
  const twice = { methodConfig: [{ name: [{}] }, { name: [{ service: "" }] }] };
  expect(problemsOf(twice)).toEqual(["serviceConfig.methodConfig[1].name: the default is named already"]);
  expect(problemsIn({ retryPolicy, hedgingPolicy: { maxAttempts: 2 } })).toEqual([
    "serviceConfig.methodConfig[0]: a retryPolicy and a hedgingPolicy exclude each other; leave one out",
  ]);
});

test("what is not read is refused rather than left out", () => {
  expect(problemsOf({ loadBalancingConfig: [{ round_robin: {} }] })).toEqual([
    expect.stringMatching(/^serviceConfig\.loadBalancingConfig: expected nothing: endpoints are chosen by the option policy/),
  ]);
  expect(problemsIn({ maxRequestMessageBytes: 5 })).toEqual([expect.stringContaining("maxRequestMessageBytes: unknown")]);
});

test("durations, statuses and names are read as gRPC writes them", () => {
  expect(["1s", "0.001s", ".01s"].map(durationInMs)).toEqual([1_000, 1, 10]);
  expect(statusesOf(["UNAVAILABLE", "Cancelled", 4])).toEqual(["unavailable", "canceled", "deadline_exceeded"]);
  expect(patternsOf({ name: [{ service: "a.B", method: "C" }, { service: "a.B" }, {}] })).toEqual(["a.B/C", "a.B/", ""]);
});
