import { notedChange } from "../../list-change.ts";
import type { Member } from "../member.ts";

/** Of all members: once more have changed one by one, all are counted anew. */
const maxChanged = 1 / 16;

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
  #list: readonly Member[] = [];
  #changed = 0;

  membership(members: readonly Member[]): void {
    const change = notedChange(this.#list, members);
    this.#list = members;
    this.#changed += change === undefined ? Infinity : change.came.length + change.gone.length;
    if (change === undefined || this.#changed > members.length * maxChanged) this.#recount();
    else {
      for (const member of change.came) this.#add(member, 1);
      for (const member of change.gone) this.#add(member, -1);
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

  #recount(): void {
    this.#weight = 0;
    this.#inFlight = 0;
    this.#changed = 0;
    for (const member of this.#list) this.#add(member, 1);
  }

  #add({ endpoint, inFlight }: Member, times: 1 | -1): void {
    this.#weight += times * endpoint.weight;
    this.#inFlight += times * inFlight;
  }
}
