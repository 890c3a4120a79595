import { SuccessRates } from "../estimates/success-rates.ts";
import type { Member } from "../member.ts";
import type { MutableMember } from "../mutable-member.ts";
import type { Outcome, OutcomeKind } from "../outcome.ts";
import { isBeyondChance } from "./chance.ts";
import type { Accuser, Detector } from "./detector.ts";

export interface ConsecutiveFailuresOptions {
  /** Failures and timeouts in a row that eject an endpoint, >= 1; more when the others fail too. Default 5. As Envoy's `consecutive_5xx`. */
  readonly failures?: number | undefined;
}

/**
 * Accuses an endpoint after so many failures and timeouts without a success between them. Quick where an endpoint fails altogether, however
 * little traffic it has; blind to one that fails every second call.
 *
 * A run has to be one that chance does not explain: at the share of failures that the other endpoints had meanwhile, or within ten seconds,
 * less likely than one in a million. Where 20 % of all calls fail, that takes 9 in a row, and where half of them do, 20: five in a row are
 * usual then, and half of the endpoints would be out for nothing. Where all calls fail, nobody is accused.
 *
 * An overload is neither a failure nor a success here, lest a rush of calls take out the endpoints that it meets.
 */
export function consecutiveFailures(options: ConsecutiveFailuresOptions = {}): Detector {
  const { failures = 5 } = options;
  return () => new FailureRuns(failures);
}

class FailureRuns implements Accuser {
  readonly #failures: number;
  readonly #rates = new SuccessRates();
  #good = 0;
  #bad = 0;
  /** By slot: both sums before its current run. */
  readonly #goodBefore: number[] = [];
  readonly #badBefore: number[] = [];

  constructor(failures: number) {
    this.#failures = failures;
  }

  onOutcome({ slot, consecutiveFailures: run }: Member, { kind }: Outcome, nowMs: number): string | undefined {
    if (kind === "success") {
      this.#good += 1;
      this.#rates.add(slot, false, nowMs);
    }
    if (!isFailure(kind)) return undefined;
    if (run === 1) this.#beginRun(slot);
    this.#bad += 1;
    this.#rates.add(slot, true, nowMs);
    if (run < this.#failures) return undefined;
    const usual = Math.min(this.#othersMeanwhile(slot, run), this.#rates.rateOfOthers(slot, nowMs));
    return isBeyondChance(0, usual, run) ? `${run} ${run === 1 ? "failure" : "failures"} in a row` : undefined;
  }

  forget({ slot }: Member): void {
    this.#rates.reset(slot);
  }

  #beginRun(slot: number): void {
    this.#goodBefore[slot] = this.#good;
    this.#badBefore[slot] = this.#bad;
  }

  /** The success rate of the others since the run began, 1 if nothing was heard of them. A sudden outage shows here first. */
  #othersMeanwhile(slot: number, run: number): number {
    const good = this.#good - (this.#goodBefore[slot] as number);
    const bad = this.#bad - (this.#badBefore[slot] as number) - run;
    return (good + 1) / (good + bad + 1);
  }
}

/** Keeps the member's count, for this detector and for policies. */
export function countFailuresInARow(member: MutableMember, kind: OutcomeKind): void {
  if (isFailure(kind)) member.consecutiveFailures += 1;
  if (kind === "success") member.consecutiveFailures = 0;
}

function isFailure(kind: OutcomeKind): boolean {
  return kind === "failure" || kind === "timeout";
}
