import type { RandomSource } from "../random-source.ts";
import { randomIndex } from "../random-source.ts";
import type { Candidates } from "./candidates.ts";
import { callLoadCost } from "./load.ts";
import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";
import type { Picker, Policy } from "./policy.ts";
import { type Rung, Rungs } from "./rungs.ts";
import type { SlowStart } from "./slow-start.ts";
import type { Hold, Tier } from "./standing.ts";
import { Thinning } from "./thinning.ts";

/** Draws before a scan: with half of the members acceptable, a scan is needed once in 256 draws. */
const MAX_DRAWS = 8;
/** Members looked at for the warmest of them. One that is missed would be one of few, and those who are new are needed then. */
const MAX_LOOKS = 16;
const NOBODY = new Rungs();

export interface GroupEnv {
  readonly random: RandomSource;
  readonly policy: Policy;
  readonly slowStart: SlowStart;
}

/**
 * The members of one priority, in the client's own zone or in all others, with a picker of their own. A call is aimed at those of one
 * rung; the picker then draws from them.
 */
export class Group implements Candidates {
  readonly #env: GroupEnv;
  readonly #thinning: Thinning;
  readonly #everybody = new Rungs();
  readonly #shards = new Map<string, Rungs>();
  #picker: Picker | undefined;
  #free = NOBODY.free.open;
  #held = NOBODY.held.open;

  constructor(env: GroupEnv) {
    this.#env = env;
    this.#thinning = new Thinning(env.slowStart, env.random);
  }

  get size(): number {
    return this.#everybody.known;
  }

  /** Made when it is first needed: a group that only answers questions has none. */
  get picker(): Picker {
    this.#picker ??= this.#env.policy({ random: this.#env.random, candidates: this });
    return this.#picker;
  }

  /** The members that calls of one shard are for, or of any. */
  rungs(shard: string | undefined): Rungs {
    return shard === undefined ? this.#everybody : (this.#shards.get(shard) ?? NOBODY);
  }

  add(member: Member, shard: string | undefined, tier: Tier, hold: Hold): void {
    this.#everybody.add(member, tier, hold);
    if (shard === undefined) return;
    const rungs = this.#shards.get(shard) ?? new Rungs();
    this.#shards.set(shard, rungs);
    rungs.add(member, tier, hold);
  }

  delete(member: Member, shard: string | undefined, tier: Tier, hold: Hold): void {
    this.#everybody.delete(member, tier, hold);
    const rungs = shard === undefined ? undefined : this.#shards.get(shard);
    if (shard === undefined || rungs === undefined) return;
    rungs.delete(member, tier, hold);
    if (rungs.known === 0) this.#shards.delete(shard);
  }

  /** Lets the call draw from those of one rung. False if it avoids all of them, or there are none. */
  aim({ shard, avoid }: PickContext, rung: Rung, withHeld: boolean): boolean {
    const { free, held } = this.rungs(shard);
    this.#free = free[rung];
    this.#held = withHeld ? held[rung] : NOBODY.held[rung];
    const size = this.#size;
    if (avoid === undefined || size > avoid.size) return size > 0;
    for (let place = 0; place < size; place += 1) {
      if (!avoid.has(this.#memberAt(place).endpoint.id)) return true;
    }
    return false;
  }

  /** The greatest share that slow start leaves to any of those that the call is aimed at. */
  warmestShare(nowMs: number): number {
    const size = this.#size;
    const stride = Math.ceil(size / MAX_LOOKS);
    let share = 0;
    for (let place = 0; place < size && share < 1; place += stride) {
      share = Math.max(share, this.#env.slowStart.shareOf(this.#memberAt(place), nowMs));
    }
    return share;
  }

  /** Newcomers are measured by the warmest: where all are new, there is nobody to take their calls, and nobody sits out. */
  pick(context: PickContext, nowMs: number): Member | undefined {
    const thinning = this.#thinning;
    thinning.begin(this.#env.slowStart.isOn(nowMs) ? this.warmestShare(nowMs) : 0, nowMs);
    const member = this.picker.pick(context, nowMs);
    if (member !== undefined || !thinning.isOn) return member;
    // All that were met sat out; a newcomer is better than nobody.
    thinning.end();
    return this.picker.pick(context, nowMs);
  }

  cost(context: PickContext, member: Member, nowMs: number): number {
    return this.picker.cost === undefined ? callLoadCost(context, member) : this.picker.cost(context, member, nowMs);
  }

  places(_context: PickContext): number {
    return this.#size;
  }

  at(context: PickContext, place: number): Member | undefined {
    const member = place < this.#free.size ? this.#free.at(place) : this.#held.at(place - this.#free.size);
    return member === undefined || isAvoided(context, member) || this.#thinning.sitsOut(member) ? undefined : member;
  }

  sample(context: PickContext): Member | undefined {
    return this.#draw(context, undefined);
  }

  sampleOther(context: PickContext, other: Member): Member | undefined {
    return this.#draw(context, other);
  }

  admits(context: PickContext, member: Member): boolean {
    return (this.#free.has(member) || this.#held.has(member)) && !isAvoided(context, member) && !this.#thinning.sitsOut(member);
  }

  get #size(): number {
    return this.#free.size + this.#held.size;
  }

  #memberAt(place: number): Member {
    return (place < this.#free.size ? this.#free.at(place) : this.#held.at(place - this.#free.size)) as Member;
  }

  #draw(context: PickContext, other: Member | undefined): Member | undefined {
    const size = this.#size;
    if (size === 0) return undefined;
    let metNewcomer = false;
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const member = this.#memberAt(randomIndex(this.#env.random, size));
      if (member === other || isAvoided(context, member)) continue;
      if (!this.#thinning.sitsOut(member)) return member;
      metNewcomer = true;
    }
    return metNewcomer ? undefined : this.#drawByScan(context, other);
  }

  /** Counts the acceptable ones and draws among them: a scan to the next acceptable one would favour those behind a gap. */
  #drawByScan(context: PickContext, other: Member | undefined): Member | undefined {
    const size = this.#size;
    let acceptable = 0;
    for (let place = 0; place < size; place += 1) {
      const member = this.at(context, place);
      if (member !== undefined && member !== other) acceptable += 1;
    }
    if (acceptable === 0) return undefined;
    let skip = randomIndex(this.#env.random, acceptable);
    for (let place = 0; place < size; place += 1) {
      const member = this.at(context, place);
      if (member === undefined || member === other) continue;
      if (skip === 0) return member;
      skip -= 1;
    }
    return undefined;
  }
}

function isAvoided({ avoid }: PickContext, member: Member): boolean {
  return avoid?.has(member.endpoint.id) === true;
}
