import type { Member } from "../member.ts";

/** This client's own calls in flight, over all members: the more there are, the more they tell of the servers' load. */
export class OwnCalls {
  /** In flight for each unit of weight, on average. A field, not a getter: see {@link Appraisal}. */
  mean = 0;
  /** Of a member. */
  meanWeight = 1;
  /** How many there are. */
  members = 0;
  #inFlight = 0;
  #weight = 0;

  membership(members: readonly Member[]): void {
    this.#weight = 0;
    this.#inFlight = 0;
    for (const { endpoint, inFlight } of members) {
      this.#weight += endpoint.weight;
      this.#inFlight += inFlight;
    }
    this.members = members.length;
    this.meanWeight = this.#weight / Math.max(1, members.length);
    this.count(0);
  }

  /** @param cost of a call that began; negative when it ended */
  count(cost: number): void {
    this.#inFlight += cost;
    this.mean = this.#weight === 0 ? 0 : this.#inFlight / this.#weight;
  }
}
