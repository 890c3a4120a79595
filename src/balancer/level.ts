import { Group, type GroupEnv, RELIEF } from "./group.ts";
import type { Member } from "./member.ts";
import type { PickContext } from "./pick-context.ts";
import type { Rung } from "./rungs.ts";
import { SpillGate } from "./spill-gate.ts";

export interface SpillOptions {
  /** Calls may leave the zone while its servers report a higher utilization than this on average, 0 to 1. Default 0.92. */
  readonly aboveUtilization?: number | undefined;
  /**
   * How much cheaper an endpoint elsewhere must be, >= 1. Cost grows with the cube of load: 8 is a load lower by a factor of 2, 12 by 2.3. More keeps
   * calls at home longer, at the price of latency. Default 12.
   */
  readonly penalty?: number | undefined;
}

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

  get sound(): number {
    return this.local.rungs(undefined).sound + this.remote.rungs(undefined).sound;
  }

  /** The part of its members that calls are for, 0 to 1; 0 where it has none. */
  usableShare(shard: string | undefined, withHeld: boolean): number {
    const local = this.local.rungs(shard);
    const remote = this.remote.rungs(shard);
    const known = local.known + remote.known;
    return known === 0 ? 0 : (local.usable(withHeld) + remote.usable(withHeld)) / known;
  }

  has(shard: string | undefined, rung: Rung, withHeld: boolean): boolean {
    return this.local.rungs(shard).has(rung, withHeld) || this.remote.rungs(shard).has(rung, withHeld);
  }

  on(rung: Rung, withHeld: boolean): readonly Member[] {
    return [...this.local.rungs(undefined).on(rung, withHeld), ...this.remote.rungs(undefined).on(rung, withHeld)];
  }

  /** Somebody for the call on this rung, if there is anybody that it does not avoid. */
  pick(context: PickContext, rung: Rung, withHeld: boolean, nowMs: number): Member | undefined {
    const { local, remote } = this;
    const hasLocal = local.aim(context, rung, withHeld);
    const hasRemote = remote.size > 0 && remote.aim(context, rung, withHeld);
    if (hasLocal && hasRemote) return this.#pickZone(context, nowMs);
    if (hasLocal) return local.pick(context, nowMs);
    return hasRemote ? remote.pick(context, nowMs) : undefined;
  }

  #pickZone(context: PickContext, nowMs: number): Member | undefined {
    const { local, remote } = this;
    if (this.#sitsOut(nowMs)) return this.#pickSparing(context, nowMs);
    const here = local.pick(context, nowMs);
    if (here !== undefined && !this.gate.isOpen(nowMs) && !this.#isShort(context.shard)) return here;
    const there = remote.pick(context, nowMs);
    if (here === undefined || there === undefined) return here ?? there;
    return remote.cost(context, there, nowMs) * this.#env.spill.penalty < local.cost(context, here, nowMs) ? there : here;
  }

  /** A zone that is new, or was lost, goes through slow start as a single endpoint does. */
  #sitsOut(nowMs: number): boolean {
    const { random, slowStart } = this.#env;
    if (!slowStart.isOn(nowMs)) return false;
    const share = this.local.warmestShare(nowMs) / this.remote.warmestShare(nowMs);
    return share < 1 && random() >= share;
  }

  /** Elsewhere, as long as there is room. */
  #pickSparing(context: PickContext, nowMs: number): Member | undefined {
    const { local, remote } = this;
    const there = remote.pick(context, nowMs);
    if (there !== undefined && !remote.room.isShort(nowMs)) return there;
    const here = local.pick(context, nowMs);
    if (here === undefined || there === undefined) return here ?? there;
    return local.cost(context, here, nowMs) * RELIEF < remote.cost(context, there, nowMs) ? here : there;
  }

  #isShort(shard: string | undefined): boolean {
    const { sound, known } = this.local.rungs(shard);
    return sound < this.#env.panicThreshold * known;
  }
}
