import { assertOptions, atLeast } from "../../check-options.ts";
import { isBeyondChance, MAX_CHANCE_OF_CLIENT_ERRORS } from "../estimates/chance.ts";
import { SuccessRates } from "../estimates/success-rates.ts";
import type { MutableMember } from "../members/mutable-member.ts";
import type { OutcomeKind } from "../outcome.ts";
import type { Detector } from "./detector.ts";

/** Options of `consecutiveFailures`. */
export interface ConsecutiveFailuresOptions {
  /**
   * Failures and timeouts in a row that eject an endpoint, >= 1; more when the others fail too. Client errors likewise. Default 5. As Envoy's
   * `consecutive_5xx`.
   */
  readonly failures?: number | undefined;
}

/**
 * Accuses an endpoint after so many failures and timeouts without an answer between them, or so many client errors without a success. Quick where
 * an endpoint fails altogether, however little traffic it has; blind to one that fails every second call.
 *
 * A run has to be one that chance does not explain: at the share of failures that the other endpoints had meanwhile, or within ten seconds,
 * less likely than one in a million. Where 20 % of all calls fail, that takes 9 in a row, and where half of them do, 20: five in a row are
 * usual then, and half of the endpoints would be out for nothing. Where all calls fail, nobody is accused. Client errors are compared with those of
 * the others, and have to be less likely than one in a billion.
 *
 * An overload is neither a failure nor a success here, lest a rush of calls take out the endpoints that it meets.
 */
export function consecutiveFailures(options: ConsecutiveFailuresOptions = {}): Detector {
  const { failures = 5 } = assertOptions("consecutiveFailures", options, { failures: atLeast(1) });
  return () => {
    const failed = new Runs(failures, "failure");
    const blamed = new Runs(failures, "client error", MAX_CHANCE_OF_CLIENT_ERRORS);
    return {
      onOutcome({ slot, consecutiveFailures, consecutiveClientErrors }, { kind }, nowMs) {
        if (isFailure(kind)) return failed.onBad(slot, consecutiveFailures, nowMs);
        if (isAnswer(kind)) failed.onGood(slot, nowMs);
        if (kind === "success") blamed.onGood(slot, nowMs);
        return kind === "clientError" ? blamed.onBad(slot, consecutiveClientErrors, nowMs) : undefined;
      },
      forget({ slot }) {
        failed.forget(slot);
        blamed.forget(slot);
      },
    };
  };
}

/** What goes wrong several times in a row on one endpoint, and how often it does on the others. */
class Runs {
  readonly #least: number;
  readonly #name: string;
  readonly #maxChance: number | undefined;
  readonly #rates = new SuccessRates();
  #good = 0;
  #bad = 0;
  /** By slot: both sums before its current run. */
  readonly #goodBefore: number[] = [];
  readonly #badBefore: number[] = [];

  constructor(least: number, name: string, maxChance?: number) {
    this.#least = least;
    this.#name = name;
    this.#maxChance = maxChance;
  }

  onGood(slot: number, nowMs: number): void {
    this.#good += 1;
    this.#rates.add(slot, false, nowMs);
  }

  /** @param run how many in a row, this one included */
  onBad(slot: number, run: number, nowMs: number): string | undefined {
    // A detector that is new meets runs that began before it.
    if (run === 1 || this.#goodBefore[slot] === undefined) {
      this.#goodBefore[slot] = this.#good;
      this.#badBefore[slot] = this.#bad - (run - 1);
    }
    this.#bad += 1;
    this.#rates.add(slot, true, nowMs);
    if (run < this.#least) return undefined;
    const usual = Math.min(this.#othersMeanwhile(slot, run), this.#rates.rateOfOthers(slot, 1, nowMs));
    return isBeyondChance(0, usual, run, this.#maxChance) ? `${run} ${this.#name}${run === 1 ? "" : "s"} in a row` : undefined;
  }

  forget(slot: number): void {
    this.#rates.reset(slot);
  }

  /** The success rate of the others since the run began, 1 if nothing was heard of them. A sudden outage shows here first. */
  #othersMeanwhile(slot: number, run: number): number {
    const good = this.#good - (this.#goodBefore[slot] as number);
    const bad = this.#bad - (this.#badBefore[slot] as number) - run;
    return (good + 1) / (good + bad + 1);
  }
}

/** Keeps the member's counts, for this detector and for policies. */
export function countFailuresInARow(member: MutableMember, kind: OutcomeKind): void {
  if (isFailure(kind)) member.consecutiveFailures += 1;
  if (isAnswer(kind)) member.consecutiveFailures = 0;
  if (kind === "clientError") member.consecutiveClientErrors += 1;
  if (kind === "success") member.consecutiveClientErrors = 0;
}

function isFailure(kind: OutcomeKind): boolean {
  return kind === "failure" || kind === "timeout";
}

function isAnswer(kind: OutcomeKind): boolean {
  return kind === "success" || kind === "clientError";
}
