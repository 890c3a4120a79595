import type { Member } from "../member.ts";
import { type Hold, isSound, type Tier } from "../members/standing.ts";
import { IndexedSet } from "./indexed-set.ts";

/** The tiers that a call may draw from. */
export type Rung = Exclude<Tier, "none">;

const newSets = () => ({ open: newSet(), waiting: newSet(), lastResort: newSet(), retrying: newSet() });
const newSet = () => new IndexedSet<Member>();

/** Members by their standing. Each change is O(1). */
export class Rungs {
  readonly free = newSets();
  readonly held = newSets();
  #known = 0;
  #sound = 0;

  /** All of them, those on no rung included. */
  get known(): number {
    return this.#known;
  }

  /** Those that would be eligible without panic: healthy, not unreachable, not ejected or probing, not resting. */
  get sound(): number {
    return this.#sound;
  }

  /** Those that calls are for as a rule, a probing one that waits for its call included: held back from calls, it would wait forever. */
  usable(withHeld: boolean): number {
    const { free, held } = this;
    return free.open.size + free.waiting.size + (withHeld ? held.open.size + held.waiting.size : 0);
  }

  has(rung: Rung, withHeld: boolean): boolean {
    return this.free[rung].size > 0 || (withHeld && this.held[rung].size > 0);
  }

  on(rung: Rung, withHeld: boolean): readonly Member[] {
    return withHeld ? [...this.free[rung].items, ...this.held[rung].items] : this.free[rung].items;
  }

  add(member: Member, tier: Tier, hold: Hold): void {
    this.#known += 1;
    if (isSound(tier, hold)) this.#sound += 1;
    if (tier !== "none") this.#setsOf(hold)[tier].add(member);
  }

  delete(member: Member, tier: Tier, hold: Hold): void {
    this.#known -= 1;
    if (isSound(tier, hold)) this.#sound -= 1;
    if (tier !== "none") this.#setsOf(hold)[tier].delete(member);
  }

  #setsOf(hold: Hold) {
    return hold === "held" ? this.held : this.free;
  }
}
