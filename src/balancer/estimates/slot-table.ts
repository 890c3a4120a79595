import type { Member } from "../member.ts";

/**
 * Tables that lie side by side, a row for each member: what is known of a member is together in memory. Where members are many, most of what a pick
 * costs is to fetch it.
 */
export class SlotTables {
  readonly #tables: SlotTable[] = [];
  #owners: (Member | undefined)[] = [];
  #rows = new Float64Array(0);

  /** Another one; before the members are told. */
  add(initial = 0): SlotTable {
    const table = new SlotTable(initial, this.#tables.length);
    this.#tables.push(table);
    return table;
  }

  /** The members of now. A slot that another member took over starts anew. */
  membership(members: readonly Member[]): void {
    const width = this.#tables.length;
    const slots = members.reduce((most, member) => Math.max(most, member.slot + 1), 0);
    const owners = new Array<Member | undefined>(slots).fill(undefined);
    const rows = new Float64Array(slots * width);
    for (const member of members) {
      const { slot } = member;
      owners[slot] = member;
      const begin = slot * width;
      if (this.#owners[slot] === member) rows.set(this.#rows.subarray(begin, begin + width), begin);
      else for (const table of this.#tables) rows[begin + table.column] = table.initial;
    }
    this.#owners = owners;
    this.#rows = rows;
    for (const table of this.#tables) table.take(rows, width);
  }
}

/** A number for each member, by {@link Member.slot}. */
export class SlotTable {
  readonly initial: number;
  readonly column: number;
  #rows = new Float64Array(0);
  #width = 0;

  constructor(initial: number, column: number) {
    this.initial = initial;
    this.column = column;
  }

  /** For {@link SlotTables} alone. */
  take(rows: Float64Array<ArrayBuffer>, width: number): void {
    this.#rows = rows;
    this.#width = width;
  }

  get(slot: number): number {
    return this.#rows[slot * this.#width + this.column] as number;
  }

  set(slot: number, value: number): void {
    this.#rows[slot * this.#width + this.column] = value;
  }

  add(slot: number, value: number): void {
    this.set(slot, this.get(slot) + value);
  }

  /** Multiplies all of them. */
  scale(factor: number): void {
    for (let index = this.column; index < this.#rows.length; index += this.#width)
      this.#rows[index] = (this.#rows[index] as number) * factor;
  }
}
