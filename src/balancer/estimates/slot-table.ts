import { listChange } from "../../list-change.ts";
import type { Member } from "../member.ts";

/** So many times as many slots as before, at least, when more are wanted. */
const spare = 1.25;

/**
 * Tables that lie side by side, a row for each member: what is known of a member is together in memory. Where members are many, most of what a pick
 * costs is to fetch it.
 */
export class SlotTables {
  readonly #tables: SlotTable[] = [];
  readonly #onGone: ((slot: number) => void)[] = [];
  #members: readonly Member[] = [];
  #rows = new Float64Array(0);

  /** Another one; before the members are told. */
  add(initial = 0): SlotTable {
    const table = new SlotTable(initial, this.#tables.length);
    this.#tables.push(table);
    return table;
  }

  /** Has something else forget members that are gone. */
  onGone(forget: (slot: number) => void): void {
    this.#onGone.push(forget);
  }

  /** The members of now. A slot that another member took over starts anew. */
  membership(members: readonly Member[]): void {
    const { came, gone } = listChange(this.#members, members);
    this.#members = members;
    for (const { slot } of gone) for (const forget of this.#onGone) forget(slot);
    this.#grow(came.reduce((most, { slot }) => Math.max(most, slot + 1), 0));
    const width = this.#tables.length;
    for (const { slot } of came) for (const { column, initial } of this.#tables) this.#rows[slot * width + column] = initial;
  }

  /** By some more than is wanted, since members may come one by one. */
  #grow(slots: number): void {
    const width = this.#tables.length;
    const { length } = this.#rows;
    if (slots * width <= length) return;
    const rows = new Float64Array(width * Math.max(slots, Math.ceil((spare * length) / width)));
    rows.set(this.#rows);
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
