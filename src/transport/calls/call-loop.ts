import { Code, ConnectError } from "@connectrpc/connect";
import type { Balancer, Lease } from "../../balancer/balancer.ts";
import type { BouncePermits } from "../../balancer/bounce-permits.ts";
import { type Outcome, usualCode } from "../../balancer/outcome.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import { AttemptHistory } from "../../balancer/retries/attempt-history.ts";
import { isBounce, type RetryDecision } from "../../balancer/retries/decide-retry.ts";
import type { Clock } from "../../clock.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import type { SessionPools } from "../sessions/session-pools.ts";
import type { Activity } from "../upstream/activity.ts";
import type { Bell } from "../upstream/bell.ts";
import type { EndpointFeed } from "../upstream/endpoint-feed.ts";
import { Place } from "../upstream/place.ts";
import { Attempt } from "./attempt.ts";
import type { RepeatReason } from "./attempt-info.ts";
import type { Call } from "./call.ts";
import { refusedError } from "./classify.ts";
import type { ContainedObserver } from "./contained-observer.ts";
import { pause } from "./pause.ts";

/** Makes one attempt: through Connect's own protocol code, or any other way. Resolves with the answer or its beginning. */
export type AttemptFn<R> = (attempt: Attempt) => Promise<R>;

export interface CallLoopEnv {
  readonly balancer: Balancer;
  readonly pools: SessionPools;
  readonly feed: EndpointFeed;
  readonly clock: Clock;
  readonly target: string;
  /** Rings when an endpoint's connectivity or the set of endpoints changes. */
  readonly changed: Bell;
  /** Throws when the transport takes no more calls. */
  readonly assertOpen: () => void;
  readonly activity: Activity;
  /** Which attempts a server may bounce; undefined without pushback. */
  readonly permits?: BouncePermits | undefined;
  readonly observer?: ContainedObserver | undefined;
}

/** A call's attempts that failed, and what it fails with in the end. */
class Tries {
  readonly history: AttemptHistory;
  /** How the latest attempt ended, if there may be another. */
  repeatReason: RepeatReason | undefined;
  /** Of the latest attempt that was not bounced. */
  #lastError: unknown;
  #refusal: unknown;

  constructor({ idempotent }: Call) {
    this.history = new AttemptHistory(idempotent);
  }

  /** Whether there may be another attempt after this one, which failed. */
  onFailed(call: Call, { endpointId, connectionLeft }: Attempt, outcome: Outcome, error: unknown): RetryDecision {
    this.repeatReason = { kind: outcome.kind, error: ConnectError.from(error) };
    if (outcome.kind === "refused") this.#refusal = error;
    if (!isBounce(outcome)) this.#lastError = error;
    const decision = this.history.onFailed({ endpointId, outcome, connectionLeft });
    return call.signal.aborted || !call.repeatable() ? "stop" : decision;
  }

  /** What the call fails with. @param error of its latest attempt; by default, of the latest that was not bounced */
  failure(error: unknown = this.#lastError): unknown {
    const { refusals } = this.history;
    return refusals > 1 && error === this.#refusal ? refusedError(refusals, ConnectError.from(error)) : error;
  }
}

/** The one loop: acquire, attempt, settle, perhaps again. */
export class CallLoop {
  readonly #env: CallLoopEnv;

  constructor(env: CallLoopEnv) {
    this.#env = env;
  }

  run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
    const { observer } = this.#env;
    if (observer === undefined) return this.#run(call, attemptFn);
    const { context, contextValues } = call;
    return observer.follow({ method: context.method, contextValues }, (observed) => this.#run({ ...call, observed }, attemptFn));
  }

  async #run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
    let tried: Tries | undefined;
    this.#env.activity.hold();
    try {
      for (let number = 1; ; number++) {
        const attempt =
          this.#startNow(call, number, tried) ?? this.#startAgain(call, number, tried) ?? (await this.#startLater(call, number, tried));
        try {
          const answer = await attemptFn(attempt);
          if (!call.isStream) attempt.finish(undefined);
          return answer;
        } catch (error) {
          const outcome = attempt.finish(error);
          tried ??= new Tries(call);
          if (attempt.facts.bounced) this.#env.permits?.onBounce();
          const decision = tried.onFailed(call, attempt, outcome, error);
          if (decision === "stop") throw tried.failure(error);
          if (decision !== "elsewhere") await pause(this.#env.clock, decision.elsewhereAfterMs, call.signal);
        }
      }
    } finally {
      this.#env.activity.release();
    }
  }

