import { fullJitterMs } from "../../backoff.ts";
import { assertOptions } from "../../check-options.ts";
import type { RandomSource } from "../../random-source.ts";
import { type MethodRetryOptions, methodRetryChecks } from "../../retry-options.ts";
import { type StatusName, statusNumber } from "../../status-code.ts";

/** When a call is made again after a server may have acted on it. */
export interface RetryPolicy {
  /** How many attempts of a call a server may have acted on, the first included. */
  readonly maxAttempts: number;
  /** With which answers. */
  readonly codes: ReadonlySet<number>;
  /**
   * Whether it is made again where nothing tells whether the server acted, because the endpoint or its connection broke or hung: `always` for methods that
   * may be carried out twice; `byCode` if callers see one of the codes.
   */
  readonly whenBroken: "never" | "byCode" | "always";
  readonly baseMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** Until the first response message; `Infinity` without a limit. */
  readonly perAttemptTimeoutMs: number;
}

export const RETRY = {
  maxAttempts: 3,
  codes: ["unavailable"],
  backoff: { baseMs: 25, maxMs: 250, multiplier: 2 },
} as const satisfies MethodRetryOptions;

/** Of methods that nobody allowed to be carried out twice. */
export const noRetry: RetryPolicy = {
  maxAttempts: 1,
  codes: new Set(),
  whenBroken: "never",
  baseMs: 0,
  maxMs: 0,
  multiplier: 1,
  perAttemptTimeoutMs: Number.POSITIVE_INFINITY,
};

/** @throws ConfigurationError for options that can't be used */
export function retryPolicy(options: MethodRetryOptions, whenBroken: RetryPolicy["whenBroken"]): RetryPolicy {
  assertOptions("retryPolicy", options, methodRetryChecks);
  const { maxAttempts = RETRY.maxAttempts, codes = RETRY.codes, perAttemptTimeoutMs = Number.POSITIVE_INFINITY } = options;
  const {
    baseMs = RETRY.backoff.baseMs,
    maxMs = Math.max(baseMs, RETRY.backoff.maxMs),
    multiplier = RETRY.backoff.multiplier,
  } = options.backoff ?? {};
  return { maxAttempts, codes: numbersOf(codes), whenBroken, baseMs, maxMs, multiplier, perAttemptTimeoutMs };
}

function numbersOf(codes: readonly StatusName[]): ReadonlySet<number> {
  return new Set(codes.map(statusNumber));
}

/** How long to wait before the next attempt, after so many of them. */
export function retryDelayMs(policy: RetryPolicy, attempts: number, random: RandomSource): number {
  return fullJitterMs(attempts, policy, random);
}
