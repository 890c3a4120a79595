import type { Member } from "../member.ts";
import { SlotTable } from "./slot-table.ts";

/** Calls of longer ago count less and less, with this time constant. */
const MEMORY_MS = 60_000;
/** A new call weighs more than an old one, by a factor that grows; before it becomes too large, all is scaled back. */
const MAX_SCALE = 1e9;
const EXCESS = 1.5;

/**
 * Counts whom this client's calls went to of late, to find those that get more than is fair by weight: by half, and beyond what chance explains.
 * O(1), and nothing is allocated but when members come.
 */
export class FairShare {
  readonly #calls = new SlotTable();
  #all = 0;
  #weightOfAll = 0;
  #sinceMs = 0;
  /** What {@link #scaleAt} was last asked for: a pick asks it of each candidate, at the same time. */
  #scaledAtMs = 0;
  #scale = 1;

  membership(members: readonly Member[]): void {
    this.#calls.membership(members);
    this.#all = members.reduce((sum, { slot }) => sum + this.#calls.get(slot), 0);
    this.#weightOfAll = members.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
  }

  /** A call went there. */
  count(slot: number, nowMs: number): void {
    if (this.#scaleAt(nowMs) > MAX_SCALE) this.#scaleBack(nowMs);
    const scale = this.#scaleAt(nowMs);
    this.#calls.add(slot, scale);
    this.#all += scale;
  }

  isExceededBy({ slot, endpoint }: Member, nowMs: number): boolean {
    const scale = this.#scaleAt(nowMs);
    const fair = ((this.#all / scale) * endpoint.weight) / this.#weightOfAll;
    return this.#calls.get(slot) / scale > EXCESS * fair + 2 * Math.sqrt(fair) + 2;
  }

  /** Before a call is added: after half a day without one its weight would be infinite. */
  #scaleBack(nowMs: number): void {
    const scale = this.#scaleAt(nowMs);
    this.#calls.scale(1 / scale);
    this.#all /= scale;
    this.#sinceMs = nowMs;
    this.#scale = 1;
  }

  #scaleAt(nowMs: number): number {
    if (nowMs !== this.#scaledAtMs) {
      this.#scaledAtMs = nowMs;
      this.#scale = Math.exp((nowMs - this.#sinceMs) / MEMORY_MS);
    }
    return this.#scale;
  }
}
