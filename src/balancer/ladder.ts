import type { Group } from "./group.ts";
import { Level, type LevelEnv } from "./level.ts";
import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";
import type { Rung } from "./rungs.ts";
import type { SpillGate } from "./spill-gate.ts";
import type { Hold, Tier } from "./standing.ts";

type Phase = { readonly rungs: readonly Rung[]; readonly withHeld: boolean };

/** Those held back are better than nobody, so that ejection alone never makes a set unusable. */
const PHASES: readonly Phase[] = [
  { rungs: ["open", "waiting"], withHeld: false },
  { rungs: ["open", "waiting"], withHeld: true },
  { rungs: ["lastResort"], withHeld: true },
  { rungs: ["retrying"], withHeld: true },
];
const PANIC_PHASES = PHASES.slice(1);

interface Seat {
  readonly tier: Tier;
  readonly hold: Hold;
  readonly shard: string | undefined;
  readonly level: Level;
  readonly group: Group;
}

export interface LadderEnv extends LevelEnv {
  /** The client's own zone; undefined: all endpoints are alike. */
  readonly zone: string | undefined;
  readonly overprovisioningFactor: number;
}

/**
 * The order of preference among members: by standing, then priority, then zone. Kept up to date change by change, so that choosing needs
 * no scan.
 */
export class Ladder {
  readonly #env: LadderEnv;
  /** By rising priority. */
  #levels: readonly Level[] = [];
  /** In the order in which members came. */
  readonly #seats = new Map<Member, Seat>();
  /** Whose pickers are to hear of their members. */
  readonly #altered = new Set<Group>();

  constructor(env: LadderEnv) {
    this.#env = env;
  }

