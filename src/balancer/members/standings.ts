import type { Levels } from "../levels/levels.ts";
import type { SlowStart } from "../slow-start/slow-start.ts";
import type { MutableMember } from "./mutable-member.ts";
import type { Roster } from "./roster.ts";
import { changesAtMs, FULL, isAway, isSound, standingOf, UNREACHABLE } from "./standing.ts";

/** Keeps each member at its standing, as events and the passing of time change it. */
export class Standings {
  readonly #levels: Levels;
  readonly #roster: Roster;
  readonly #slowStart: SlowStart;
  /** Who says of itself that it is draining. Where most of all members say so, it is a mistake or a lie, they would be missed, and none is believed. */
  readonly #claimants = new Set<MutableMember>();
  #believesClaims = true;
  /** Members whose standing changes as time passes. */
  readonly #timed = new Set<MutableMember>();
  /** When {@link passTime} has something to do, at the earliest. One comparison on the hot path stands for timers. */
  nextChangeMs = Infinity;
  /** How many calls one endpoint may have at once. */
  maxCalls = Infinity;

  constructor(roster: Roster, slowStart: SlowStart, levels: Levels) {
    this.#roster = roster;
    this.#slowStart = slowStart;
    this.#levels = levels;
  }

  /** Whether it has as many calls as one endpoint may have. */
  isFull({ calls }: MutableMember): boolean {
    return calls >= this.maxCalls;
  }

  /** To be called after an event that may have changed the member's standing. O(1). */
  review(member: MutableMember, nowMs: number): void {
    const wasAway = member.away;
    member.away = isAway(member);
    if (wasAway && !member.away) this.#slowStart.begin(member, nowMs);
    const standing = standingOf(member, this.#believesClaims, nowMs);
    member.full = this.isFull(member);
    this.#levels.place(member, member.full && standing < UNREACHABLE ? FULL : standing, isSound(standing, member));
    const changesMs = changesAtMs(member, nowMs);
    if (changesMs === Infinity) return;
    this.#timed.add(member);
    this.nextChangeMs = Math.min(this.nextChangeMs, changesMs);
  }

  /**
   * To be called after members came or went, or were told anew. Where it changes whether claims are believed, everybody's standing may.
   *
   * @param changed in the order in which they came, whichever the source has
   */
  reviewChanged(changed: readonly MutableMember[], nowMs: number): void {
    if (this.#areClaimsCredible !== this.#believesClaims) return this.reviewAll(nowMs);
    for (const member of changed) this.review(member, nowMs);
  }

  reviewAll(nowMs: number): void {
    this.#believesClaims = this.#areClaimsCredible;
    for (const member of this.#roster.members()) this.review(member, nowMs);
  }

  remove(member: MutableMember): void {
    this.#timed.delete(member);
    this.#claimants.delete(member);
    this.#levels.remove(member);
  }

  /** To be called after a report. Where it changes whether claims are believed, everybody's standing may. */
  noteClaim(member: MutableMember, nowMs: number): void {
    if (nowMs < member.drainingUntilMs) this.#claimants.add(member);
    else if (this.#claimants.delete(member) && this.#believesClaims) this.#slowStart.begin(member, nowMs);
    if (this.#areClaimsCredible !== this.#believesClaims) this.reviewAll(nowMs);
    else this.review(member, nowMs);
  }

  /** Notices what the passing of time changed. */
  passTime(nowMs: number): void {
    this.nextChangeMs = Infinity;
    const timed = [...this.#timed];
    this.#timed.clear();
    for (const member of timed) member.passTime(nowMs);
    for (const member of timed) this.noteClaim(member, nowMs);
  }

  get #areClaimsCredible(): boolean {
    return this.#claimants.size * 2 <= this.#roster.size;
  }
}
