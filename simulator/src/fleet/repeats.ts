import { noRetry, RetryBudget, type RetryPolicy, retryPolicy } from "meshless/balancer";
import type { ClientGroup } from "../scenario.ts";

/** How the calls of a client are made again. */
export interface Repeats {
  readonly policy: RetryPolicy;
  /** Undefined: there may be any number. */
  readonly budget: RetryBudget | undefined;
}

/** What broke is made again once, answers are not. */
const onceMore = retryPolicy({ maxAttempts: 2, codes: [] }, "always");

/** Of one client: each has a budget of its own. */
export function repeatsOf({ idempotent = false, retry }: ClientGroup): Repeats {
  if (!idempotent) return { policy: noRetry, budget: undefined };
  if (retry === undefined) return { policy: onceMore, budget: undefined };
  const { budget = {}, ...policy } = retry;
  return { policy: retryPolicy(policy, "always"), budget: new RetryBudget(budget, 0) };
}
