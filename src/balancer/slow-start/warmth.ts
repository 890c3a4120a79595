import type { Member } from "../member.ts";
import type { SlowStart } from "./slow-start.ts";

/** Members looked at. A warm one that is missed would be one of few, and those who are new are needed then. */
const MAX_LOOKS = 16;
/** Of all shares, so many have to be there: then no warm endpoint has much more than one and a half times its even share because others sit out. */
const LEAST_MEAN_SHARE = 2 / 3;

/** The members that a call is aimed at, each at a place. */
export interface Seats {
  readonly aimedAt: number;
  memberAt(place: number): Member;
}

/** How members stand in their slow start. What is found stands in fields, so that a pick leaves nothing behind. */
export class Warmth {
  readonly #slowStart: SlowStart;
  /** The greatest share that is due to any of them. */
  warmest = 0;
  /** What shares are to be multiplied by: the warmest have all of theirs, and the others ramp up so fast that these are not overrun. */
  scale = 1;

  constructor(slowStart: SlowStart) {
    this.#slowStart = slowStart;
  }

  look(seats: Seats, nowMs: number): void {
    const size = seats.aimedAt;
    const stride = Math.ceil(size / MAX_LOOKS);
    let looks = 0;
    let sum = 0;
    let warmest = 0;
    let warmestLooks = 0;
    for (let place = 0; place < size; place += stride) {
      const share = this.#slowStart.shareOf(seats.memberAt(place), nowMs);
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
    this.scale = pace / warmest;
  }
}
