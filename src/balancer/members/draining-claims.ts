import type { MutableMember } from "./mutable-member.ts";

/** Who says of itself that it is draining. Where most of all members say so, it is a mistake or a lie, they would be missed, and none is believed. */
export class DrainingClaims {
  readonly #claimants = new Set<MutableMember>();

  /** @param known how many members there are */
  areBelieved(known: number): boolean {
    return this.#claimants.size * 2 <= known;
  }

  /** To be called when the member may have made, renewed, taken back or outlived a claim. Returns whether a claim ended. */
  note(member: MutableMember, nowMs: number): boolean {
    if (nowMs >= member.drainingUntilMs) return this.#claimants.delete(member);
    this.#claimants.add(member);
    return false;
  }

  forget(member: MutableMember): void {
    this.#claimants.delete(member);
  }
}