  /** The usual case, without waiting: somebody is eligible and has a session with room. */
  #startNow(call: Call, number: number, tried: Tries | undefined): Attempt | undefined {
    const { balancer, pools, feed, clock, assertOpen } = this.#env;
    assertOpen();
    if (!feed.known) return undefined;
    const lease = balancer.acquire(contextOf(call, tried), clock.now());
    if (lease === undefined) return undefined;
    const pool = pools.get(lease.endpoint.id);
    const session = pool?.take();
    if (pool !== undefined && session !== undefined) return this.#attempt(call, number, tried, lease, pool, session);
    this.#giveBack(lease, "abandoned");
    return undefined;
  }

  /** A call that was bounced waits for nobody: where no other endpoint takes it at once, it returns. */
  #startAgain(call: Call, number: number, tried: Tries | undefined): Attempt | undefined {
    return tried?.history.pardonBouncers() ? this.#startNow(call, number, tried) : undefined;
  }

  async #startLater(call: Call, number: number, tried: Tries | undefined): Promise<Attempt> {
    const { balancer, pools, feed, clock, assertOpen } = this.#env;
    const context = contextOf(call, tried);
    for (let looks = 0; ; looks++) {
      assertOpen();
      if (call.signal.aborted) throw call.signal.reason;
      if (!feed.known) {
        await feed.waitUntilKnown(call.signal);
        continue;
      }
      const lease = balancer.acquire(context, clock.now());
      if (lease === undefined) throw tried?.failure() ?? this.#nobody(context);
      const pool = pools.get(lease.endpoint.id);
      const session = pool?.take() ?? (await this.#waitFor(pool, lease, looks, call.signal));
      if (pool !== undefined && session !== undefined) return this.#attempt(call, number, tried, lease, pool, session);
      this.#giveBack(lease, pool?.lastFailure === undefined ? "abandoned" : "unreachable");
    }
  }

  /**
   * Waits in line behind other calls, or for any endpoint to become ready: perhaps another one is, before this one. An endpoint without a pool is
   * of a set that is just changing.
   */
  async #waitFor(pool: SessionPool | undefined, lease: Lease, looks: number, signal: AbortSignal): Promise<Session | undefined> {
    if (pool?.isOpen) return pool.wait(signal);
    if (pool && this.#env.pools.want(pool, looks)) return undefined;
    try {
      await this.#env.changed.wait(signal);
    } catch (error) {
      this.#giveBack(lease, "abandoned");
      throw error;
    }
    return pool?.take();
  }

  #attempt(call: Call, number: number, tried: Tries | undefined, lease: Lease, pool: SessionPool, session: Session): Attempt {
    const { clock, activity, permits, pools } = this.#env;
    const mayBounce = permits === undefined ? 0 : permits.grant(tried?.history.bounces ?? 0, pools.size);
    const repeatReason = tried?.repeatReason;
    const place = new Place(lease, session, pool, activity);
    return new Attempt({ call, place, number, repeatReason, mayBounce, clock });
  }

  #giveBack(lease: Lease, kind: "abandoned" | "unreachable"): void {
    lease.settle({ kind, processed: "no", code: usualCode[kind], latencyMs: 0 }, this.#env.clock.now());
  }

  #nobody(context: PickContext): ConnectError {
    const { balancer, pools, feed, clock, target } = this.#env;
    feed.refresh();
    const why = feed.exists ? balancer.explain(context, clock.now()) : "its source says that there is no such service";
    const failures = [...pools].map((pool) => pool.lastFailure).filter((failure) => failure !== undefined);
    const detail = failures.length === 0 ? "" : ` (last failure: ${failures[failures.length - 1]})`;
    return new ConnectError(`no endpoint for ${target}: ${why}${detail}`, Code.Unavailable);
  }
}

function contextOf({ context }: Call, tried: Tries | undefined): PickContext {
  return tried === undefined ? context : { ...context, avoid: tried.history.avoid };
}
