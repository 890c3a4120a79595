import type { Outcome } from "../balancer/outcome.ts";
import { isBounce } from "../balancer/retries/decide-retry.ts";

/** Why a call is attempted once more, by what became of the attempt before: no server had acted on it, or one may have. */
export type Repeat = "bounce" | "transparent_retry" | "retry";

export function repeatAfter(outcome: Outcome): Repeat {
  if (isBounce(outcome)) return "bounce";
  return outcome.processed === "no" ? "transparent_retry" : "retry";
}

/** What became of an attempt, in a word. */
export function outcomeWord(outcome: Outcome): Outcome["kind"] | "bounced" {
  return isBounce(outcome) ? "bounced" : outcome.kind;
}

/** Shorter waits before an attempt are those for this process, in ms: nothing was waited for. */
export const minWaitMs = 10;
