import { Code, ConnectError } from "@connectrpc/connect";
import type { Balancer, Lease } from "../balancer/balancer.ts";
import type { BouncePermits } from "../balancer/bounce-permits.ts";
import type { PickContext } from "../balancer/pick-context.ts";
import { decideRetry, isBounce } from "../balancer/retry.ts";
import { maxBounces } from "../bounce.ts";
import type { Clock } from "../clock.ts";
import type { Activity } from "./activity.ts";
import { Attempt } from "./attempt.ts";
import type { RepeatReason } from "./attempt-info.ts";
import type { Bell } from "./bell.ts";
import type { Call } from "./call.ts";
import { refusedError } from "./classify.ts";
import type { EndpointFeed } from "./endpoint-feed.ts";
import type { Session } from "./sessions/session.ts";
import type { SessionPool } from "./sessions/session-pool.ts";
import type { SessionPools } from "./sessions/session-pools.ts";

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
}

/**
 * The attempts of a call that failed. Each endpoint is tried once; a connection that went away under the call doesn't count, the first time,
 * nor does a bounce where nobody else is left. How many streams may be refused is bounded.
 */
class Tries {
  readonly avoid = new Set<string>();
  bounces = 0;
  /** How the latest attempt ended, if there may be another. */
  repeatReason: RepeatReason | undefined;
  /** Of the latest attempt that was not bounced. */
  #lastError: unknown;
  #refusals = 0;
  #refusal: unknown;
  #elsewhereTries = 0;
  readonly #goneAway = new Set<string>();
  readonly #bouncers = new Set<string>();

  /** Ends a failed attempt, and says whether there may be another. */
  mayGoOn(call: Call, attempt: Attempt, error: unknown): boolean {
    const outcome = attempt.finish(error);
    if (outcome.kind === "refused") this.#noteRefusal(attempt, error);
    const { idempotent, signal } = call;
    if (signal.aborted || !call.repeatable()) return false;
    if (decideRetry({ outcome, idempotent, elsewhereTries: this.#elsewhereTries, refusals: this.#refusals }) === "stop") return false;
    this.repeatReason = { kind: outcome.kind, error: ConnectError.from(error) };
    if (outcome.processed !== "no") this.#elsewhereTries++;
    if (isBounce(outcome)) this.#noteBounce(attempt);
    else this.#noteFailure(attempt, error);
    return true;
  }

  /** Lets the call return to those that bounced it, who then must take it. False if there is none. */
  pardonBouncers(): boolean {
    if (this.#bouncers.size === 0) return false;
    for (const id of this.#bouncers) this.avoid.delete(id);
    this.#bouncers.clear();
    this.bounces = maxBounces;
    return true;
  }

  /** What the call fails with. @param error of its latest attempt; by default, of the latest that was not bounced */
  failure(error: unknown = this.#lastError): unknown {
    return this.#refusals > 1 && error === this.#refusal ? refusedError(this.#refusals, ConnectError.from(error)) : error;
  }

  #noteRefusal({ sessionLeft }: Attempt, error: unknown): void {
    if (!sessionLeft) this.#refusals++;
    this.#refusal = error;
  }

  #noteBounce({ endpointId }: Attempt): void {
    this.bounces++;
    this.avoid.add(endpointId);
    this.#bouncers.add(endpointId);
  }

  #noteFailure({ endpointId, beyondGoaway }: Attempt, error: unknown): void {
    this.#lastError = error;
    if (beyondGoaway && !this.#goneAway.has(endpointId)) this.#goneAway.add(endpointId);
    else this.avoid.add(endpointId);
  }
}

/** The one loop: acquire, attempt, settle, perhaps again. */
export class CallLoop {
  readonly #env: CallLoopEnv;

  constructor(env: CallLoopEnv) {
    this.#env = env;
  }

  async run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
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
          tried ??= new Tries();
          if (attempt.bounced) this.#env.permits?.onBounce();
          if (!tried.mayGoOn(call, attempt, error)) throw tried.failure(error);
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
    return tried?.pardonBouncers() ? this.#startNow(call, number, tried) : undefined;
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
    activity.hold();
    const mayBounce = permits === undefined ? 0 : permits.grant(tried?.bounces ?? 0, pools.size);
    const repeatReason = tried?.repeatReason;
    return new Attempt({ call, lease, pool, session, number, repeatReason, mayBounce, clock, onOver: this.#onOver });
  }

  readonly #onOver = (): void => this.#env.activity.release();

  #giveBack(lease: Lease, kind: "abandoned" | "unreachable"): void {
    lease.settle({ kind, processed: "no", latencyMs: 0 }, this.#env.clock.now());
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
  return tried === undefined ? context : { ...context, avoid: tried.avoid };
}
