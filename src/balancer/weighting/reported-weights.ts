import type { LoadReport } from "../../load-report.ts";
import { SlotTables } from "../estimates/slot-table.ts";
import type { Member } from "../member.ts";
import { twoDigits } from "../two-digits.ts";
import { shareCap } from "./share-cap.ts";

export interface ReportedWeightsOptions {
  readonly blackoutMs: number;
  readonly expirationMs: number;
  readonly errorUtilizationPenalty: number;
  readonly maxShare: number;
  readonly raiseMs: number;
}

/** Beyond any real server, and sums of it stay finite. */
const MAX_CLAIM = 1e12;

/** Weights of members by what their servers report: how many calls per second each would answer at full utilization. */
export class ReportedWeights {
  readonly #options: ReportedWeightsOptions;
  #members: readonly Member[] = [];
  readonly #tables = new SlotTables();
  /** The last claim of each, when it came, and since when claims came without a gap. */
  readonly #claims = this.#tables.add();
  readonly #claimedAtMs = this.#tables.add(-Infinity);
  readonly #claimedSinceMs = this.#tables.add(Infinity);
  /** What of the claim is believed; NaN where none counts. */
  readonly #believed = this.#tables.add(NaN);
  /** As of the last {@link update}. */
  readonly weights = this.#tables.add();
  /** Of those with a believed claim; NaN if they are fewer than two. */
  #mean = NaN;
  #updatedAtMs = -Infinity;

  constructor(options: ReportedWeightsOptions) {
    this.#options = options;
  }

  membership(members: readonly Member[]): void {
    this.#members = members;
    this.#tables.membership(members);
  }

  onReport({ slot }: Member, report: LoadReport, nowMs: number): void {
    const claim = this.#claimOf(report);
    if (!(claim > 0)) return;
    if (this.#isStale(slot, nowMs)) this.#claimedSinceMs.set(slot, nowMs);
    this.#claimedAtMs.set(slot, nowMs);
    this.#claims.set(slot, Math.min(claim, MAX_CLAIM));
  }

  /** Computes all weights anew: O(n), to be called now and then. */
  update(nowMs: number): void {
    const { raiseMs, maxShare } = this.#options;
    const raise = raiseMs === 0 ? 1 : 1 - Math.exp((this.#updatedAtMs - nowMs) / raiseMs);
    this.#updatedAtMs = nowMs;
    for (const { slot } of this.#members) this.#believed.set(slot, this.#believe(slot, raise, nowMs));
    const cap = shareCap(this.#members, this.#believed, maxShare);
    this.#mean = this.#meanOf(cap);
    const areKnown = !Number.isNaN(this.#mean);
    for (const { slot, endpoint } of this.#members) {
      const believed = this.#believed.get(slot);
      const claim = Number.isNaN(believed) ? this.#mean : Math.min(believed, cap);
      this.weights.set(slot, endpoint.weight * (areKnown ? claim : 1));
    }
  }

  /** As of the last {@link update}. */
  describe({ slot, endpoint }: Member): string {
    if (Number.isNaN(this.#mean)) return "no weights by reports: fewer than two endpoints have reports that count";
    if (Number.isNaN(this.#believed.get(slot))) return "has the mean weight: it has no report that counts yet, or any more";
    return `has ${twoDigits(this.weights.get(slot) / endpoint.weight / this.#mean)} times the mean weight, by its reports`;
  }

  #claimOf({ requestsPerSecond, errorsPerSecond, utilization }: LoadReport): number {
    if (!(requestsPerSecond > 0 && utilization > 0)) return 0;
    return requestsPerSecond / (utilization + (errorsPerSecond / requestsPerSecond) * this.#options.errorUtilizationPenalty);
  }

  #isStale(slot: number, nowMs: number): boolean {
    return nowMs - this.#claimedAtMs.get(slot) >= this.#options.expirationMs;
  }

  /** A weight falls at once, and rises by the part `raise` of the way. A first claim starts from the mean, which was the member's weight until now. */
  #believe(slot: number, raise: number, nowMs: number): number {
    if (this.#isStale(slot, nowMs) || nowMs - this.#claimedSinceMs.get(slot) < this.#options.blackoutMs) return NaN;
    const claim = this.#claims.get(slot);
    const believed = this.#believed.get(slot);
    const before = Number.isNaN(believed) ? this.#mean : believed;
    return claim > before ? before + (claim - before) * raise : claim;
  }

  #meanOf(cap: number): number {
    let known = 0;
    let sum = 0;
    for (const { slot } of this.#members) {
      const believed = this.#believed.get(slot);
      if (Number.isNaN(believed)) continue;
      known += 1;
      sum += Math.min(believed, cap);
    }
    return known < 2 ? NaN : sum / known;
  }
}
