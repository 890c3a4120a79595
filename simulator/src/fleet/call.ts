import {
  AttemptHistory,
  type BouncePermits,
  type Lease,
  type LoadReport,
  type Outcome,
  type PickContext,
  type RetryDecision,
  usualCode,
} from "meshless/balancer";
import type { ClientBalancer } from "../contender.ts";
import { chanceOf } from "../engine/random-streams.ts";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Recorder } from "../measure/recorder.ts";
import { Attempt, type AttemptOwner } from "./attempt.ts";
import type { Connections } from "./connections.ts";
import type { Awaited, Deadlines } from "./deadlines.ts";
import { crosses, type SimNetwork } from "./network.ts";
import type { Repeats } from "./repeats.ts";
import type { SimServer } from "./sim-server.ts";
import type { Answer, Visit } from "./visit.ts";

/** The client, as its calls know it. */
export interface Caller {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly zone: string | undefined;
  readonly balancer: ClientBalancer;
  readonly connections: Connections;
  readonly recorder: Recorder;
  readonly timeoutMs: number;
  readonly repeats: Repeats;
  readonly attemptDeadlines: Deadlines;
  /** Undefined: its calls may not be bounced. */
  readonly permits: BouncePermits | undefined;
  /** How many endpoints it knows. */
  readonly endpoints: number;
  serverOf(endpointId: string): SimServer;
  /** Does this once its own work for it is done: at once if there is none. */
  handle(chance: number, act: () => void): void;
}

type Verdict = Pick<Outcome, "kind" | "processed">;

const VERDICTS: Readonly<Record<Answer, Verdict>> = {
  done: { kind: "success", processed: "yes" },
  mistaken: { kind: "clientError", processed: "yes" },
  denied: { kind: "clientError", processed: "yes" },
  failed: { kind: "failure", processed: "yes" },
  bounced: { kind: "overload", processed: "no" },
  refused: { kind: "refused", processed: "no" },
  reset: { kind: "failure", processed: "unknown" },
};
const UNREACHABLE: Verdict = { kind: "unreachable", processed: "no" };

/** A call and its attempts, one after the other, as the transport's call loop makes them: acquire, attempt, settle, perhaps again. */
export class Call implements AttemptOwner, Awaited {
  readonly workMs: number;
  readonly mistake: Visit["mistake"];
  readonly seed: number;
  readonly arrivedAtMs: number;
  isOver = false;
  readonly #caller: Caller;
  readonly #context: PickContext;
  #attempt: Attempt | undefined;
  #attempts = 0;
  /** The server that took it last. */
  #server = -1;
  /** Undefined as long as nothing failed. */
  #history: AttemptHistory | undefined;

  constructor(caller: Caller, context: PickContext, { workMs, mistake, seed }: Pick<Call, "workMs" | "mistake" | "seed">) {
    this.#caller = caller;
    this.#context = context;
    this.workMs = workMs;
    this.mistake = mistake;
    this.seed = seed;
    this.arrivedAtMs = caller.time.nowMs;
    caller.recorder.onCall();
    caller.repeats.budget?.onCall(this.arrivedAtMs);
  }

  get time(): VirtualTime {
    return this.#caller.time;
  }

  get network(): SimNetwork {
    return this.#caller.network;
  }

  get zone(): string | undefined {
    return this.#caller.zone;
  }

  get attemptTimeoutMs(): number {
    return this.#caller.repeats.policy.perAttemptTimeoutMs;
  }

  get deadlineMs(): number {
    return this.arrivedAtMs + this.#caller.timeoutMs;
  }

  /** A chance for each thing that its client handles, apart from those of its attempts. */
  get chanceOfOwnWork(): number {
    return chanceOf(~this.seed, this.#attempts);
  }

  /** Makes attempts until one is under way, or nobody is left. */
  begin(): void {
    let decision: RetryDecision = "elsewhere";
    while (decision === "elsewhere") {
      const lease = this.#acquire() ?? this.#return();
      if (lease === undefined) return this.#end(true);
      if (this.#start(lease)) return;
      decision = this.#settle(UNREACHABLE);
    }
    this.#goOn(decision, true);
  }

  onTaken({ server }: Attempt): void {
    this.#server = server.index;
    this.#caller.recorder.onTaken(this.arrivedAtMs, server.index);
  }

  onUnreachable(): void {
    this.#goOn(this.#settle(UNREACHABLE), true);
  }

  onAnswer(attempt: Attempt, answer: Answer, report: LoadReport | undefined): void {
    this.#caller.handle(this.chanceOfOwnWork, () => {
      if (!attempt.isOver) this.#take(attempt, answer, report);
    });
  }

