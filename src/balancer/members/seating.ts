import type { Ladder } from "../levels/ladder.ts";
import type { SlowStart } from "../slow-start/slow-start.ts";
import { DrainingClaims } from "./draining-claims.ts";
import type { MutableMember } from "./mutable-member.ts";
import type { Roster } from "./roster.ts";
import { changesAtMs, holdOf, isServing, tierOf } from "./standing.ts";

/** Keeps each member on its place of the ladder, as events and the passing of time change its standing. */
export class Seating {
  readonly ladder: Ladder;
  readonly #newLadder: () => Ladder;
  readonly #roster: Roster;
  readonly #slowStart: SlowStart;
  readonly #claims = new DrainingClaims();
  #believesClaims = true;
  /** Members whose standing changes as time passes, and when the first of them may. One comparison on the hot path stands for timers. */
  readonly #timed = new Set<MutableMember>();
  #nextChangeMs = Infinity;

  constructor(roster: Roster, slowStart: SlowStart, newLadder: () => Ladder) {
    this.#roster = roster;
    this.#slowStart = slowStart;
    this.#newLadder = newLadder;
    this.ladder = newLadder();
  }

  /** When {@link passTime} has something to do, at the earliest. */
  get nextChangeMs(): number {
    return this.#nextChangeMs;
  }

  /** To be called after an event that may have changed the member's standing. O(1). */
  reseat(member: MutableMember, nowMs: number): void {
    const serving = isServing(member);
    if (serving && !member.serving) this.#slowStart.begin(member, nowMs);
    member.serving = serving;
    this.ladder.place(member, tierOf(member, this.#believesClaims, nowMs), holdOf(member, nowMs));
    const changesMs = changesAtMs(member, nowMs);
    if (changesMs === Infinity) return;
    this.#timed.add(member);
    this.#nextChangeMs = Math.min(this.#nextChangeMs, changesMs);
  }

  /** To be called after members came or went. */
  reseatAll(nowMs: number): void {
    this.#believesClaims = this.#claims.areBelieved(this.#roster.size);
    for (const member of this.#roster.members()) this.reseat(member, nowMs);
  }

  remove(member: MutableMember): void {
    this.#timed.delete(member);
    this.#claims.forget(member);
    this.ladder.remove(member);
  }

  /** To be called after a report. Where it changes whether claims are believed, everybody is seated anew. */
  noteClaim(member: MutableMember, nowMs: number): void {
    const hasEnded = this.#claims.note(member, nowMs);
    if (hasEnded && this.#believesClaims) this.#slowStart.begin(member, nowMs);
    if (this.#claims.areBelieved(this.#roster.size) !== this.#believesClaims) this.reseatAll(nowMs);
    else this.reseat(member, nowMs);
  }

  /** Notices what the passing of time changed. */
  passTime(nowMs: number): void {
    this.#nextChangeMs = Infinity;
    const timed = [...this.#timed];
    this.#timed.clear();
    for (const member of timed) {
      member.ejection = member.ejectionAt(nowMs);
      this.noteClaim(member, nowMs);
    }
  }

  /** The ladder as it will be at `nowMs`, without noticing anything: a question must not act. */
  ladderAt(nowMs: number): Ladder {
    if (nowMs < this.#nextChangeMs) return this.ladder;
    const ladder = this.#newLadder();
    const believesClaims = this.#claims.areBelievedAt(this.#roster.size, nowMs);
    for (const member of this.#roster.members()) ladder.place(member, tierOf(member, believesClaims, nowMs), holdOf(member, nowMs));
    return ladder;
  }
}
