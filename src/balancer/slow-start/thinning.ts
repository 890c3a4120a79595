import type { RandomSource } from "../../random-source.ts";
import type { Member } from "../member.ts";
import type { SlowStart } from "./slow-start.ts";

/** Multiples of it, without their whole parts, are spread most evenly. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
/** Members looked at. A warm one that is missed would be one of few, and those who are new are needed then. */
const MAX_LOOKS = 16;
/** Of all shares, so many have to be there: then no warm endpoint has much more than one and a half times its even share because others sit out. */
const LEAST_MEAN_SHARE = 2 / 3;

/** The members that a call is aimed at, each at a place. */
export interface Aimed {
  readonly aimedAt: number;
  memberAt(place: number): Member;
}

/**
 * Slow start by thinning: a newcomer sits out a pick, as if it were not there, with a chance that shrinks as its share grows. A ramp by
 * weight or cost starves newcomers instead: the candidate that costs ten times as much never wins.
 *
 * It is decided once for a pick, however often the policy meets the member: one that it meets twice would have two chances. What is found stands in
 * fields, so that a pick leaves nothing behind.
 */
export class Thinning {
  readonly #slowStart: SlowStart;
  readonly #random: RandomSource;
  #nowMs = 0;
  #isOn = false;
  #chance = 0;
  /** The greatest share that is due to any of those looked at. */
  warmest = 0;
  /** What shares are to be multiplied by: the warmest have all of theirs, and the others ramp up so fast that these are not overrun. */
  #scale = 1;
  /** Of those that sat out, the one with least in flight. */
  spared: Member | undefined = undefined;

  constructor(slowStart: SlowStart, random: RandomSource) {
    this.#slowStart = slowStart;
    this.#random = random;
  }

  /** For one pick among these; until {@link end}. */
  begin(aimed: Aimed, nowMs: number): void {
    this.look(aimed, nowMs);
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
    const share = this.#slowStart.shareOf(member, this.#nowMs) * this.#scale;
    // Where no member is due anything this is NaN, and nobody sits out.
    if (!(share < 1) || (this.#chance + member.slot * GOLDEN_RATIO) % 1 < share) return false;
    if (this.spared === undefined || member.inFlight < this.spared.inFlight) this.spared = member;
    return true;
  }

  /** How they stand in their slow start: {@link warmest}. */
  look(aimed: Aimed, nowMs: number): void {
    const size = aimed.aimedAt;
    const stride = Math.ceil(size / MAX_LOOKS);
    let looks = 0;
    let sum = 0;
    let warmest = 0;
    let warmestLooks = 0;
    for (let place = 0; place < size; place += stride) {
      const share = this.#slowStart.shareOf(aimed.memberAt(place), nowMs);
      looks += 1;
      sum += share;
      if (share > warmest) warmestLooks = 0;
      if (share >= warmest) {
        warmest = share;
        warmestLooks += 1;
      }
    }
    const mean = sum / (looks * warmest);
    const full = warmestLooks / looks;
    const pace = full < mean && mean < LEAST_MEAN_SHARE ? (LEAST_MEAN_SHARE - full) / (mean - full) : 1;
    this.warmest = warmest;
    this.#scale = pace / warmest;
  }
}
