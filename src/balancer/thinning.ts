import type { RandomSource } from "../random-source.ts";
import type { Member } from "./member.ts";
import type { SlowStart } from "./slow-start.ts";

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
  /** 0 while nobody sits out. */
  #fullShare = 0;
  #chance = 0;

  constructor(slowStart: SlowStart, random: RandomSource) {
    this.#slowStart = slowStart;
    this.#random = random;
  }

  get isOn(): boolean {
    return this.#fullShare > 0;
  }

  /** @param fullShare what newcomers are measured by, 0 to 1. 0 lets nobody sit out. */
  begin(fullShare: number, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#fullShare = fullShare;
    if (fullShare > 0) this.#chance = this.#random();
  }

  end(): void {
    this.#fullShare = 0;
  }

  sitsOut(member: Member): boolean {
    if (this.#fullShare === 0) return false;
    const share = this.#slowStart.shareOf(member, this.#nowMs) / this.#fullShare;
    return share < 1 && (this.#chance + member.slot * GOLDEN_RATIO) % 1 >= share;
  }
}
