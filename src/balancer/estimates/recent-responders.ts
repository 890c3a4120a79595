import type { Member } from "../member.ts";

/**
 * Who answered last, newest first, each member once. Their load is known freshly, they just got a call less, and quick ones stand here
 * more often than slow ones. Nothing is allocated after the constructor.
 */
export class RecentResponders {
  /** Full from the start, so that it never changes its shape; places from {@link size} on are empty. */
  readonly #members: (Member | undefined)[];
  readonly #answeredAtMs: Float64Array;
  /** How many are remembered. */
  size = 0;

  /** @param capacity how many are remembered, a whole number >= 1. Beyond it, whoever answered longest ago is forgotten. */
  constructor(capacity: number) {
    this.#members = new Array<Member | undefined>(capacity).fill(undefined);
    this.#answeredAtMs = new Float64Array(capacity);
  }

  /** The member answered: it moves to the front. At most `capacity` steps; about as many as members that answered since it last did. */
  push(member: Member, nowMs: number): void {
    const known = this.#members.indexOf(member);
    let index = known === -1 ? Math.min(this.size, this.#members.length - 1) : known;
    if (index === this.size) this.size += 1;
    for (; index > 0; index -= 1) this.#move(index - 1, index);
    this.#members[0] = member;
    this.#answeredAtMs[0] = nowMs;
  }

  /** The newest is at 0; undefined from {@link size} on. */
  at(index: number): Member | undefined {
    return this.#members[index];
  }

  /** When the one at `index` answered. */
  atMs(index: number): number {
    return this.#answeredAtMs[index] as number;
  }

  /** Forgets all but these. Not for the hot path. */
  membership(members: readonly Member[]): void {
    let kept = 0;
    for (let index = 0; index < this.size; index += 1) if (members.includes(this.#members[index] as Member)) this.#move(index, kept++);
    this.#members.fill(undefined, kept);
    this.size = kept;
  }

  #move(from: number, to: number): void {
    this.#members[to] = this.#members[from];
    this.#answeredAtMs[to] = this.#answeredAtMs[from] as number;
  }
}
