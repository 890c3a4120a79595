import { noteChange } from "../../list-change.ts";
import type { Member } from "../member.ts";

/** Each that leaves is looked for in the list; when more do, one pass is quicker. */
const fewLeaving = 16;

/** Members in the order in which they came, as lists that do not change: a new one is made when one is wanted after changes. */
export class MemberList {
  #members: readonly Member[] = [];
  /** Since the last list was made. */
  readonly #added = new Set<Member>();
  readonly #removed = new Set<Member>();
  #isAltered = false;

  add(member: Member): void {
    if (!this.#removed.delete(member)) this.#added.add(member);
  }

  delete(member: Member): void {
    if (!this.#added.delete(member)) this.#removed.add(member);
  }

  /** One of them is not what it was: whoever is told has to look at all. */
  alter(): void {
    this.#isAltered = true;
  }

  get members(): readonly Member[] {
    const isAltered = this.#isAltered;
    this.#isAltered = false;
    if (this.#added.size + this.#removed.size === 0) return this.#members;
    const members = this.#successor();
    if (!isAltered) noteChange(this.#members, members, { came: [...this.#added], gone: [...this.#removed] });
    this.#members = members;
    this.#added.clear();
    this.#removed.clear();
    return this.#members;
  }

  #successor(): readonly Member[] {
    if (this.#removed.size === 0) return this.#members.concat([...this.#added]);
    const members = this.#staying();
    for (const member of this.#added) members.push(member);
    return members;
  }

  /** Compares rather than hashes, which would have to look at each member. */
  #staying(): Member[] {
    if (this.#removed.size > fewLeaving) return this.#members.filter((member) => !this.#removed.has(member));
    const staying = [...this.#members];
    for (const member of this.#removed) staying.splice(staying.indexOf(member), 1);
    return staying;
  }
}
