import { above, durationMs, list, number, type OptionChecks, optionsOf, orFalse, share, someMs, whole } from "./check-options.ts";
import { checkStatus, type StatusName } from "./status-code.ts";

/** How a call is made again after a server may have acted on it. */
export interface MethodRetryOptions {
  /**
   * How many attempts of a call a server may have acted on, the first included; 1 to 10. Default 3. Attempts that certainly reached no server don't
   * count: they are made again in any case.
   */
  readonly maxAttempts?: number | undefined;
  /** With which answers it is made again, by the names of their codes. Default `["unavailable"]`. */
  readonly codes?: readonly StatusName[] | undefined;
  /** How long to wait after such an answer. Default: up to 25 ms, then up to 50, 100, ... and at most 250. */
  readonly backoff?: RetryBackoff | undefined;
  /** How long one attempt may take until its first response message, in ms, above 0; then it is made elsewhere. Default: as long as the call. */
  readonly perAttemptTimeoutMs?: number | undefined;
}

/** Waits between attempts are drawn evenly from 0 to a bound, which grows ("full jitter"). */
export interface RetryBackoff {
  /** The bound for the first wait, in ms. Default 25. */
  readonly baseMs?: number | undefined;
  /** The largest bound, in ms. Default 250, and at least `baseMs`. */
  readonly maxMs?: number | undefined;
  /** How much the bound grows from one wait to the next, above 0. Default 2. */
  readonly multiplier?: number | undefined;
}

/** As {@link MethodRetryOptions}, for all methods that may be carried out twice, and how much of it there may be in all. */
export interface RetryOptions extends MethodRetryOptions {
  readonly budget?: RetryBudgetOptions | undefined;
}

/** How many repeats a target may see: in any ten seconds, this share of the calls and so many a second. Hedges count as well. */
export interface RetryBudgetOptions {
  /** Of the calls, 0 to 1. Default 0.1. */
  readonly share?: number | undefined;
  /** For clients that make few calls: so many a second beside the share, 0 to 1000. Default 1. */
  readonly minPerSecond?: number | undefined;
}

/** What a target's budget for repeats counts. */
export interface RetryBudgetSnapshot {
  /** Calls and repeats of the last ten seconds. */
  readonly calls: number;
  readonly repeats: number;
  /** How many repeats there may be in ten seconds, by the calls of the last ten. */
  readonly allowed: number;
  /** How many repeats it has refused, ever. */
  readonly refused: number;
}

export const methodRetryChecks: OptionChecks<MethodRetryOptions> = {
  maxAttempts: whole(1, 10),
  codes: list("a list of codes", checkStatus),
  backoff: optionsOf<RetryBackoff>({ baseMs: durationMs, maxMs: durationMs, multiplier: above(0) }),
  perAttemptTimeoutMs: someMs,
};

export const checkMethodRetry = orFalse(optionsOf<MethodRetryOptions>(methodRetryChecks));

export const checkRetry = orFalse(
  optionsOf<RetryOptions>({
    ...methodRetryChecks,
    budget: optionsOf<RetryBudgetOptions>({ share, minPerSecond: number({ from: 0, to: 1_000 }) }),
  }),
);
