import type { RandomSource } from "./random-source.ts";

/** Exponential backoff with jitter, in the shape of gRPC's connection backoff. */
export interface BackoffOptions {
  /** Delay before the second try, in ms. */
  readonly baseMs: number;
  /** Upper bound of the delay before jitter, in ms. */
  readonly maxMs: number;
  /** Growth from one try to the next, >= 1. */
  readonly multiplier: number;
  /** The delay is spread evenly over ±`jitter` of itself, 0 to 1. */
  readonly jitter: number;
}

/**
 * The delay in ms after `failures` failed tries in a row (at least 1).
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
 */
export function backoffMs(failures: number, options: BackoffOptions, random: RandomSource): number {
  return growingMs(failures, options) * (1 + options.jitter * (2 * random() - 1));
}

/** The same with full jitter: spread evenly from 0 to the bound, so that callers that failed together don't come back together. */
export function fullJitterMs(failures: number, options: Omit<BackoffOptions, "jitter">, random: RandomSource): number {
  return growingMs(failures, options) * random();
}

function growingMs(failures: number, { baseMs, maxMs, multiplier }: Omit<BackoffOptions, "jitter">): number {
  return Math.min(baseMs * multiplier ** Math.max(0, failures - 1), maxMs);
}
