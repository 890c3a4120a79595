import { atLeast, optionsOf, share } from "../../check-options.ts";
import type { Member } from "../member.ts";
import type { Standing } from "../members/standing.ts";
import type { PickContext } from "../pick-context.ts";
import { Group, type GroupEnv, RELIEF } from "./group.ts";
import { SpillGate } from "./spill-gate.ts";

/** When calls leave the client's own zone. */
export interface SpillOptions {
  /** Calls may leave the zone while its servers report a higher utilization than this on average, 0 to 1. Default 0.92. */
  readonly aboveUtilization?: number | undefined;
  /**
   * How much cheaper an endpoint elsewhere must be, >= 1. Cost grows with the cube of load: 8 is a load lower by a factor of 2, 12 by 2.3. More keeps
   * calls at home longer, at the price of latency. Default 12.
   */
  readonly penalty?: number | undefined;
}

export const checkSpill = optionsOf<SpillOptions>({ aboveUtilization: share, penalty: atLeast(1) });

export interface LevelEnv extends GroupEnv {
  readonly spill: Required<{ [Name in keyof SpillOptions]: number }>;
  /** Share of sound members below which the own zone has no precedence, 0 to 1. */
  readonly panicThreshold: number;
}

/**
 * One priority: the client's own zone, and all others. Without zones, everybody is local.
 *
 * A call stays in its zone, until the zone runs short of capacity; then the best candidate of each side is compared by cost, and the one
 * elsewhere must be cheaper by far. There is no share to be computed, hence nothing that could oscillate: only the excess leaves.
 */
export class Level {
  readonly priority: number;
  readonly local: Group;
  readonly remote: Group;
  readonly gate: SpillGate;
  readonly #env: LevelEnv;

  constructor(priority: number, env: LevelEnv) {
    this.priority = priority;
    this.#env = env;
    this.local = new Group(env);
    this.remote = new Group(env);
    this.gate = new SpillGate(env.spill.aboveUtilization);
  }

  get size(): number {
    return this.local.size + this.remote.size;
  }

  /** The part of its members that get calls as a rule, 0 to 1; 0 where it has none. */
  eligibleShare(shard: string | undefined, panic: boolean): number {
    const local = this.local.of(shard);
    const remote = this.remote.of(shard);
    const known = local.known + remote.known;
    return known === 0 ? 0 : (local.eligible(panic) + remote.eligible(panic)) / known;
  }

  has(shard: string | undefined, row: readonly Standing[], panic: boolean): boolean {
    return row.some((standing) => this.#hasAt(shard, standing, panic));
  }

  /** Those of the best standing in the row. */
  best(row: readonly Standing[], panic: boolean): readonly Member[] {
    const standing = row.find((candidate) => this.#hasAt(undefined, candidate, panic));
    if (standing === undefined) return [];
    const sides = [this.local.of(undefined), this.remote.of(undefined)];
    return sides.flatMap((side) => [...side.at(standing).items, ...side.heldBeside(standing, panic).items]);
  }

  /** Somebody for the call, of the best standing in the row that has anybody it does not avoid. */
  pick(context: PickContext, row: readonly Standing[], panic: boolean, nowMs: number): Member | undefined {
    for (const standing of row) {
      const member = this.#pickAt(context, standing, panic, nowMs);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  #pickAt(context: PickContext, standing: Standing, panic: boolean, nowMs: number): Member | undefined {
    const { local, remote } = this;
    const hasLocal = local.aim(context, standing, panic);
    const hasRemote = remote.size > 0 && remote.aim(context, standing, panic);
    if (hasLocal && hasRemote) return this.#pickZone(context, nowMs);
    if (hasLocal) return local.pick(context, nowMs);
    return hasRemote ? remote.pick(context, nowMs) : undefined;
  }

  #hasAt(shard: string | undefined, standing: Standing, panic: boolean): boolean {
    return this.local.of(shard).sizeAt(standing, panic) + this.remote.of(shard).sizeAt(standing, panic) > 0;
  }

  #pickZone(context: PickContext, nowMs: number): Member | undefined {
    const { local, remote } = this;
    if (this.#sitsOut(nowMs)) return pickBetween(remote, local, remote.isShort(nowMs), RELIEF, context, nowMs);
    const isShort = this.gate.isOpen(nowMs) || this.#isShort(context.shard);
    return pickBetween(local, remote, isShort, this.#env.spill.penalty, context, nowMs);
  }

  /** A zone that is new, or was lost, goes through slow start as a single endpoint does. */
  #sitsOut(nowMs: number): boolean {
    const { random, slowStart } = this.#env;
    if (!slowStart.isOn(nowMs)) return false;
    const share = this.local.warmestShare(nowMs) / this.remote.warmestShare(nowMs);
    return share < 1 && random() >= share;
  }

  #isShort(shard: string | undefined): boolean {
    const { sound, known } = this.local.of(shard);
    return sound < this.#env.panicThreshold * known;
  }
}

/** Somebody of the first group as long as it is not short of room; then of the other, where a call costs so many times less. */
function pickBetween(
  first: Group,
  other: Group,
  isShort: boolean,
  penalty: number,
  context: PickContext,
  nowMs: number,
): Member | undefined {
  const one = first.pick(context, nowMs);
  if (one !== undefined && !isShort) return one;
  const another = other.pick(context, nowMs);
  if (one === undefined || another === undefined) return one ?? another;
  return other.picker.cost(context, another, nowMs) * penalty < first.picker.cost(context, one, nowMs) ? another : one;
}
