import { BounceBudget } from "../bounce-budget.ts";
import { above, callable, either, optionsOf, share } from "../check-options.ts";
import { ConfigurationError, expected } from "../configuration-error.ts";
import type { LoadReport } from "../load-report.ts";
import type { LoadSampler } from "./load-sampler.ts";

/** When a server bounces calls: turns them away before their handlers, for their clients to make them elsewhere. */
export interface PushbackOptions {
  /**
   * So many calls in flight are enough, > 0: at this number, others are bounced. Or a function that says from the load whether it is too high: it
   * runs for every call that may be bounced, and bounces none if it throws. Default: `maxInFlight`.
   */
  readonly limit?: number | ((load: LoadReport) => boolean) | undefined;
  /**
   * Most of the calls that may be bounced, 0 to 1: of any n in a row, at most 10 + `maxShare` * n. Beyond it calls are taken, above the limit
   * too: if all servers bounce, it only costs. Default 0.5.
   */
  readonly maxShare?: number | undefined;
}

const limitForm = "a number above 0, or a function";

export const checkPushback = optionsOf<PushbackOptions>({
  limit: either(limitForm, callable<(load: LoadReport) => boolean>(), above(0)),
  maxShare: share,
});

/**
 * Decides which calls are bounced. The answer is to be asked of every call, with whether its client permits it.
 *
 * @throws ConfigurationError when there is no limit
 */
export function createPushback({ limit, maxShare = 0.5 }: PushbackOptions, sampler: LoadSampler): (mayBounce: boolean) => boolean {
  const isAboveLimit = limitOf(limit, sampler);
  const budget = new BounceBudget(maxShare);
  return (mayBounce) => {
    budget.onCall();
    if (!mayBounce || !budget.allows || !isAboveLimit()) return false;
    budget.onBounce();
    return true;
  };
}

function limitOf(limit: PushbackOptions["limit"], sampler: LoadSampler): () => boolean {
  if (typeof limit === "function") return () => saysTooMuch(limit, sampler);
  if (limit === undefined)
    throw new ConfigurationError(`${expected("createHealthReporter.pushback.limit", limitForm, limit)}; maxInFlight is its default`);
  return () => sampler.inFlight >= limit;
}

/** A limit that fails is none: no call fails for it. */
function saysTooMuch(limit: (load: LoadReport) => boolean, sampler: LoadSampler): boolean {
  try {
    return limit(sampler.report()) === true;
  } catch {
    return false;
  }
}
