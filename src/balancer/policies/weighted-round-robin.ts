// Optimises: an even utilization of servers that differ in what they can do. Calls go out in turn, more often to servers that report
//   many calls per second at little utilization and few errors.
// Wrong when: servers do not report, which makes it plain round robin; and when load changes within seconds: utilization trails it, and
//   a queue that grows now shows too late.
// Cold: a newcomer has the mean weight until it has reported for `blackoutMs`, slow start permitting.
// Recovers: a worse report counts with the next schedule, at most `updateMs` later; a better one over `raiseMs`. A server that falls
//   silent has the mean weight again after `expirationMs`.
// Trust: a server may talk itself down, but not up: no share exceeds `maxShare` times the fair one, whatever is reported.
// Source: gRFC A58, https://github.com/grpc/proposal/blob/master/A58-client-side-weighted-round-robin-lb-policy.md
import { above, assertOptions, atLeast, durationMs, givenOf, number, someMs } from "../../check-options.ts";
import type { LoadReport } from "../../load-report.ts";
import { randomIndex } from "../../random-source.ts";
import type { Member } from "../member.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";
import { ReportedWeights, type ReportedWeightsOptions } from "../weighting/reported-weights.ts";
import { StrideSchedule } from "../weighting/stride-schedule.ts";
import { forgetShards } from "./forget-shards.ts";

/** Options of `weightedRoundRobin`. */
export interface WeightedRoundRobinOptions {
  /** How long a server must have reported before its reports count, in ms, >= 0. Default 10 000. As gRPC's `blackout_period`. */
  readonly blackoutMs?: number | undefined;
  /** How long a server's last report counts, in ms, > 0. Default 180 000. As gRPC's `weight_expiration_period`. */
  readonly expirationMs?: number | undefined;
  /** How often weights are computed, in ms, at least 100. Default 1 000. As gRPC's `weight_update_period`. */
  readonly updateMs?: number | undefined;
  /** What a share of errors adds to the utilization, >= 0: with 1, ten in a hundred add 0.1. Default 1. As in gRPC. */
  readonly errorUtilizationPenalty?: number | undefined;
  /** The largest share that reports can earn, in fair shares, > 1. Default 2. Infinity as in gRPC: then ten times the mean weight. */
  readonly maxShare?: number | undefined;
  /** Time in which a weight makes 63 % of its way up to what is reported, in ms, >= 0. Default 10 000; 0 for at once, as in gRPC. */
  readonly raiseMs?: number | undefined;
}

const DEFAULTS = { blackoutMs: 10_000, expirationMs: 180_000, updateMs: 1_000, errorUtilizationPenalty: 1, maxShare: 2, raiseMs: 10_000 };

/**
 * The eligible endpoints in turn, as often as their weight says: requests per second / (utilization + errors per request * penalty), from
 * their reports, times the weight from discovery. Endpoints without reports have the mean; with fewer than two that report, all have
 * the same.
 */
export function weightedRoundRobin(options: WeightedRoundRobinOptions = {}): Policy {
  assertOptions("weightedRoundRobin", options, {
    blackoutMs: durationMs,
    expirationMs: someMs,
    updateMs: number({ unit: "milliseconds", from: 100 }),
    errorUtilizationPenalty: atLeast(0),
    maxShare: above(1),
    raiseMs: durationMs,
  });
  const { updateMs, ...weights } = { ...DEFAULTS, ...givenOf(options) };
  return (env) => new WeightedRoundRobinPicker(env, weights, updateMs);
}

/** More than enough to meet one who has a turn, unless nearly all places are avoided or cold. */
const MAX_STEPS = 128;

/** Whose turn it is. Each shard has its own: with a shared one, two shards called in turn would each see only every other place. */
interface Turn {
  place: number;
  round: number;
}

class WeightedRoundRobinPicker implements Picker {
  readonly #env: PolicyEnv;
  readonly #updateMs: number;
  readonly #reported: ReportedWeights;
  readonly #schedule = new StrideSchedule();
  readonly #turns = new Map<string | undefined, Turn>();
  #nextUpdateMs = -Infinity;

  constructor(env: PolicyEnv, weights: ReportedWeightsOptions, updateMs: number) {
    this.#env = env;
    this.#updateMs = updateMs;
    this.#reported = new ReportedWeights(weights);
  }

  membership(members: readonly Member[]): void {
    this.#reported.membership(members);
    this.#schedule.membership(members);
    this.#nextUpdateMs = -Infinity;
    forgetShards(this.#turns, members);
  }

  pick(context: PickContext, nowMs: number): Member | undefined {
    const { candidates } = this.#env;
    const places = candidates.places(context);
    if (places === 0) return undefined;
    if (nowMs >= this.#nextUpdateMs) this.#update(nowMs);
    const turn = this.#turns.get(context.shard) ?? this.#firstTurn(context.shard, places);
    for (let step = 0; step < MAX_STEPS; step += 1) {
      // Whoever stood beyond the end has left, so the round is over.
      if (turn.place >= places) {
        turn.place = 0;
        turn.round += 1;
      }
      const { place, round } = turn;
      turn.place += 1;
      const member = candidates.at(context, place);
      if (member !== undefined && this.#schedule.hasTurn(member.slot, place, round)) return member;
    }
    return candidates.sample(context);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    this.#reported.onReport(member, report, nowMs);
  }

  describe(member: Member): string {
    return this.#reported.describe(member);
  }

  /** In place of a timer: the first call after `updateMs` pays for it. */
  #update(nowMs: number): void {
    this.#reported.update(nowMs);
    this.#schedule.reweigh(this.#reported.weights);
    this.#nextUpdateMs = nowMs + this.#updateMs;
  }

  /** Somewhere, so that many clients that start together do not walk in step. */
  #firstTurn(shard: string | undefined, places: number): Turn {
    const { random } = this.#env;
    const turn = { place: randomIndex(random, places), round: randomIndex(random, 2 ** 16) };
    this.#turns.set(shard, turn);
    return turn;
  }
}
