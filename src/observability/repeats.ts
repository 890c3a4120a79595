import type { Outcome } from "../balancer/outcome.ts";
import { isBounce } from "../balancer/retries/decide-retry.ts";
import type { AttemptStart } from "../transport/calls/call-observer.ts";

/** Why a call is attempted once more: one is under way and takes long, or one has failed, on which no server had acted, or one may have. */
export type Repeat = "hedge" | "bounce" | "transparent_retry" | "retry";

/** @param before what became of the attempt that ended last. @returns undefined for the first one */
export function repeatOf({ number, repeatReason }: AttemptStart, before: Outcome | undefined): Repeat | undefined {
  if (number === 1) return undefined;
  if (repeatReason === undefined || before === undefined) return "hedge";
  if (isBounce(before)) return "bounce";
  return before.processed === "no" ? "transparent_retry" : "retry";
}

/** What became of an attempt, in a word. */
export function outcomeWord(outcome: Outcome): Outcome["kind"] | "bounced" {
  return isBounce(outcome) ? "bounced" : outcome.kind;
}

/** Shorter waits before an attempt are those for this process, in ms: nothing was waited for. */
export const minWaitMs = 10;
