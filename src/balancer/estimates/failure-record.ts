import { isBeyondChance } from "./chance.ts";
import type { SlotTable, SlotTables } from "./slot-table.ts";
import { SuccessRates } from "./success-rates.ts";

/** A run counts as more than chance below this probability; as rare as for an ejection, because each call is another chance. */
const CHANCE_OF_RUN = 1e-6;
const FIRST_RUN_MS = 10_000;
const MAX_RUN_MS = 300_000;

/** What bad answers of a kind are measured by. */
interface Kind {
  /** The success rate that counts as usual. */
  usual(rates: SuccessRates, slot: number, nowMs: number): number;
  /** A lower rate counts as more than chance below this probability: it is forgotten soon, and costs little if it was chance. */
  readonly chance: number;
}

export const failures: Kind = {
  usual: (rates, _, nowMs) => rates.median(nowMs),
  chance: 0.05,
};

/** They may be everyday on all members, so that one says nothing yet, nor any of them before the others have answered. */
export const clientErrors: Kind = {
  usual: (rates, slot, nowMs) => rates.rateOfOthers(slot, 0, nowMs),
  chance: 1e-3,
};

/** Which members fail, or say that the caller is wrong, where others do what they are asked. */
export class FailureRecord {
  readonly #kind: Kind;
  readonly #rates = new SuccessRates();
  readonly #latestAtMs: SlotTable;

  constructor(tables: SlotTables, kind: Kind) {
    this.#latestAtMs = tables.add(-Infinity);
    this.#kind = kind;
    tables.onGone((slot) => this.#rates.reset(slot));
  }

  add(slot: number, isBad: boolean, nowMs: number): void {
    this.#rates.add(slot, isBad, nowMs);
    if (isBad) this.#latestAtMs.set(slot, nowMs);
  }

  /** Whether it is what most members do for the most part. */
  isUsual(nowMs: number): boolean {
    return this.#rates.median(nowMs) < 0.5;
  }

  /**
   * The share of good ones, relative to what is usual, above 0 to 1.
   *
   * @param run how many bad ones in a row there were of late
   */
  success(slot: number, run: number, nowMs: number): number {
    return run > 0 || this.#rates.haveFailures ? this.#measure(slot, run, nowMs) : 1;
  }

  /** A run that chance does not explain is remembered for twice as long with each one more, because forgetting it costs another. */
  #measure(slot: number, run: number, nowMs: number): number {
    const usual = this.#kind.usual(this.#rates, slot, nowMs);
    const rate = this.#rates.rate(slot, nowMs);
    const isUnusual =
      rate < usual && isBeyondChance(this.#rates.raw(slot, nowMs), usual, this.#rates.requests(slot, nowMs), this.#kind.chance);
    const success = isUnusual ? rate / usual : 1;
    if (run === 0 || (1 - usual) ** run > CHANCE_OF_RUN) return success;
    const rememberedMs = Math.min(FIRST_RUN_MS * 2 ** (run - 1), MAX_RUN_MS);
    return nowMs - this.#latestAtMs.get(slot) > rememberedMs ? success : Math.min(success, 1 / (run + 1));
  }
}
