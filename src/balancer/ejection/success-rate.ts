import { assertOptions, atLeast, share, someMs } from "../../check-options.ts";
import { isBeyondChance, MAX_CHANCE_OF_CLIENT_ERRORS } from "../estimates/chance.ts";
import { SuccessRates } from "../estimates/success-rates.ts";
import type { Detector } from "./detector.ts";
import { type Evidence, evidenceOf, evidenceOfAnswer } from "./evidence.ts";

/** Options of `successRate`. */
export interface SuccessRateOptions {
  /** Share of calls that succeeded, 0 to 1: an endpoint with more is not suspect. Default 0.5. */
  readonly atMost?: number | undefined;
  /** How far its rate must be below the median of all endpoints, 0 to 1. Default 0.3. */
  readonly belowMedianBy?: number | undefined;
  /** Calls within the window without which an endpoint is neither accused nor counts in the median, >= 1. Default 10. */
  readonly minRequests?: number | undefined;
  /** How far back calls count, in ms. Default 10 000. */
  readonly windowMs?: number | undefined;
}

/**
 * Accuses an endpoint that fails half of its calls or more while most endpoints do clearly better. Finds one that fails every second call,
 * which {@link consecutiveFailures} does not; wants traffic, ten calls in ten seconds, on two endpoints at least. When all of them fail,
 * nobody stands out and nobody is accused. The same for client errors, by their share of the answers.
 *
 * The median is the upper one where two are in the middle: of two endpoints, the better one is the measure.
 */
export function successRate(options: SuccessRateOptions = {}): Detector {
  assertOptions("successRate", options, { atMost: share, belowMedianBy: share, minRequests: atLeast(1), windowMs: someMs });
  return () => {
    const working = comparison(options, "calls");
    const obliging = comparison(options, "answers without client errors", MAX_CHANCE_OF_CLIENT_ERRORS);
    return {
      onOutcome({ slot }, outcome, nowMs) {
        const accusation = working.judge(slot, evidenceOf(outcome), nowMs);
        return obliging.judge(slot, evidenceOfAnswer(outcome), nowMs) ?? accusation;
      },
      forget({ slot }) {
        working.rates.reset(slot);
        obliging.rates.reset(slot);
      },
    };
  };
}

function comparison(options: SuccessRateOptions, name: string, maxChance?: number) {
  const { atMost = 0.5, belowMedianBy = 0.3, minRequests = 10, windowMs = 10_000 } = options;
  const rates = new SuccessRates(windowMs, minRequests);
  const judge = (slot: number, evidence: Evidence, nowMs: number) => {
    if (evidence === "none") return undefined;
    rates.add(slot, evidence === "bad", nowMs);
    const requests = rates.requests(slot, nowMs);
    if (evidence === "good" || requests < minRequests) return undefined;
    const succeeded = rates.raw(slot, nowMs);
    const median = rates.median(nowMs);
    if (succeeded > atMost || rates.rate(slot, nowMs) >= median - belowMedianBy) return undefined;
    // The least that is known of the others: had one call more failed, this would be the usual rate.
    const othersRequests = minRequests * (rates.judged(nowMs) - 1);
    const usual = Math.min(median, othersRequests / (othersRequests + 1));
    if (!isBeyondChance(succeeded, usual, requests, maxChance)) return undefined;
    return `success rate ${succeeded.toFixed(2)} of ${requests} ${name} (median ${median.toFixed(2)})`;
  };
  return { rates, judge };
}
