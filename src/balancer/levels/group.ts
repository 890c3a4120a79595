import type { LoadReport } from "../../load-report.ts";
import type { RandomSource } from "../../random-source.ts";
import { randomIndex } from "../../random-source.ts";
import { type Choices, ContainedPicker } from "../containment/contained-picker.ts";
import type { Faults } from "../containment/faults.ts";
import type { Member } from "../member.ts";
import type { Standing } from "../members/standing.ts";
import type { Outcome } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Policy } from "../policy.ts";
import type { SlowStart } from "../slow-start/slow-start.ts";
import { type Aimed, Thinning } from "../slow-start/thinning.ts";
import { ByStanding, NO_MEMBERS } from "./by-standing.ts";
import { MemberList } from "./member-list.ts";
import { SpillGate } from "./spill-gate.ts";

/** Draws before a scan: with half of the members acceptable, a scan is needed once in 256 draws. */
const MAX_DRAWS = 8;
/** While the warm ones run short, one that sits out takes the call all the same where it costs so many times less: a load lower by a factor of 1.6. */
export const RELIEF = 4;
/** The warm have no room above this utilization; where servers report none, {@link SpillGate} finds out. */
const MAX_WARM_UTILIZATION = 0.92;
const NOBODY = new ByStanding();

export interface GroupEnv {
  readonly random: RandomSource;
  readonly policy: Policy;
  readonly slowStart: SlowStart;
  readonly faults: Faults;
}

/**
 * The members of one priority, in the client's own zone or in all others, with a picker of their own. A call is aimed at those of one
 * standing; the picker then draws from them.
 */
export class Group implements Choices, Aimed {
  readonly #env: GroupEnv;
  readonly #thinning: Thinning;
  readonly #warmRoom = new SpillGate(MAX_WARM_UTILIZATION);
  readonly #everybody = new ByStanding();
  readonly #shards = new Map<string, ByStanding>();
  /** Those that the picker is told of. */
  readonly list = new MemberList();
  #picker: ContainedPicker | undefined;
  /** Whom the call is aimed at: those of one standing, and in panic those that are held beside them. */
  #first = NO_MEMBERS;
  #second = NO_MEMBERS;

  constructor(env: GroupEnv) {
    this.#env = env;
    this.#thinning = new Thinning(env.slowStart, env.random);
  }

  get size(): number {
    return this.#everybody.known;
  }

  /** Made when it is first needed: a group without members has none. */
  get picker(): ContainedPicker {
    this.#picker ??= this.#makePicker();
    return this.#picker;
  }

  /** The next picker is of the policy as it is by then, and is to be told its members first. */
  dropPicker(): void {
    this.#picker = undefined;
  }

  /** The members that calls of one shard are for, or of any. */
  of(shard: string | undefined): ByStanding {
    return shard === undefined ? this.#everybody : (this.#shards.get(shard) ?? NOBODY);
  }

  add(member: Member, shard: string | undefined, standing: Standing, sound: boolean): void {
    this.#everybody.add(member, standing, sound);
    if (shard === undefined) return;
    const members = this.#shards.get(shard) ?? new ByStanding();
    this.#shards.set(shard, members);
    members.add(member, standing, sound);
  }

  delete(member: Member, shard: string | undefined, standing: Standing, sound: boolean): void {
    this.#everybody.delete(member, standing, sound);
    if (shard === undefined) return;
    const members = this.of(shard);
    members.delete(member, standing, sound);
    if (members.known === 0) this.#shards.delete(shard);
  }

  /** Lets the call draw from those of one standing. False if it avoids all of them, or there are none. */
  aim({ shard, avoid }: PickContext, standing: Standing, panic: boolean): boolean {
    const members = this.of(shard);
    this.#first = members.at(standing);
    this.#second = members.heldBeside(standing, panic);
    const size = this.aimedAt;
    if (avoid === undefined || size > avoid.size) return size > 0;
    for (let place = 0; place < size; place += 1) {
      if (!avoid.has(this.memberAt(place).endpoint.id)) return true;
    }
    return false;
  }

  /** Whether the warm members have no room for the calls of those that sit out. */
  isShort(nowMs: number): boolean {
    return this.#warmRoom.isOpen(nowMs);
  }

  /** The greatest share that slow start leaves to any of those that the call is aimed at. */
  warmestShare(nowMs: number): number {
    this.#thinning.look(this, nowMs);
    return this.#thinning.warmest;
  }

  /**
   * Newcomers are measured by the warmest: where all are new, there is nobody to take their calls, and nobody sits out. Where the warm ones have no room
   * for their calls, newcomers take some of them all the same: by their number from the start ({@link Thinning}), and by what calls cost.
   */
  pick(context: PickContext, nowMs: number): Member | undefined {
    const thinning = this.#thinning;
    if (this.#env.slowStart.isOn(nowMs)) {
      thinning.begin(this, nowMs);
      const member = this.picker.pick(context, nowMs);
      if (member !== undefined) return this.#relieved(context, member, nowMs);
    }
    // Nobody is new; or all that were met sat out, and a newcomer is better than nobody.
    thinning.end();
    return this.picker.pick(context, nowMs);
  }

  /** How many members the call is aimed at, those that it avoids included. */
  get aimedAt(): number {
    return this.#first.size + this.#second.size;
  }

  memberAt(place: number): Member {
    return (place < this.#first.size ? this.#first.at(place) : this.#second.at(place - this.#first.size)) as Member;
  }

  places(_context: PickContext): number {
    return this.aimedAt;
  }

  at(context: PickContext, place: number): Member | undefined {
    const member: Member | undefined = this.memberAt(place);
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
    return (this.#first.has(member) || this.#second.has(member)) && !isAvoided(context, member);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    // Newcomers are slow because they are cold, and idle because they sit out: they say nothing of the others.
    if (this.#env.slowStart.isWarm(member, nowMs)) this.#warmRoom.onReport(report, nowMs);
    this.picker.onReport(member, report, nowMs);
  }

  onSettle(member: Member, outcome: Outcome, nowMs: number, cost: number): void {
    const isWarmSuccess = outcome.kind === "success" && this.#env.slowStart.isWarm(member, nowMs);
    if (isWarmSuccess) this.#warmRoom.onSuccess(outcome.latencyMs, nowMs);
    this.picker.onSettle(member, outcome, nowMs, cost);
  }

  #makePicker(): ContainedPicker {
    const { policy, random, faults } = this.#env;
    return new ContainedPicker(policy, { random, candidates: this }, faults);
  }

  #relieved(context: PickContext, member: Member, nowMs: number): Member {
    const { spared } = this.#thinning;
    if (spared === undefined || !this.isShort(nowMs)) return member;
    return this.picker.cost(context, spared, nowMs) * RELIEF < this.picker.cost(context, member, nowMs) ? spared : member;
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
