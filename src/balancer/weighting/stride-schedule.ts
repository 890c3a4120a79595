import { type SlotTable, SlotTables } from "../estimates/slot-table.ts";
import type { Member } from "../member.ts";

/** A weight in the schedule is a whole number of steps, 1 to this; the heaviest member has all of them and a turn in every round. */
const STEPS = 65_535;
/** Neighbours of equal weight skip different rounds this way, so that a round seldom skips many in a row. */
const STEPS_APART = 32_767;
/** Weights above this many times the mean are cut to it: a call is offered to about as many members as the heaviest weighs means. */
const MAX_RATIO = 10;
/** And those below this part of the mean are raised to it: nobody is forgotten, and a lone light member is found soon. */
const MIN_RATIO = 0.01;

/**
 * Who has a turn in which round, by weight, without a queue: members are asked one after another, round by round, and whether one has its
 * turn follows from its weight and the round's number alone. Turns of one member are spread as evenly over the rounds as can be.
 *
 * @see https://github.com/grpc/proposal/blob/master/A58-client-side-weighted-round-robin-lb-policy.md, and gRPC's static stride scheduler
 */
export class StrideSchedule {
  #members: readonly Member[] = [];
  readonly #tables = new SlotTables();
  readonly #steps = this.#tables.add();

  membership(members: readonly Member[]): void {
    this.#members = members;
    this.#tables.membership(members);
  }

  /** Takes new weights, each > 0. Allocates nothing. */
  reweigh(weights: SlotTable): void {
    const members = this.#members;
    let sum = 0;
    let heaviest = 0;
    for (const { slot } of members) {
      const weight = weights.get(slot);
      sum += weight;
      heaviest = Math.max(heaviest, weight);
    }
    const mean = sum / members.length;
    const scale = STEPS / Math.min(heaviest, MAX_RATIO * mean);
    const least = Math.max(1, Math.round(MIN_RATIO * mean * scale));
    for (const { slot } of members) {
      this.#steps.set(slot, Math.min(STEPS, Math.max(least, Math.round(weights.get(slot) * scale))));
    }
  }

  /** Whether the member that stands at a place has its turn in a round. */
  hasTurn(slot: number, place: number, round: number): boolean {
    const steps = this.#steps.get(slot);
    return (steps * (round % STEPS) + STEPS_APART * place) % STEPS < steps;
  }
}
