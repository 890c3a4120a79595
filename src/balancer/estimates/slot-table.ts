import type { Member } from "../member.ts";

/** A number for each member, by {@link Member.slot}. A slot that another member took over starts anew. */
export class SlotTable {
  readonly #initial: number;
  #owners: (Member | undefined)[] = [];
  #values = new Float64Array(0);

  constructor(initial = 0) {
    this.#initial = initial;
  }

  membership(members: readonly Member[]): void {
    const slots = members.reduce((most, member) => Math.max(most, member.slot + 1), 0);
    const owners = new Array<Member | undefined>(slots).fill(undefined);
    const values = new Float64Array(slots).fill(this.#initial);
    for (const member of members) {
      const { slot } = member;
      owners[slot] = member;
      if (this.#owners[slot] === member) values[slot] = this.#values[slot] as number;
    }
    this.#owners = owners;
    this.#values = values;
  }

  get(slot: number): number {
    return this.#values[slot] as number;
  }

  set(slot: number, value: number): void {
    this.#values[slot] = value;
  }

  add(slot: number, value: number): void {
    this.#values[slot] = (this.#values[slot] as number) + value;
  }

  /** Multiplies all of them. */
  scale(factor: number): void {
    for (let slot = 0; slot < this.#values.length; slot += 1) this.#values[slot] = (this.#values[slot] as number) * factor;
  }
}