  /** Members that would be eligible without panic: healthy, not unreachable, not ejected or probing, not resting. */
  get sound(): number {
    let sound = 0;
    for (const level of this.#levels) sound += level.sound;
    return sound;
  }

  get panic(): boolean {
    return this.sound < this.#env.panicThreshold * this.#seats.size;
  }

  /** Seats a member by its standing and by what discovery says of it, or moves it there. */
  place(member: Member, tier: Tier, hold: Hold): void {
    const { priority, labels } = member.endpoint;
    const { shard } = labels;
    const seat = this.#seats.get(member);
    const level = seat?.level.priority === priority ? seat.level : this.#level(priority);
    const group = this.#isInZone(member) ? level.local : level.remote;
    if (seat?.group === group && seat.tier === tier && seat.hold === hold && seat.shard === shard) return;
    seat?.group.delete(member, seat.shard, seat.tier, seat.hold);
    group.add(member, shard, tier, hold);
    this.#seats.set(member, { tier, hold, shard, level, group });
    if (seat?.group === group) return;
    this.#altered.add(group);
    if (seat !== undefined) this.#altered.add(seat.group);
  }

  remove(member: Member): void {
    const seat = this.#seats.get(member);
    if (seat === undefined) return;
    seat.group.delete(member, seat.shard, seat.tier, seat.hold);
    this.#seats.delete(member);
    this.#altered.add(seat.group);
  }

  /** The member's weight, address or a label has changed. */
  noteAltered(member: Member): void {
    const seat = this.#seats.get(member);
    if (seat !== undefined) this.#altered.add(seat.group);
  }

  /** Tells pickers whose members came, went or were altered. To be called when the set changed, after all of its changes. */
  tellMembership(): void {
    this.#levels = this.#levels.filter((level) => level.size > 0);
    const memberships = new Map<Group, Member[]>();
    for (const group of this.#altered) memberships.set(group, []);
    this.#altered.clear();
    for (const [member, { group }] of this.#seats) memberships.get(group)?.push(member);
    for (const [group, members] of memberships) group.picker.membership(members);
  }

  groupOf(member: Member): Group | undefined {
    return this.#seats.get(member)?.group;
  }

  /** The spill gate that the member's reports go to: none without zones, or outside of the own zone. */
  gateOf(member: Member): SpillGate | undefined {
    const seat = this.#seats.get(member);
    return this.#env.zone !== undefined && seat?.group === seat?.level.local ? seat?.level.gate : undefined;
  }

  /** Whether it is in another zone, for the calls that the own zone can't take. */
  isBeyondZone(member: Member): boolean {
    const seat = this.#seats.get(member);
    return seat !== undefined && seat.group !== seat.level.local && seat.level.local.size > 0;
  }

  /**
   * Somebody for the call, from the best rung that has somebody. A call that was tried on all of one rung goes on to the next, down to the
   * last level that is waiting; those held back and the last resort are for calls that nobody else could have taken.
   */
  pick(context: PickContext, nowMs: number): Member | undefined {
    const { panic } = this;
    const first = this.#drawLevel(context.shard, panic);
    if (first === undefined) return undefined;
    for (const phase of panic ? PANIC_PHASES : PHASES) {
      const member = pickOn(first, phase, context, nowMs) ?? this.#pickElsewhere(first, phase, context, nowMs);
      if (member !== undefined || this.#levels.some((level) => hasAnybody(level, phase, context.shard))) return member;
    }
    return undefined;
  }

  /** Everybody who may take a call of any shard that avoids nobody. */
  eligible(): ReadonlySet<Member> {
    const { panic } = this;
    const sharing = this.#levelsWithShare(panic);
    for (const phase of panic ? PANIC_PHASES : PHASES) {
      const levels = this.#levels.filter((level) => hasAnybody(level, phase, undefined));
      const drawn = levels.filter((level) => sharing.includes(level));
      if (levels.length > 0) return new Set((drawn.length > 0 ? drawn : levels.slice(0, 1)).flatMap((level) => membersOn(level, phase)));
    }
    return new Set();
  }

  #pickElsewhere(first: Level, phase: Phase, context: PickContext, nowMs: number): Member | undefined {
    for (const level of this.#levels) {
      const member = level === first ? undefined : pickOn(level, phase, context, nowMs);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  /**
   * Draws the level to begin with. A level takes all calls while its usable members times the overprovisioning factor are as many as all of
   * its members; below that it hands on what is missing. Where all of them together can't take the calls, each has its part.
   */
  #drawLevel(shard: string | undefined, panic: boolean): Level | undefined {
    const first = this.#levels[0];
    if (first === undefined || this.#levels.length === 1 || this.#capacityOf(first, shard, panic) >= 1) return first;
    let total = 0;
    for (const level of this.#levels) total += this.#capacityOf(level, shard, panic);
    let left = this.#env.random() * Math.min(1, total);
    for (const level of this.#levels) {
      left -= this.#capacityOf(level, shard, panic);
      if (left < 0) return level;
    }
    return first;
  }

  /** Those that {@link #drawLevel} may draw. */
  #levelsWithShare(panic: boolean): readonly Level[] {
    let total = 0;
    return this.#levels.filter((level) => {
      const before = total;
      total += this.#capacityOf(level, undefined, panic);
      return before < 1 && total > before;
    });
  }

  /** The part of the calls that a level can take, 0 to 1. */
  #capacityOf(level: Level, shard: string | undefined, panic: boolean): number {
    return Math.min(1, this.#env.overprovisioningFactor * level.usableShare(shard, panic));
  }

  #isInZone(member: Member): boolean {
    const { zone } = this.#env;
    return zone === undefined || member.endpoint.locality?.zone === zone;
  }

  #level(priority: number): Level {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level = new Level(priority, this.#env);
    this.#levels = [...this.#levels, level].sort((a, b) => a.priority - b.priority);
    return level;
  }
}

function pickOn(level: Level, phase: Phase, context: PickContext, nowMs: number): Member | undefined {
  for (const rung of phase.rungs) {
    const member = level.pick(context, rung, phase.withHeld, nowMs);
    if (member !== undefined) return member;
  }
  return undefined;
}

function hasAnybody(level: Level, phase: Phase, shard: string | undefined): boolean {
  return phase.rungs.some((rung) => level.has(shard, rung, phase.withHeld));
}

/** On the best rung of the phase that has somebody. */
function membersOn(level: Level, phase: Phase): readonly Member[] {
  const rung = phase.rungs.find((candidate) => level.has(undefined, candidate, phase.withHeld));
  return rung === undefined ? [] : level.on(rung, phase.withHeld);
}
