import type { LoadReport } from "../../load-report.ts";
import type { Member } from "../member.ts";
import { HELD_OPEN, HELD_WAITING, LAST_RESORT, OPEN, RETRYING, type Standing, WAITING } from "../members/standing.ts";
import type { PickContext } from "../pick-context.ts";
import type { Border } from "./border.ts";
import type { Group } from "./group.ts";
import { Level, type LevelEnv } from "./level.ts";
import type { SpillGate } from "./spill-gate.ts";

/** A call that was tried on all of one row goes on to the next only if nobody is there: those below are for calls that nobody else could have taken. */
const ROWS: readonly (readonly Standing[])[] = [[OPEN, WAITING], [HELD_OPEN, HELD_WAITING], [LAST_RESORT], [RETRYING]];

/** Where a member is found. */
interface Place {
  readonly member: Member;
  readonly standing: Standing;
  readonly sound: boolean;
  readonly shard: string | undefined;
  readonly level: Level;
  readonly group: Group;
}

export interface LevelsEnv extends LevelEnv {
  /** What the border is around: the client's own zone, or its node; undefined: all endpoints are alike. */
  readonly zone: string | undefined;
  readonly border: Pick<Border, "isInside">;
  readonly overprovisioningFactor: number;
}

/** All members by priority, zone and standing. Kept up to date change by change, so that choosing needs no scan. */
export class Levels {
  readonly #env: LevelsEnv;
  /** By rising priority. */
  #levels: readonly Level[] = [];
  /** In the order in which they came. */
  readonly #members = new Set<Member>();
  /** By slot: each call asks several times, and hashing would cost more than what it asks for. */
  readonly #places: (Place | undefined)[] = [];
  /** Whose pickers are to hear of their members. */
  readonly #altered = new Set<Group>();
  /** How many members are. */
  sound = 0;

  constructor(env: LevelsEnv) {
    this.#env = env;
  }

  get panic(): boolean {
    return this.sound < this.#env.panicThreshold * this.#members.size;
  }

  /** Puts a member, or moves it, to where its standing and discovery have it. */
  place(member: Member, standing: Standing, sound: boolean): void {
    const { priority, labels } = member.endpoint;
    const { shard } = labels;
    const before = this.#placeOf(member);
    const level = before?.level.priority === priority ? before.level : this.#level(priority);
    const group = this.#isInZone(member) ? level.local : level.remote;
    if (before?.group === group && before.standing === standing && before.sound === sound && before.shard === shard) return;
    if (before !== undefined) this.#vacate(before);
    group.add(member, shard, standing, sound);
    if (sound) this.sound += 1;
    this.#places[member.slot] = { member, standing, sound, shard, level, group };
    this.#members.add(member);
    if (before?.group === group) return;
    group.list.add(member);
    this.#altered.add(group);
    if (before === undefined) return;
    before.group.list.delete(member);
    this.#altered.add(before.group);
  }

  remove(member: Member): void {
    const place = this.#placeOf(member);
    if (place === undefined) return;
    this.#vacate(place);
    this.#places[member.slot] = undefined;
    this.#members.delete(member);
    place.group.list.delete(member);
    this.#altered.add(place.group);
  }

  /** The member's weight, address or a label has changed. */
  noteAltered(member: Member): void {
    const place = this.#placeOf(member);
    if (place === undefined) return;
    place.group.list.alter();
    this.#altered.add(place.group);
  }

  /** Tells pickers whose members came, went or were altered. To be called when the set changed, after all of its changes. */
  tellMembership(): void {
    this.#levels = this.#levels.filter((level) => level.size > 0);
    for (const { picker, list } of this.#altered) picker.membership(list.members);
    this.#altered.clear();
  }

  /** The policy is another one. Its pickers begin with the latest report of each member; calls in flight they see in the members. */
  changePolicy(): void {
    for (const { local, remote } of this.#levels) for (const group of [local, remote]) group.dropPicker();
    for (const member of this.#members) this.noteAltered(member);
    this.tellMembership();
    const reporting = [...this.#members].filter((member) => member.report !== undefined);
    reporting.sort((a, b) => (a.reportAtMs as number) - (b.reportAtMs as number));
    for (const member of reporting) this.groupOf(member)?.picker.onReport(member, member.report as LoadReport, member.reportAtMs as number);
  }

  groupOf(member: Member): Group | undefined {
    return this.#placeOf(member)?.group;
  }

  /** The spill gate that the member's reports go to: none without zones, or outside of the own zone. */
  gateOf(member: Member): SpillGate | undefined {
    if (this.#env.zone === undefined) return undefined;
    const place = this.#placeOf(member);
    return place?.group === place?.level.local ? place?.level.gate : undefined;
  }

  /** Whether it is beyond the border, for the calls that those within can't take. */
  isBeyondZone(member: Member): boolean {
    const place = this.#placeOf(member);
    return place !== undefined && place.group !== place.level.local && place.level.local.size > 0;
  }

  /** Somebody for the call, from the first row that has anybody, on the level that is drawn or else on any. */
  pick(context: PickContext, nowMs: number): Member | undefined {
    const { panic } = this;
    const first = this.#drawLevel(context.shard, panic);
    if (first === undefined) return undefined;
    for (const row of ROWS) {
      const member = first.pick(context, row, panic, nowMs) ?? this.#pickElsewhere(first, row, context, panic, nowMs);
      if (member !== undefined || this.#has(context.shard, row, panic)) return member;
    }
    return undefined;
  }

  /** Everybody who may take a call of any shard that avoids nobody. */
  eligible(): ReadonlySet<Member> {
    const { panic } = this;
    const sharing = this.#levelsWithShare(panic);
    for (const row of ROWS) {
      const there = this.#levels.filter((level) => level.has(undefined, row, panic));
      const drawn = there.filter((level) => sharing.includes(level));
      if (there.length > 0) return new Set((drawn.length > 0 ? drawn : there.slice(0, 1)).flatMap((level) => level.best(row, panic)));
    }
    return new Set();
  }

  /** Undefined once it left, whoever has its slot by then. */
  #placeOf(member: Member): Place | undefined {
    const place = this.#places[member.slot];
    return place?.member === member ? place : undefined;
  }

  #vacate({ member, group, shard, standing, sound }: Place): void {
    group.delete(member, shard, standing, sound);
    if (sound) this.sound -= 1;
  }

  #has(shard: string | undefined, row: readonly Standing[], panic: boolean): boolean {
    return this.#levels.some((level) => level.has(shard, row, panic));
  }

  #pickElsewhere(first: Level, row: readonly Standing[], context: PickContext, panic: boolean, nowMs: number): Member | undefined {
    for (const level of this.#levels) {
      const member = level === first ? undefined : level.pick(context, row, panic, nowMs);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  /**
   * Draws the level to begin with. A level takes all calls while its eligible members times the overprovisioning factor are as many as all of
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
    return Math.min(1, this.#env.overprovisioningFactor * level.eligibleShare(shard, panic));
  }

  #isInZone(member: Member): boolean {
    return this.#env.border.isInside(member.endpoint);
  }

  #level(priority: number): Level {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level = new Level(priority, this.#env);
    this.#levels = [...this.#levels, level].sort((a, b) => a.priority - b.priority);
    return level;
  }
}
