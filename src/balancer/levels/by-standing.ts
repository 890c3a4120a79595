import type { Member } from "../member.ts";
import { FULL, HELD_OPEN, OPEN, type Standing, WAITING } from "../members/standing.ts";
import { IndexedSet } from "./indexed-set.ts";

export const NO_MEMBERS = new IndexedSet<Member>();

/** Members by their standing. Each change is O(1). */
export class ByStanding {
  readonly #sets = Array.from({ length: FULL + 1 }, () => new IndexedSet<Member>());
  /** How many there are, the unreachable included. */
  known = 0;
  sound = 0;

  at(standing: Standing): IndexedSet<Member> {
    return this.#sets[standing] as IndexedSet<Member>;
  }

  /** Those that are held, and that panic makes as good as the ones at the standing. */
  heldBeside(standing: Standing, panic: boolean): IndexedSet<Member> {
    return panic && standing <= WAITING ? this.at((standing + HELD_OPEN) as Standing) : NO_MEMBERS;
  }

  /** How many are there, those beside them included. */
  sizeAt(standing: Standing, panic: boolean): number {
    return this.at(standing).size + this.heldBeside(standing, panic).size;
  }

  /** How many get calls as a rule, a probing one that waits for its call included: left out, it would wait forever. */
  eligible(panic: boolean): number {
    return this.sizeAt(OPEN, panic) + this.sizeAt(WAITING, panic);
  }

  add(member: Member, standing: Standing, sound: boolean): void {
    this.known += 1;
    if (sound) this.sound += 1;
    this.at(standing).add(member);
  }

  delete(member: Member, standing: Standing, sound: boolean): void {
    this.known -= 1;
    if (sound) this.sound -= 1;
    this.at(standing).delete(member);
  }
}
