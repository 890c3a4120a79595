import type { LoadReport } from "../../load-report.ts";
import { callCost } from "../load.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import { Appraisal } from "./appraisal.ts";
import { clientErrors, FailureRecord, failures } from "./failure-record.ts";
import { describeFindings } from "./findings.ts";
import { LatencyEstimates } from "./latency-estimates.ts";
import { LoadEstimates } from "./load-estimates.ts";
import { OwnCalls } from "./own-calls.ts";
import { SlotTables } from "./slot-table.ts";

/**
 * What a call would cost at each member: slowness x load x load x load / success^6, by what servers report, and by our own calls there, how long they take
 * and what becomes of them.
 */
export class CallCosts {
  readonly #tables = new SlotTables();
  readonly #own = new OwnCalls();
  readonly latency = new LatencyEstimates(this.#tables, this.#own);
  readonly #load = new LoadEstimates(this.#tables, this.#own, this.latency);
  readonly #failures = new FailureRecord(this.#tables, failures);
  readonly #clientErrors = new FailureRecord(this.#tables, clientErrors);
  /** What {@link appraise} found. */
  readonly appraisal = new Appraisal();

  membership(members: readonly Member[]): void {
    this.#tables.membership(members);
    this.#own.membership(members);
  }

  /** Before members are appraised for a call. */
  begin(): void {
    this.#load.appraiseIdleness(this.appraisal);
  }

  appraise(context: PickContext, member: Member, nowMs: number): void {
    const { appraisal } = this;
    const { slot, consecutiveFailures, consecutiveClientErrors } = member;
    appraisal.success =
      this.#failures.success(slot, consecutiveFailures, nowMs) * this.#clientErrors.success(slot, consecutiveClientErrors, nowMs);
    this.latency.appraise(member, nowMs, appraisal);
    this.#load.appraise(member, nowMs, appraisal);
    const load = (appraisal.load + appraisal.call * callCost(context)) / member.endpoint.weight;
    appraisal.cost = appraisal.slowness * load * load * load;
    if (appraisal.success < 1) appraisal.cost /= appraisal.success ** 6;
  }

  /** A call began that was due to the two. */
  onStart(member: Member, one: Member, other: Member, cost: number, nowMs: number): void {
    this.#own.count(cost);
    this.#load.onStart(member, one, other, cost, nowMs);
  }

  onReport(member: Member, report: LoadReport, nowMs: number): void {
    const { slot } = member;
    this.#load.onReport(member, report, nowMs);
    if (report.latencyMs === undefined || !this.#load.isTrusted(slot)) return;
    this.latency.onReport(slot, report.latencyMs, this.#load.isDoubted(member, nowMs), nowMs);
  }

  /** Returns whether the server did what it was asked, as far as servers do. */
  onSettle(member: Member, { kind, processed, latencyMs }: Outcome, nowMs: number, cost: number): boolean {
    const { slot } = member;
    this.#own.count(-cost);
    this.#load.onEnd(slot, cost, nowMs - latencyMs);
    if (kind === "abandoned" || kind === "unreachable" || !(latencyMs >= 0 && latencyMs < Infinity)) return false;
    if (kind === "success" || kind === "clientError") return this.#onAnswer(slot, kind === "clientError", latencyMs, nowMs);
    if (kind === "timeout" || kind === "refused") this.#load.onOverload(member, nowMs);
    if (processed === "no") return false;
    this.#failures.add(slot, true, nowMs);
    this.latency.onFailure(slot, latencyMs, nowMs);
    return false;
  }

  /** In a sentence: what is known of the member. */
  describe(member: Member, nowMs: number): string {
    const { slot, inFlight, endpoint, report, consecutiveFailures, consecutiveClientErrors } = member;
    this.latency.appraise(member, nowMs, this.appraisal);
    return describeFindings({
      inFlight,
      usualInFlight: endpoint.weight * this.#own.mean,
      reported: report?.inFlight,
      isTrusted: this.#load.isTrusted(slot),
      isDoubted: this.#load.isDoubted(member, nowMs),
      slowness: this.appraisal.slowness,
      success: this.#failures.success(slot, consecutiveFailures, nowMs),
      compliance: this.#clientErrors.success(slot, consecutiveClientErrors, nowMs),
    });
  }

  #onAnswer(slot: number, isClientError: boolean, latencyMs: number, nowMs: number): boolean {
    this.#failures.add(slot, false, nowMs);
    this.#clientErrors.add(slot, isClientError, nowMs);
    // Quick, because nothing was done, unless all do the same.
    const isGood = !isClientError || this.#clientErrors.isUsual(nowMs);
    if (isGood) this.latency.onSuccess(slot, latencyMs, this.#load.areReported && !this.#load.isReported(slot), nowMs);
    else this.latency.onAnswer(slot, nowMs);
    return isGood;
  }
}
