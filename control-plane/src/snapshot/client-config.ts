import type { JsonObject } from "@bufbuild/protobuf";
import type { CircuitBreaker, EjectionRules, RetryRules, Service } from "../service.ts";

/**
 * How a service is called, as our own clients have it (`ServiceConfig` of the SDK). They ask for endpoints alone, and are told it along with these; it means
 * what the cluster and the routes say to everybody else. Undefined where it is left to clients.
 */
export function clientConfig({ policy, ejection, slowStart, circuitBreaker, retry, affinity }: Service): JsonObject | undefined {
  const retries = { ...(circuitBreaker && budgetOf(circuitBreaker)), ...(retry && retriesOf(retry)) };
  const config = {
    ...(policy && { policy: named(policy) }),
    ...(ejection && { ejection: ejectionOf(ejection) }),
    ...(slowStart && { slowStart: { ...slowStart } }),
    ...(circuitBreaker?.maxRequests !== undefined && { limits: { maxCalls: circuitBreaker.maxRequests, maxPending: 0 } }),
    ...(Object.keys(retries).length > 0 && { retry: retries }),
    ...(affinity && { affinity }),
  };
  return Object.keys(config).length === 0 ? undefined : (JSON.parse(JSON.stringify(config)) as JsonObject);
}

/** What clients bear. */
const mostAttempts = 10;
const mostPerSecond = 1_000;
/** Other conditions are Envoy's alone. */
const codes: Readonly<Record<string, string>> = {
  cancelled: "canceled",
  "deadline-exceeded": "deadline_exceeded",
  internal: "internal",
  "resource-exhausted": "resource_exhausted",
  unavailable: "unavailable",
};

function named({ name, ...parameters }: NonNullable<Service["policy"]>) {
  return Object.keys(parameters).length === 0 ? { name } : { name, parameters };
}

/** What is not asked for is off, as for everybody. Undefined for failures in a row alone, for which our clients eject by themselves. */
function ejectionOf({ consecutiveFailures: _, ...rules }: EjectionRules) {
  const { successRateEjection, failurePercentageEjection } = rules;
  if (successRateEjection === undefined && failurePercentageEjection === undefined) return undefined;
  const always = { enforcementPercentage: 100 };
  const parameters = {
    ...rules,
    successRateEjection: successRateEjection !== undefined && { ...always, ...successRateEjection },
    failurePercentageEjection: failurePercentageEjection !== undefined && { ...always, ...failurePercentageEjection },
  };
  return { name: "outlierDetection", parameters };
}

/** Envoy counts repeats under way, where our clients count those of ten seconds: so many at once become so many a second. */
function budgetOf({ retryBudgetPercent, minRetries }: CircuitBreaker) {
  if (retryBudgetPercent === undefined && minRetries === undefined) return {};
  const share = retryBudgetPercent === undefined ? undefined : retryBudgetPercent / 100;
  return { budget: { share, minPerSecond: minRetries === undefined ? undefined : Math.min(minRetries, mostPerSecond) } };
}

function retriesOf({ on, maxRetries, perTryTimeoutMs, backoffMs, maxBackoffMs }: RetryRules) {
  const known = Object.keys(codes).filter((condition) => on.includes(condition));
  if (known.length === 0) return {};
  const backoff = { baseMs: backoffMs, maxMs: maxBackoffMs };
  const maxAttempts = Math.min(mostAttempts, maxRetries + 1);
  return { codes: known.map((condition) => codes[condition]), maxAttempts, backoff, perAttemptTimeoutMs: perTryTimeoutMs };
}
