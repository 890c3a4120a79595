import { IndexedSet } from "./indexed-set.ts";
import type { Member } from "./member.ts";
import type { Hold, Tier } from "./standing.ts";

type Rung = Exclude<Tier, "none">;
type Group = { readonly free: IndexedSet<Member>; readonly held: IndexedSet<Member> };
type Level = { readonly priority: number; readonly groups: Readonly<Record<Rung, Group>> };
type Phase = { readonly rungs: readonly Rung[]; readonly withHeld: boolean };

const NOBODY: IndexedSet<Member> = new IndexedSet();

/** Those held back are better than nobody, so that ejection alone never makes a set unusable. */
const PHASES: readonly Phase[] = [
  { rungs: ["open", "waiting"], withHeld: false },
  { rungs: ["open", "waiting"], withHeld: true },
  { rungs: ["lastResort"], withHeld: true },
  { rungs: ["retrying"], withHeld: true },
];
const PANIC_PHASES = PHASES.slice(1);

/** The members that a call may draw from: one group of the ladder, or nobody. */
export class Selection {
  #free = NOBODY;
  #held = NOBODY;

  get size(): number {
    return this.#free.size + this.#held.size;
  }

  at(place: number): Member | undefined {
    return place < this.#free.size ? this.#free.at(place) : this.#held.at(place - this.#free.size);
  }

  has(member: Member): boolean {
    return this.#free.has(member) || this.#held.has(member);
  }

  choose(group: Group, withHeld: boolean): void {
    this.#free = group.free;
    this.#held = withHeld ? group.held : NOBODY;
  }

  clear(): void {
    this.#free = NOBODY;
    this.#held = NOBODY;
  }

  /** Whether anybody is left besides the avoided ones. At most as many steps as there are avoided ones. */
  offersAnybody(avoid: ReadonlySet<string> | undefined): boolean {
    if (avoid === undefined || this.size > avoid.size) return this.size > 0;
    for (let place = 0; place < this.size; place += 1) {
      if (!avoid.has((this.at(place) as Member).endpoint.id)) return true;
    }
    return false;
  }
}

/** The order of preference among members: by standing, and by priority within `open` and `waiting`. Each change is O(1). */
export class Ladder {
  /** By rising priority. Overprovisioning, a share of calls for the next level, belongs here once there is one. */
  readonly #levels: Level[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: Member, priority: number, tier: Tier, hold: Hold): void {
    this.#size += 1;
    if (tier !== "none") setOf(this.#level(priority), tier, hold).add(member);
  }

  delete(member: Member, priority: number, tier: Tier, hold: Hold): void {
    this.#size -= 1;
    if (tier !== "none") setOf(this.#level(priority), tier, hold).delete(member);
  }

  /**
   * Selects the best group that has somebody for the call. A call that was tried on all of one group goes on to the next, down to the
   * last level that is waiting; those held back and the last resort are for calls that nobody else could have taken.
   */
  select(into: Selection, avoid: ReadonlySet<string> | undefined, panic: boolean): void {
    for (const phase of panic ? PANIC_PHASES : PHASES) {
      if (this.#selectWithin(phase, into, avoid)) return;
    }
    into.clear();
  }

  /** False if the phase has no members at all, tried or not: only then is the next phase for this call. */
  #selectWithin(phase: Phase, into: Selection, avoid: ReadonlySet<string> | undefined): boolean {
    let anybody = false;
    for (const level of this.#levels) {
      for (const rung of phase.rungs) {
        into.choose(level.groups[rung], phase.withHeld);
        if (into.offersAnybody(avoid)) return true;
        anybody ||= into.size > 0;
      }
    }
    into.clear();
    return anybody;
  }

  #level(priority: number): Level {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level: Level = {
      priority,
      groups: { open: newGroup(), waiting: newGroup(), lastResort: newGroup(), retrying: newGroup() },
    };
    this.#levels.push(level);
    this.#levels.sort((a, b) => a.priority - b.priority);
    return level;
  }
}

function newGroup(): Group {
  return { free: new IndexedSet(), held: new IndexedSet() };
}

function setOf(level: Level, rung: Rung, hold: Hold): IndexedSet<Member> {
  const group = level.groups[rung];
  return hold === "held" ? group.held : group.free;
}
