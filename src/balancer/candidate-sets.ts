import type { RandomSource } from "../random-source.ts";
import { randomIndex } from "../random-source.ts";
import type { Candidates } from "./candidates.ts";
import { Ladder, Selection } from "./ladder.ts";
import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";
import type { Hold, Tier } from "./standing.ts";

type Seat = { readonly tier: Tier; readonly hold: Hold; readonly priority: number; readonly shard: string | undefined };

/** Draws before a scan: with half of the members acceptable, a scan is needed once in 256 draws. */
const MAX_DRAWS = 8;

/** Who may take a call, kept up to date change by change, so that choosing needs no scan. */
export class CandidateSets implements Candidates {
  readonly #random: RandomSource;
  readonly #panicThreshold: number;
  readonly #everybody = new Ladder();
  readonly #shards = new Map<string, Ladder>();
  readonly #seats = new Map<Member, Seat>();
  readonly #selection = new Selection();
  #sound = 0;

  /** @param panicThreshold share of sound members, 0 to 1, below which holds are ignored */
  constructor(random: RandomSource, panicThreshold: number) {
    this.#random = random;
    this.#panicThreshold = panicThreshold;
  }

  /** Members that would be eligible without panic: healthy, not unreachable, not ejected or probing, not resting. */
  get sound(): number {
    return this.#sound;
  }

  get panic(): boolean {
    return this.#sound < this.#panicThreshold * this.#seats.size;
  }

  /** Seats a member by its standing, priority and shard, or moves it there. */
  place(member: Member, tier: Tier, hold: Hold): void {
    const { priority, labels } = member.endpoint;
    const seat = this.#seats.get(member);
    if (seat?.tier === tier && seat.hold === hold && seat.priority === priority && seat.shard === labels.shard) return;
    this.remove(member);
    const next = { tier, hold, priority, shard: labels.shard };
    this.#seats.set(member, next);
    if (isSound(next)) this.#sound += 1;
    this.#everybody.add(member, priority, tier, hold);
    if (next.shard !== undefined) this.#shardLadder(next.shard).add(member, priority, tier, hold);
  }

  remove(member: Member): void {
    const seat = this.#seats.get(member);
    if (seat === undefined) return;
    this.#seats.delete(member);
    if (isSound(seat)) this.#sound -= 1;
    this.#everybody.delete(member, seat.priority, seat.tier, seat.hold);
    if (seat.shard === undefined) return;
    const shard = this.#shardLadder(seat.shard);
    shard.delete(member, seat.priority, seat.tier, seat.hold);
    if (shard.size === 0) this.#shards.delete(seat.shard);
  }

  /** Those who may take the call, avoided ones included. Valid until the next call of any method. */
  select(context: PickContext): Selection {
    const ladder = context.shard === undefined ? this.#everybody : this.#shards.get(context.shard);
    if (ladder === undefined) this.#selection.clear();
    else ladder.select(this.#selection, context.avoid, this.panic);
    return this.#selection;
  }

  places(context: PickContext): number {
    return this.select(context).size;
  }

  at(context: PickContext, place: number): Member | undefined {
    const member = this.select(context).at(place);
    return member === undefined || context.avoid?.has(member.endpoint.id) ? undefined : member;
  }

  sample(context: PickContext): Member | undefined {
    return this.#draw(context, undefined);
  }

  sampleOther(context: PickContext, other: Member): Member | undefined {
    return this.#draw(context, other);
  }

  // Slow start belongs here once there is one: a drawn member that is not warm is kept with some probability, else drawn again.
  #draw(context: PickContext, other: Member | undefined): Member | undefined {
    const selection = this.select(context);
    const { size } = selection;
    if (size === 0) return undefined;
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      const member = selection.at(randomIndex(this.#random, size)) as Member;
      if (isAcceptable(member, context, other)) return member;
    }
    return this.#drawByScan(selection, context, other);
  }

  /** Counts the acceptable ones and draws among them: a scan to the next acceptable one would favour those behind a gap. */
  #drawByScan(selection: Selection, context: PickContext, other: Member | undefined): Member | undefined {
    let acceptable = 0;
    for (let place = 0; place < selection.size; place += 1) {
      if (isAcceptable(selection.at(place) as Member, context, other)) acceptable += 1;
    }
    if (acceptable === 0) return undefined;
    let skip = randomIndex(this.#random, acceptable);
    for (let place = 0; place < selection.size; place += 1) {
      const member = selection.at(place) as Member;
      if (!isAcceptable(member, context, other)) continue;
      if (skip === 0) return member;
      skip -= 1;
    }
    return undefined;
  }

  #shardLadder(shard: string): Ladder {
    let ladder = this.#shards.get(shard);
    if (ladder === undefined) {
      ladder = new Ladder();
      this.#shards.set(shard, ladder);
    }
    return ladder;
  }
}

function isSound(seat: Seat): boolean {
  return seat.hold === "none" && (seat.tier === "open" || seat.tier === "waiting");
}

function isAcceptable(member: Member, context: PickContext, other: Member | undefined): boolean {
  return member !== other && !context.avoid?.has(member.endpoint.id);
}
