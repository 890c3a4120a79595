import type { Member } from "../member.ts";

/**
 * Consistent hashing with bounded loads: how much each of some members may have in flight, given what all of them have. Kept as a running
 * sum, so that the question is O(1).
 */
export class BoundedLoad {
  readonly #factor: number;
  readonly #members: number;
  readonly #totalWeight: number;
  #inFlight: number;

  /** @param factor how far above its fair part of the load a member may be, > 1; Infinity for no bound */
  constructor(members: readonly Member[], factor: number) {
    this.#factor = factor;
    this.#members = members.length;
    this.#totalWeight = members.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
    this.#inFlight = members.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** Calls of one of the members began or ended. */
  add(change: number): void {
    this.#inFlight += change;
  }

  /**
   * Whether it has all that it may have: `factor` times its fair part of the load, that of the new call included. The load is fairly
   * split among those who may take the call, as if the others had their part of the weight.
   *
   * One call makes nobody full, whatever its cost: it is over only when its stream is closed, and the next one of its key may have begun by
   * then. Calls that are made one after the other would go to the owner and another endpoint by turns.
   *
   * @param cost of the new call
   * @param eligible how many of the members may take it
   */
  isFull(member: Member, cost: number, eligible: number): boolean {
    if (member.calls < 2) return false;
    const share = (member.endpoint.weight / this.#totalWeight) * (this.#members / eligible);
    return member.inFlight >= Math.ceil(this.#factor * (this.#inFlight + cost) * share);
  }
}