  #take(attempt: Attempt, answer: Answer, report: LoadReport | undefined): void {
    if (answer === "bounced") this.#onBounced();
    if (answer !== "reset" && answer !== "refused") this.#hear(attempt, report);
    this.#goOn(this.#settle(VERDICTS[answer]), answer !== "done" && answer !== "mistaken");
  }

  #onBounced(): void {
    const { permits, recorder } = this.#caller;
    permits?.onBounce();
    recorder.onBounce(this.arrivedAtMs);
  }

  onLate(attempt: Attempt): void {
    attempt.giveUp();
    this.#goOn(this.#settle({ kind: "timeout", processed: "unknown" }), true);
  }

  /** The deadline passed: it covers all attempts. */
  expire(): void {
    this.#attempt?.giveUp();
    this.#settle({ kind: "timeout", processed: "unknown" });
    this.#end(true);
  }

  #acquire(): Lease | undefined {
    const { balancer, time } = this.#caller;
    if (this.#history === undefined) return balancer.acquire(this.#context, time.nowMs);
    const { avoid } = this.#history;
    const lease = balancer.acquire({ ...this.#context, avoid }, time.nowMs);
    if (lease === undefined || !avoid.has(lease.endpoint.id)) return lease;
    // Not every contender heeds `avoid`, and each endpoint gets one chance.
    lease.settle({ kind: "abandoned", processed: "no", code: usualCode.abandoned, latencyMs: 0 }, time.nowMs);
    return undefined;
  }

  /** Nobody else is left: those that turned the call away have to take it. */
  #return(): Lease | undefined {
    return this.#history?.pardon() ? this.#acquire() : undefined;
  }

  /** False if no connection stands or is being made. */
  #start(lease: Lease): boolean {
    const caller = this.#caller;
    const server = caller.serverOf(lease.endpoint.id);
    const permitted = caller.permits?.grant(this.#history?.bounces ?? 0, caller.endpoints) ?? 0;
    const attempt = new Attempt(this, lease, server, this.#attempts, permitted > 0);
    this.#attempt = attempt;
    this.#attempts += 1;
    caller.recorder.onAttempt(this.arrivedAtMs, crosses(caller.zone, server.zone));
    if (this.attemptTimeoutMs < Infinity) caller.attemptDeadlines.add(attempt);
    return caller.connections.board(server, attempt);
  }

  /** The answer's report reaches the balancer, perhaps later. */
  #hear({ lease, server }: Attempt, report: LoadReport | undefined): void {
    const { balancer, time } = this.#caller;
    const { delayMs } = server.reporter;
    lease.responded(delayMs === 0 ? report : undefined, time.nowMs);
    if (report === undefined || delayMs === 0) return;
    time.after(delayMs, () => balancer.observe(server.id, report, time.nowMs));
  }

  /** Ends the attempt, if there is one, and says whether there may be another. */
  #settle({ kind, processed }: Verdict): RetryDecision {
    const attempt = this.#attempt;
    if (attempt === undefined) return "stop";
    this.#attempt = undefined;
    attempt.isOver = true;
    const { time, recorder, repeats } = this.#caller;
    const outcome: Outcome = { kind, processed, code: usualCode[kind], latencyMs: time.nowMs - attempt.startedAtMs };
    attempt.lease.settle(outcome, time.nowMs);
    if (kind === "success") return "stop";
    if (kind === "failure" || kind === "timeout") recorder.onServerError(this.arrivedAtMs, attempt.server.index);
    this.#history ??= new AttemptHistory({ ...repeats, random: () => this.chanceOfOwnWork });
    const endpointId = attempt.server.id;
    // Servers refuse what was on its way when they left, and nothing else.
    const connectionLeft = kind === "refused" ? "used" : "no";
    return this.#history.onFailed(
      { endpointId, outcome, connectionLeft, isRepeatable: true, leftMs: this.deadlineMs - time.nowMs },
      time.nowMs,
    );
  }

  /** @param failed whether the call failed if this was its last attempt */
  #goOn(decision: RetryDecision, failed: boolean): void {
    if (decision === "stop") return this.#end(failed);
    if (decision === "elsewhere") return this.begin();
    this.time.after(decision.elsewhereAfterMs, () => {
      if (!this.isOver) this.begin();
    });
  }

  #end(failed: boolean): void {
    this.isOver = true;
    const { recorder, time } = this.#caller;
    recorder.onCallEnd(this.arrivedAtMs, time.nowMs - this.arrivedAtMs, failed, this.#server);
  }
}
