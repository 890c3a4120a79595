import { Code, ConnectError } from "@connectrpc/connect";
import type { BouncePermits } from "../../balancer/bounce-permits.ts";
import type { Outcome } from "../../balancer/outcome.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import { AttemptHistory, type RetryDecision, type RetryTerms } from "../../balancer/retries/attempt-history.ts";
import { isBounce } from "../../balancer/retries/decide-retry.ts";
import type { RetryBudget } from "../../balancer/retries/retry-budget.ts";
import type { Clock } from "../../clock.ts";
import { pause } from "../../pause.ts";
import type { RandomSource } from "../../random-source.ts";
import type { Place } from "../upstream/place.ts";
import { UnavailableError } from "../upstream/unavailable-error.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { Attempt } from "./attempt.ts";
import type { RepeatReason } from "./attempt-info.ts";
import type { Call } from "./call.ts";
import type { CallObservers } from "./call-observers.ts";
import { pushbackMs } from "./classify.ts";
import { refusedError } from "./stream-error.ts";

/** Makes one attempt: through Connect's own protocol code, or any other way. Resolves with the answer or its beginning. */
export type AttemptFn<R> = (attempt: Attempt) => Promise<R>;

export interface CallLoopParts {
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Of all calls together: how many of them may be made again after a server may have acted on them. */
  readonly budget: RetryBudget;
  /** Which attempts a server may bounce; undefined without pushback. */
  readonly permits?: BouncePermits | undefined;
  /** Are told of each call. Default: nobody. */
  readonly observers?: CallObservers | undefined;
}

/** A call's attempts that failed, and what it fails with in the end. */
class Tries {
  readonly history: AttemptHistory;
  /** How the latest attempt ended, if there may be another. */
  repeatReason: RepeatReason | undefined;
  /** Of the latest attempt that was not bounced. */
  #lastError: unknown;
  #refusal: unknown;

  constructor(terms: RetryTerms) {
    this.history = new AttemptHistory(terms);
  }

  /** Whether there may be another attempt after this one, which failed. */
  onFailed({ call, endpointId, connectionLeft, clock }: Attempt, outcome: Outcome, error: unknown): RetryDecision {
    const nowMs = clock.now();
    this.repeatReason = { kind: outcome.kind, error: ConnectError.from(error) };
    if (outcome.kind === "refused") this.#refusal = error;
    if (!isBounce(outcome)) this.#lastError = error;
    const isRepeatable = !call.signal.aborted && call.repeatable();
    const leftMs = call.deadlineAtMs - nowMs;
    return this.history.onFailed({ endpointId, outcome, connectionLeft, isRepeatable, pushbackMs: pushbackMs(error), leftMs }, nowMs);
  }

  /** What the call fails with. @param error of its latest attempt; by default, of the latest that was not bounced */
  failure(error: unknown = this.#lastError): unknown {
    const { refusals } = this.history;
    return refusals > 1 && error === this.#refusal ? refusedError(refusals, ConnectError.from(error)) : error;
  }
}

/** The one loop: acquire, attempt, settle, perhaps again. */
export class CallLoop {
  readonly #parts: CallLoopParts;

  constructor(parts: CallLoopParts) {
    this.#parts = parts;
  }

  run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
    const follow = this.#parts.observers?.follow;
    if (follow === undefined) return this.#run(call, attemptFn);
    const { context, contextValues } = call;
    return follow({ method: context.method, contextValues }, (observed) => {
      call.observed = observed;
      return this.#run(call, attemptFn);
    });
  }

  async #run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
    let tried: Tries | undefined;
    const { upstream, clock, random, budget, permits } = this.#parts;
    const { activity } = upstream;
    budget.onCall(clock.now());
    activity.hold();
    try {
      for (let number = 1; ; number++) {
        const context = tried === undefined ? call.context : { ...call.context, avoid: tried.history.avoid };
        const place = this.#placeNow(context, tried) ?? (await this.#placeLater(call, context, tried));
        const attempt = this.#attempt(call, place, number, tried);
        try {
          const answer = await attemptFn(attempt);
          attempt.onAnswered();
          return answer;
        } catch (error) {
          const outcome = attempt.finish(error);
          tried ??= new Tries({ policy: call.rules.retry, budget, random });
          if (attempt.facts.bounced) permits?.onBounce();
          const decision = tried.onFailed(attempt, outcome, error);
          if (decision === "stop") throw tried.failure(error);
          if (decision !== "elsewhere") await pause(clock, decision.elsewhereAfterMs, call.signal);
        }
      }
    } catch (error) {
      throw asConnectError(error);
    } finally {
      activity.release();
    }
  }

  /** A call that is made again waits for nobody: where no other endpoint takes it at once, it returns to those that it may return to. */
  #placeNow(context: PickContext, tried: Tries | undefined): Place | undefined {
    const { upstream } = this.#parts;
    return upstream.take(context) ?? (tried?.history.pardon() ? upstream.take(context) : undefined);
  }

  async #placeLater({ signal }: Call, context: PickContext, tried: Tries | undefined): Promise<Place> {
    const { upstream } = this.#parts;
    const place = await upstream.acquire(context, signal);
    if (place === undefined) throw tried?.failure() ?? upstream.explain(context);
    return place;
  }

  #attempt(call: Call, place: Place, number: number, tried: Tries | undefined): Attempt {
    const { upstream, clock, permits } = this.#parts;
    const mayBounce = permits?.grant(tried?.history.bounces ?? 0, upstream.size) ?? 0;
    const previous = tried?.history.perhapsProcessed ?? 0;
    return new Attempt({ call, place, number, previous, repeatReason: tried?.repeatReason, mayBounce, clock });
  }
}

/** What an upstream says without knowing of Connect, in its words. */
export function asConnectError(error: unknown): unknown {
  return error instanceof UnavailableError ? new ConnectError(error.message, Code.Unavailable) : error;
}
