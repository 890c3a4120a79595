import { Code, ConnectError } from "@connectrpc/connect";
import type { BouncePermits } from "../../balancer/bounce-permits.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { RetryTerms } from "../../balancer/retries/attempt-history.ts";
import type { HedgingPolicy } from "../../balancer/retries/hedging-policy.ts";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import { noRetry } from "../../balancer/retries/retry-policy.ts";
import type { Clock } from "../../clock.ts";
import { pause } from "../../pause.ts";
import type { RandomSource } from "../../random-source.ts";
import type { Place } from "../upstream/place.ts";
import { UnavailableError } from "../upstream/unavailable-error.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { Attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import type { CallObservers } from "./call-observers.ts";
import { pushbackMs } from "./classify.ts";
import { HedgedCall, type Lane } from "./hedged-call.ts";
import { Tries } from "./tries.ts";

/** Makes one attempt: through Connect's own protocol code, or any other way. Resolves with the answer or its beginning. */
export type AttemptFn<R> = (attempt: Attempt) => Promise<R>;

export interface CallLoopParts {
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Of all calls together: how many of them may be made again after a server may have acted on them. */
  readonly shared: Pick<MethodRules, "budget" | "throttle">;
  /** Which attempts a server may bounce; undefined without pushback. */
  readonly permits?: BouncePermits | undefined;
  /** Are told of each call. Default: nobody. */
  readonly observers?: CallObservers | undefined;
}

/** Of a call whose attempts may be under way at the same time: what they share, and what this one begins with. */
interface Turn {
  readonly lane: Lane;
  readonly tries: Tries;
  readonly place?: Place | undefined;
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
    const followed = {
      method: call.context.method,
      get contextValues() {
        return call.contextValues;
      },
    };
    return follow(followed, (observed) => {
      call.observed = observed;
      return this.#run(call, attemptFn);
    });
  }

  async #run<R>(call: Call, attemptFn: AttemptFn<R>): Promise<R> {
    const { upstream, clock, shared } = this.#parts;
    const { hedging } = call.rules;
    const { activity } = upstream;
    shared.budget.onCall(clock.now());
    activity.hold();
    try {
      const isHedged = hedging !== undefined && !call.isStream;
      const answer = await (isHedged ? this.#hedged(call, attemptFn, hedging) : this.#inTurn(call, attemptFn));
      shared.throttle?.onSuccess();
      return answer;
    } catch (error) {
      throw asConnectError(error);
    } finally {
      activity.release();
    }
  }

  /** One attempt after the other. */
  async #inTurn<R>(call: Call, attemptFn: AttemptFn<R>, turn?: Turn): Promise<R> {
    const { clock, permits } = this.#parts;
    let tries = turn?.tries;
    let place = turn?.place;
    for (;;) {
      place ??= this.#placeNow(call, tries) ?? (await this.#placeLater(call, tries, turn?.lane));
      const attempt = this.#attempt(call, place, tries, turn?.lane);
      place = undefined;
      try {
        const answer = await attemptFn(attempt);
        attempt.onAnswered();
        return answer;
      } catch (error) {
        const outcome = attempt.finish(error);
        tries ??= new Tries(this.#termsOf(call), 1);
        if (attempt.facts.bounced) permits?.onBounce();
        const decision = tries.onFailed(attempt, outcome, error);
        if (turn !== undefined) Object.assign(turn.lane, { outcome, pushbackMs: pushbackMs(error) });
        if (decision === "stop") throw tries.failure(error);
        if (decision !== "elsewhere") await pause(clock, decision.elsewhereAfterMs, call.signal);
      }
    }
  }

  /** Several at a time. Beyond what no server acted on, nothing is repeated: hedges are there for that. */
  async #hedged<R>(call: Call, attemptFn: AttemptFn<R>, policy: HedgingPolicy): Promise<R> {
    const { clock } = this.#parts;
    const startedAtMs = clock.now();
    const tries = new Tries({ ...this.#termsOf(call), policy: { ...noRetry, codes: policy.codes } }, 0);
    const answer = await new HedgedCall({
      policy,
      clock,
      signal: call.signal,
      begin: (lane) => this.#inTurn(call, attemptFn, { lane, tries }),
      hedge: (lane) => this.#hedge(call, attemptFn, { lane, tries }),
    }).run();
    policy.onAnswered(clock.now() - startedAtMs);
    return answer;
  }

  #hedge<R>(call: Call, attemptFn: AttemptFn<R>, { lane, tries }: Turn): Promise<R> | undefined {
    const { upstream, clock, shared } = this.#parts;
    if (shared.throttle?.allows === false) return undefined;
    const place = upstream.take({ ...call.context, avoid: tries.history.avoid });
    if (place === undefined) return undefined;
    if (shared.budget.take(clock.now())) return this.#inTurn(call, attemptFn, { lane, tries, place });
    place.abandon(clock.now());
    return undefined;
  }

  #termsOf({ rules }: Call): RetryTerms {
    const { shared, random } = this.#parts;
    return { policy: rules.retry, budget: shared.budget, throttle: shared.throttle, random };
  }

  /** A call that is made again waits for nobody: where no other endpoint takes it at once, it returns to those that it may return to. */
  #placeNow({ context }: Call, tries: Tries | undefined): Place | undefined {
    const { upstream } = this.#parts;
    const avoiding = avoid(context, tries);
    return upstream.take(avoiding) ?? (tries?.history.pardon() ? upstream.take(avoiding) : undefined);
  }

  async #placeLater({ context, signal, waitForReady }: Call, tries: Tries | undefined, lane: Lane | undefined): Promise<Place> {
    const { upstream } = this.#parts;
    const avoiding = avoid(context, tries);
    const place = await upstream.acquire(avoiding, lane?.stop.signal ?? signal, waitForReady);
    if (place === undefined) throw tries?.failure() ?? upstream.explain(avoiding);
    return place;
  }

  #attempt(call: Call, place: Place, tries: Tries | undefined, lane: Lane | undefined): Attempt {
    const { upstream, clock, permits } = this.#parts;
    const mayBounce = permits?.grant(tries?.history.bounces ?? 0, upstream.size) ?? 0;
    const { number, previous, repeatReason } = tries?.begin(place.lease.endpoint.id) ?? first;
    const attempt = new Attempt({ call, place, number, previous, repeatReason, mayBounce, clock });
    if (lane !== undefined) attempt.follow(lane.stop);
    return attempt;
  }
}

const first = { number: 1, previous: 0, repeatReason: undefined };

function avoid(context: PickContext, tries: Tries | undefined): PickContext {
  return tries === undefined ? context : { ...context, avoid: tries.history.avoid };
}

/** What an upstream says without knowing of Connect, in its words. */
export function asConnectError(error: unknown): unknown {
  return error instanceof UnavailableError ? new ConnectError(error.message, Code.Unavailable) : error;
}
