import type { LoadReport } from "../load-report.ts";
import type { RandomSource } from "../random-source.ts";
import { randomIndex } from "../random-source.ts";
import { type Choices, ContainedPicker } from "./contained-picker.ts";
import type { Faults } from "./faults.ts";
import type { Member } from "./member.ts";
import type { Outcome } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import type { Policy } from "./policy.ts";
import { type Rung, Rungs } from "./rungs.ts";
import type { SlowStart } from "./slow-start.ts";
import type { Hold, Tier } from "./standing.ts";
import { Thinning } from "./thinning.ts";
import { WarmRoom } from "./warm-room.ts";
import { type Seats, Warmth } from "./warmth.ts";

/** Draws before a scan: with half of the members acceptable, a scan is needed once in 256 draws. */
const MAX_DRAWS = 8;
/** While the warm ones run short, one that sits out takes the call all the same where it costs so many times less: a load lower by a factor of 1.6. */
export const RELIEF = 4;
const NOBODY = new Rungs();

export interface GroupEnv {
  readonly random: RandomSource;
  readonly policy: Policy;
  readonly slowStart: SlowStart;
  /** Hears of what the policy does wrong. */
  readonly faults: Faults;
}

/**
 * The members of one priority, in the client's own zone or in all others, with a picker of their own. A call is aimed at those of one
 * rung; the picker then draws from them.
 */
export class Group implements Choices, Seats {
  readonly #env: GroupEnv;
  readonly #thinning: Thinning;
  readonly room: WarmRoom;
  readonly #everybody = new Rungs();
  readonly #shards = new Map<string, Rungs>();
  #picker: ContainedPicker | undefined;
  readonly #warmth: Warmth;
  #free = NOBODY.free.open;
  #held = NOBODY.held.open;

  constructor(env: GroupEnv) {
    this.#env = env;
    this.#warmth = new Warmth(env.slowStart);
    this.#thinning = new Thinning(env.slowStart, this.#warmth, env.random);
    this.room = new WarmRoom(env.slowStart);
  }

  get size(): number {
    return this.#everybody.known;
  }

  /** Made when it is first needed: a group that only answers questions has none. */
  get picker(): ContainedPicker {
    const { policy, random, faults } = this.#env;
    this.#picker ??= new ContainedPicker(policy, { random, candidates: this }, faults);
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
    const size = this.aimedAt;
    if (avoid === undefined || size > avoid.size) return size > 0;
    for (let place = 0; place < size; place += 1) {
      if (!avoid.has(this.memberAt(place).endpoint.id)) return true;
    }
    return false;
  }

  /** The greatest share that slow start leaves to any of those that the call is aimed at. */
  warmestShare(nowMs: number): number {
    this.#warmth.look(this, nowMs);
    return this.#warmth.warmest;
  }

  /**
   * Newcomers are measured by the warmest: where all are new, there is nobody to take their calls, and nobody sits out. Where the warm ones have no room
   * for their calls, newcomers take some of them all the same: by their number from the start ({@link Warmth}), and by what calls cost.
   */
  pick(context: PickContext, nowMs: number): Member | undefined {
    const thinning = this.#thinning;
    if (this.#env.slowStart.isOn(nowMs)) {
      this.#warmth.look(this, nowMs);
      thinning.begin(nowMs);
      const member = this.picker.pick(context, nowMs);
      if (member !== undefined) return this.#relieved(context, member, nowMs);
    }
    // Nobody is new; or all that were met sat out, and a newcomer is better than nobody.
    thinning.end();
    return this.picker.pick(context, nowMs);
  }

  cost(context: PickContext, member: Member, nowMs: number): number {
    return this.picker.cost(context, member, nowMs);
  }

  /** What the policy says of the member. */
  describe(member: Member, nowMs: number): string | undefined {
    return this.#picker?.describe(member, nowMs);
  }

  places(_context: PickContext): number {
    return this.aimedAt;
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
    return this.offers(context, member) && !this.#thinning.sitsOut(member);
  }

  offers(context: PickContext, member: Member): boolean {
    return (this.#free.has(member) || this.#held.has(member)) && !isAvoided(context, member);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    this.room.onReport(member, report, nowMs);
    this.picker.onReport(member, report, nowMs);
  }

  onSettle(member: Member, outcome: Outcome, nowMs: number, cost: number): void {
    if (outcome.kind === "success") this.room.onSuccess(member, outcome.latencyMs, nowMs);
    this.picker.onSettle(member, outcome, nowMs, cost);
  }

  #relieved(context: PickContext, member: Member, nowMs: number): Member {
    const { spared } = this.#thinning;
    if (spared === undefined || !this.room.isShort(nowMs)) return member;
    return this.cost(context, spared, nowMs) * RELIEF < this.cost(context, member, nowMs) ? spared : member;
  }

  /** How many members the call is aimed at, those that it avoids included. */
  get aimedAt(): number {
    return this.#free.size + this.#held.size;
  }

  memberAt(place: number): Member {
    return (place < this.#free.size ? this.#free.at(place) : this.#held.at(place - this.#free.size)) as Member;
  }

  #draw(context: PickContext, other: Member | undefined): Member | undefined {
    const size = this.aimedAt;
    if (size === 0) return undefined;
    let metNewcomer = false;
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const member = this.memberAt(randomIndex(this.#env.random, size));
      if (member === other || isAvoided(context, member)) continue;
      if (!this.#thinning.sitsOut(member)) return member;
      metNewcomer = true;
    }
    return metNewcomer ? undefined : this.#drawByScan(context, other);
  }

  /** Counts the acceptable ones and draws among them: a scan to the next acceptable one would favour those behind a gap. */
  #drawByScan(context: PickContext, other: Member | undefined): Member | undefined {
    const size = this.aimedAt;
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
