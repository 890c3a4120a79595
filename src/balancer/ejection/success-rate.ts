import { assertOptions, durationMs, number, share } from "../../check-options.ts";
import { isBeyondChance, MAX_CHANCE_OF_CLIENT_ERRORS } from "../estimates/chance.ts";
import { SuccessRates } from "../estimates/success-rates.ts";
import type { Detector } from "./detector.ts";
import { type Evidence, evidenceOf, evidenceOfAnswer } from "./evidence.ts";

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
  assertOptions("successRate", options, {
    atMost: share,
    belowMedianBy: share,
    minRequests: number({ from: 1 }),
    windowMs: durationMs({ above: 0 }),
  });
  return () => {
    const working = new Comparison(options, "calls");
    const obliging = new Comparison(options, "answers without client errors", MAX_CHANCE_OF_CLIENT_ERRORS);
    return {
      onOutcome({ slot }, outcome, nowMs) {
        const accusation = working.judge(slot, evidenceOf(outcome), nowMs);
        return obliging.judge(slot, evidenceOfAnswer(outcome), nowMs) ?? accusation;
      },
      forget({ slot }) {
        working.forget(slot);
        obliging.forget(slot);
      },
    };
  };
}

class Comparison {
  readonly #atMost: number;
  readonly #belowMedianBy: number;
  readonly #minRequests: number;
  readonly #rates: SuccessRates;
  readonly #name: string;
  readonly #maxChance: number | undefined;

  constructor(options: SuccessRateOptions, name: string, maxChance?: number) {
    const { atMost = 0.5, belowMedianBy = 0.3, minRequests = 10, windowMs = 10_000 } = options;
    this.#atMost = atMost;
    this.#belowMedianBy = belowMedianBy;
    this.#minRequests = minRequests;
    this.#rates = new SuccessRates({ windowMs, minRequests });
    this.#name = name;
    this.#maxChance = maxChance;
  }

  judge(slot: number, evidence: Evidence, nowMs: number): string | undefined {
    if (evidence === "none") return undefined;
    const rates = this.#rates;
    rates.add(slot, evidence === "bad", nowMs);
    const requests = rates.requests(slot, nowMs);
    if (evidence === "good" || requests < this.#minRequests) return undefined;
    const succeeded = rates.raw(slot, nowMs);
    const median = rates.median(nowMs);
    if (succeeded > this.#atMost || rates.rate(slot, nowMs) >= median - this.#belowMedianBy) return undefined;
    // The least that is known of the others: had one call more failed, this would be the usual rate.
    const othersRequests = this.#minRequests * (rates.judged(nowMs) - 1);
    const usual = Math.min(median, othersRequests / (othersRequests + 1));
    if (!isBeyondChance(succeeded, usual, requests, this.#maxChance)) return undefined;
    return `success rate ${succeeded.toFixed(2)} of ${requests} ${this.#name} (median ${median.toFixed(2)})`;
  }

  forget(slot: number): void {
    this.#rates.reset(slot);
  }
}
