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
  const grown = options.baseMs * options.multiplier ** Math.max(0, failures - 1);
  const capped = Math.min(grown, options.maxMs);
  return capped * (1 + options.jitter * (2 * random() - 1));
}
