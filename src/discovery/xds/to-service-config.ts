import { givenOf } from "../../check-options.ts";
import type { RetryBudgetOptions } from "../../retry-options.ts";
import type { Named, ServiceConfig } from "../../service-config.ts";
import type { StatusName } from "../../status-code.ts";
import type { XdsCluster } from "./to-cluster.ts";
import type { XdsPolicy } from "./to-policy.ts";
import type { RetryRules } from "./to-retry-rules.ts";

/** How a cluster is called, in our names. */
export function toServiceConfig({
  policy,
  outlierDetection,
  panicThreshold,
  maxRequests,
  retryBudget,
}: Omit<XdsCluster, "kind" | "name" | "source" | "transportSocket">): ServiceConfig {
  return {
    policy: namedPolicy(policy),
    ...(outlierDetection && ejectionOf(outlierDetection)),
    ...(panicThreshold !== undefined && { panicThreshold }),
    // As Envoy does, and gRPC (A32): what goes beyond it fails.
    ...(maxRequests !== undefined && { limits: { maxCalls: Math.max(1, maxRequests), maxPending: 0 } }),
    ...(retryBudget && { retry: { budget: budgetOf(retryBudget) } }),
  };
}

const mostPerSecond = 1_000;

/** Envoy counts repeats under way, where we count those of ten seconds: so many at once become so many a second. */
function budgetOf({ share, minConcurrency }: NonNullable<XdsCluster["retryBudget"]>): RetryBudgetOptions {
  return givenOf({ share, minPerSecond: minConcurrency === undefined ? undefined : Math.min(minConcurrency, mostPerSecond) });
}

const mostAttempts = 10;

/** The same, for calls by a route that says when they are made again. */
export function withRetryRules(config: ServiceConfig, rules: RetryRules | undefined): ServiceConfig {
  if (rules === undefined) return config;
  const { codes, maxAttempts, baseMs, maxMs, perAttemptTimeoutMs } = rules;
  const own = {
    codes: codes.map((code) => statusNames[code]),
    maxAttempts: Math.min(maxAttempts, mostAttempts),
    backoff: { baseMs, maxMs },
    ...(perAttemptTimeoutMs !== undefined && perAttemptTimeoutMs > 0 && { perAttemptTimeoutMs }),
  };
  return { ...config, retry: { ...config.retry, ...own } };
}

const statusNames: Readonly<Record<RetryRules["codes"][number], StatusName>> = {
  cancelled: "canceled",
  "deadline-exceeded": "deadline_exceeded",
  internal: "internal",
  "resource-exhausted": "resource_exhausted",
  unavailable: "unavailable",
};

function namedPolicy(policy: XdsPolicy): Named {
  switch (policy.name) {
    case "round_robin":
      return { name: "roundRobin" };
    case "random":
      return { name: "random" };
    case "least_request":
      return { name: "powerOfTwo", parameters: givenOf({ choices: policy.choices }) };
    case "ring_hash": {
      const { minRingSize, maxRingSize, boundedLoad } = policy;
      return { name: "ringHash", parameters: givenOf({ minRingSize, maxRingSize, boundedLoad }) };
    }
    case "maglev":
      return { name: "maglev", parameters: givenOf({ tableSize: policy.tableSize, boundedLoad: policy.boundedLoad }) };
    case "weighted_round_robin": {
      const { blackoutMs, expirationMs, updateMs, errorPenalty: errorUtilizationPenalty } = policy;
      return { name: "weightedRoundRobin", parameters: givenOf({ blackoutMs, expirationMs, updateMs, errorUtilizationPenalty }) };
    }
  }
}

/** Failures in a row are Envoy's alone, and what our clients eject for by themselves. The two other ways to eject are those of gRPC. */
function ejectionOf({ consecutiveFailures, ...settings }: NonNullable<XdsCluster["outlierDetection"]>): Pick<ServiceConfig, "ejection"> {
  const { successRateEjection, failurePercentageEjection } = settings;
  const isNone = successRateEjection === false && failurePercentageEjection === false;
  if (isNone) return consecutiveFailures === undefined ? { ejection: false } : {};
  return { ejection: { name: "outlierDetection", parameters: givenOf(settings) } };
}
