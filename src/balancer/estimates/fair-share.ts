import type { Member } from "../member.ts";
import type { OwnCalls } from "./own-calls.ts";
import type { SlotTable, SlotTables } from "./slot-table.ts";

/** Calls of longer ago count less and less, with this time constant. */
const MEMORY_MS = 60_000;
/** A new call weighs more than an old one, by a factor that grows; before it becomes too large, all is scaled back. */
const MAX_SCALE = 1e9;
/**
 * Before there are calls, each member counts as having had as many as were due, so many for each of all members: a few more or less are chance. The more
 * servers a client calls, the fewer of its calls go to each, and the more it matters which of them has room just then.
 */
const PRIOR_CALLS = 16;
const EXCESS = 1.1;

/**
 * Whom this client's calls went to of late, and whom they were due to. A call is due to the two that were drawn for it, half each and by weight: so
 * nothing is owed to a member that was not there to be drawn, because it sat out or is new. O(1), and nothing is allocated but when members come.
 *
 * @see Shreedhar, Varghese, "Efficient Fair Queuing using Deficit Round Robin", SIGCOMM 1995, for the idea of a deficit that is made up for
 */
export class FairShare {
  readonly #own: Pick<OwnCalls, "meanWeight" | "members">;
  /** The calls that each had relative to those that were due, when it was last drawn or called. */
  readonly shares: SlotTable;
  readonly #calls: SlotTable;
  readonly #due: SlotTable;
  #sinceMs = 0;
  #nowMs = 0;
  /** What a call of now weighs. A field, not a result, which would be an object. */
  #scale = 1;

  constructor(tables: SlotTables, own: Pick<OwnCalls, "meanWeight" | "members">) {
    this.#own = own;
    this.shares = tables.add(1);
    this.#calls = tables.add();
    this.#due = tables.add();
  }

  /** A call went to the slot, and was due to the two. */
  count(slot: number, one: Member, other: Member, nowMs: number): void {
    this.#turnTo(nowMs);
    this.#calls.add(slot, this.#scale);
    this.#compare(slot);
    this.#owe(one);
    this.#owe(other);
  }

  /** Whether it had more than was due by a tenth, and beyond what chance explains. */
  isExceededBy({ slot }: Member, nowMs: number): boolean {
    this.#turnTo(nowMs);
    const due = this.#due.get(slot) / this.#scale;
    return this.#calls.get(slot) / this.#scale > EXCESS * due + 2 * Math.sqrt(due) + 3;
  }

  #owe({ slot, endpoint }: Member): void {
    this.#due.add(slot, (0.5 * this.#scale * endpoint.weight) / this.#own.meanWeight);
    this.#compare(slot);
  }

  #compare(slot: number): void {
    const prior = PRIOR_CALLS * this.#own.members * this.#scale;
    this.shares.set(slot, (this.#calls.get(slot) + prior) / (this.#due.get(slot) + prior));
  }

  /** Once for a time: a pick asks of each candidate. */
  #turnTo(nowMs: number): void {
    if (nowMs === this.#nowMs) return;
    this.#nowMs = nowMs;
    this.#scale = Math.exp((nowMs - this.#sinceMs) / MEMORY_MS);
    if (this.#scale > MAX_SCALE) this.#scaleBack();
  }

  /** After half a day without calls the weight of one would be infinite. */
  #scaleBack(): void {
    this.#calls.scale(1 / this.#scale);
    this.#due.scale(1 / this.#scale);
    this.#sinceMs = this.#nowMs;
    this.#scale = 1;
  }
}
