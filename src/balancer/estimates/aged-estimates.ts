import type { SlotTable, SlotTables } from "./slot-table.ts";

/** Weight of a new value in the mean over all members. */
const MEAN_GAIN = 0.02;
/** A claim counts in the mean as at most so many times the mean, and so many more. */
const MAX_CLAIM = 10;

/**
 * What is known of each member, and what is usual among them. Knowledge grows old: an estimate approaches the mean, as if nothing were known
 * of the member, and does so sooner if it was a good one. A stale low would otherwise draw everybody's calls to the same member.
 *
 * O(1), and nothing is allocated but when members come.
 */
export class AgedEstimates {
  #goodNewsMs: number;
  #badNewsMs: number;
  readonly #values: SlotTable;
  /** `-Infinity` where nothing is known. */
  readonly #atMs: SlotTable;
  /** Whether there was a value of anybody. */
  isKnown = false;
  /** Over the latest 50 values or so; 0 before the first. */
  mean = 0;
  /** What {@link age} found. A field, not a result: see {@link Appraisal}. */
  aged = 0;

  /**
   * @param tables what it keeps of each member is added to
   * @param goodNewsMs in this time, an estimate below the mean loses 63 % of its distance to it
   * @param badNewsMs the same for an estimate above the mean; longer, because who was bad is not forgiven for his silence
   */
  constructor(tables: SlotTables, goodNewsMs: number, badNewsMs: number) {
    this.#values = tables.add();
    this.#atMs = tables.add(-Infinity);
    this.#goodNewsMs = goodNewsMs;
    this.#badNewsMs = badNewsMs;
  }

  /** Lets news grow old sooner or later than until now. */
  setPace(goodNewsMs: number, badNewsMs: number): void {
    this.#goodNewsMs = goodNewsMs;
    this.#badNewsMs = badNewsMs;
  }

  /** @param gain weight of the value in the estimate of its member, above 0 to 1: 1 keeps the last value alone */
  note(slot: number, value: number, gain: number, nowMs: number): void {
    this.#count(value);
    const old = gain === 1 ? value : this.at(slot, nowMs);
    this.#set(slot, old + gain * (value - old), nowMs);
  }

  /**
   * Notes what a member claims of itself; low is in its favour. Others are measured by the mean, so a claim can't raise it by much.
   *
   * @param atLeast what the claim counts as in the mean if it is lower, for a member whose claims are doubted; else 0
   */
  noteClaim(slot: number, value: number, atLeast: number, nowMs: number): void {
    this.#count(this.isKnown ? Math.min(Math.max(value, atLeast), MAX_CLAIM * (this.mean + 1)) : value);
    this.#set(slot, value, nowMs);
  }

  /** Makes the estimate at least this, without a word about the others. */
  raise(slot: number, atLeast: number, nowMs: number): void {
    this.#set(slot, Math.max(this.at(slot, nowMs), atLeast), nowMs);
  }

  forget(slot: number): void {
    this.#atMs.set(slot, -Infinity);
  }

  knows(slot: number): boolean {
    return this.#atMs.get(slot) > -Infinity;
  }

  /** What the estimate was when it was last noted. Growing old, it does not go beyond that and the mean. */
  noted(slot: number): number {
    return this.#values.get(slot);
  }

  /** The estimate; the mean where nothing is known. */
  at(slot: number, nowMs: number): number {
    this.age(slot, nowMs);
    return this.aged;
  }

  /** The same, left in {@link aged}. */
  age(slot: number, nowMs: number): void {
    const value = this.#values.get(slot);
    const ageMs = nowMs - this.#atMs.get(slot);
    const above = value - this.mean;
    this.aged = ageMs <= 0 ? value : this.mean + above * Math.exp(-ageMs / (above < 0 ? this.#goodNewsMs : this.#badNewsMs));
  }

  #count(value: number): void {
    this.mean = this.isKnown ? this.mean + MEAN_GAIN * (value - this.mean) : value;
    this.isKnown = true;
  }

  #set(slot: number, value: number, nowMs: number): void {
    this.#values.set(slot, value);
    this.#atMs.set(slot, nowMs);
  }
}
