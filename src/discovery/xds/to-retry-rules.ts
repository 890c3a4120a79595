import type { RetryPolicy } from "../../gen/envoy/config/route/v3/route_components_pb.ts";
import type { Problems } from "./problems.ts";
import { readDuration, readNumber } from "./proto-fields.ts";

/** When a call is to be made again (gRFC A44). */
export interface RetryRules {
  /** gRPC's names of status codes. */
  readonly codes: readonly RetriableCode[];
  /** The first one included. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  readonly perAttemptTimeoutMs: number | undefined;
}

const retriableCodes = ["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"] as const;
type RetriableCode = (typeof retriableCodes)[number];

const maxRetries = 100;
const defaultBaseMs = 25;

/** Undefined where nothing is to be repeated: conditions other than gRPC's codes are Envoy's alone. */
export function toRetryRules(policy: RetryPolicy | undefined, path: string, problems: Problems): RetryRules | undefined {
  if (policy === undefined) return undefined;
  const wanted = new Set(policy.retryOn.split(",").map((condition) => condition.trim().toLowerCase()));
  const codes = retriableCodes.filter((code) => wanted.has(code));
  const retries = readNumber(policy.numRetries ?? 1, [1, maxRetries], `${path}.num_retries`, problems) ?? 1;
  const backOff = policy.retryBackOff;
  const baseMs = readDuration(backOff?.baseInterval, `${path}.retry_back_off.base_interval`, problems) ?? defaultBaseMs;
  const maxMs = readDuration(backOff?.maxInterval, `${path}.retry_back_off.max_interval`, problems) ?? 10 * baseMs;
  const perAttemptTimeoutMs = readDuration(policy.perTryTimeout, `${path}.per_try_timeout`, problems);
  if (backOff !== undefined && baseMs === 0) problems.unexpected(`${path}.retry_back_off.base_interval`, "more than 0", baseMs);
  if (maxMs < baseMs) problems.add(`${path}.retry_back_off: max_interval is below base_interval`);
  return codes.length === 0 ? undefined : { codes, maxAttempts: retries + 1, baseMs, maxMs, perAttemptTimeoutMs };
}
