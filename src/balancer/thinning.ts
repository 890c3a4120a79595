import type { RandomSource } from "../random-source.ts";
import type { Member } from "./member.ts";
import type { SlowStart } from "./slow-start.ts";
import type { Warmth } from "./warmth.ts";

/** Multiples of it, without their whole parts, are spread most evenly. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * Slow start by thinning: a newcomer sits out a pick, as if it were not there, with a chance that shrinks as its share grows. A ramp by
 * weight or cost starves newcomers instead: the candidate that costs ten times as much never wins.
 *
 * It is decided once for a pick, however often the policy meets the member: one that it meets twice would have two chances.
 */
export class Thinning {
  readonly #slowStart: SlowStart;
  readonly #random: RandomSource;
  #nowMs = 0;
  #isOn = false;
  readonly #warmth: Warmth;
  #chance = 0;
  /** Of those that sat out, the one with least in flight. */
  spared: Member | undefined = undefined;

  /** @param warmth of those who may sit out */
  constructor(slowStart: SlowStart, warmth: Warmth, random: RandomSource) {
    this.#warmth = warmth;
    this.#slowStart = slowStart;
    this.#random = random;
  }

  /** For one pick; until {@link end}. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#isOn = true;
    this.#chance = this.#random();
    this.spared = undefined;
  }

  end(): void {
    this.#isOn = false;
  }

  sitsOut(member: Member): boolean {
    if (!this.#isOn) return false;
    const share = this.shareOf(member);
    // Where no member is due anything this is NaN, and nobody sits out.
    if (!(share < 1) || (this.#chance + member.slot * GOLDEN_RATIO) % 1 < share) return false;
    if (this.spared === undefined || member.inFlight < this.spared.inFlight) this.spared = member;
    return true;
  }

  /** In how many of the picks it is there: 1 or more for all of them. */
  shareOf(member: Member): number {
    return this.#slowStart.shareOf(member, this.#nowMs) * this.#warmth.scale;
  }
}
