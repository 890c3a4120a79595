import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientRequest } from "@connectrpc/connect/protocol";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import type { Clock } from "../../clock.ts";
import { methodName } from "../../method-options.ts";
import type { Attempt } from "../calls/attempt.ts";
import type { Call } from "../calls/call.ts";
import type { CallLoop } from "../calls/call-loop.ts";
import { AttemptContext, attemptKey } from "./attempt-context.ts";
import { cost, hashKey, shard } from "./call-hints.ts";
import { fromFirstMessage } from "./first-message.ts";
import { replayMemory } from "./replay-memory.ts";
import { ReplayableInput } from "./replayable-input.ts";
import { rulesOf } from "./rules-of.ts";
import { timeoutMsOf, writeTimeout } from "./timeout-header.ts";

/** Whose signal it is. On the signal, which is ours: a `WeakMap` costs each call a microsecond. */
const owner = Symbol("attempt");
type SignalOfAttempt = AbortSignal & { [owner]?: Attempt };

/**
 * Attempts through Connect's own protocol code: an interceptor inside the user's, so that they see one logical call, and outside
 * of those that want to see each attempt.
 *
 * The attempt passes attempt interceptors as a context value, and reaches the HTTP client by the identity of its signal, which the protocol
 * code hands on. The signals of others tell nothing: one may be shared by all calls.
 */
export class ConnectAttempts {
  readonly #loop: CallLoop;
  readonly #rules: MethodRules;
  readonly #clock: Clock;
  readonly #attemptInterceptors: readonly Interceptor[];

  constructor(loop: CallLoop, rules: MethodRules, clock: Clock, attemptInterceptors: readonly Interceptor[]) {
    this.#loop = loop;
    this.#rules = rules;
    this.#clock = clock;
    this.#attemptInterceptors = attemptInterceptors;
  }

  /** To be put inside of the user's. */
  get interceptors(): readonly Interceptor[] {
    if (this.#attemptInterceptors.length === 0) return [this.#outermost];
    return [this.#outermost, ...this.#attemptInterceptors, this.#innermost];
  }

  readonly #outermost: Interceptor = (next) => (request) =>
    request.stream ? this.#stream(request, next) : this.#unary(request, next as (request: UnaryRequest) => Promise<UnaryResponse>);

  readonly #innermost: Interceptor = (next) => async (request) => {
    const attempt = request.contextValues.get(attemptKey);
    if (attempt !== undefined) return next({ ...request, signal: this.#sign(request, attempt) });
    throw new ConnectError(
      "an attempt interceptor replaced the context values of its request; set values on those that it has",
      Code.Internal,
    );
  };

  #unary(request: UnaryRequest, next: (request: UnaryRequest) => Promise<UnaryResponse>): Promise<UnaryResponse> {
    return this.#loop.run(this.#call(request, always), (attempt) => next(this.#prepare(request, attempt)));
  }

  async #stream(request: StreamRequest, next: Parameters<Interceptor>[0]): Promise<StreamResponse> {
    let latest: Attempt | undefined;
    const account = replayMemory.account();
    const input = new ReplayableInput(request.message, {
      sentBytes: () => latest?.sentBytes ?? 0,
      mustKeep: () => latest?.isBounceable === true,
      account,
    });
    const call = this.#call(request, () => input.repeatable);
    const answer = this.#loop.run(call, async (attempt) => {
      latest = attempt;
      const prepared = this.#prepare(request, attempt);
      try {
        const response = (await next({ ...prepared, message: input.read() })) as StreamResponse;
        const messages = attempt.watch(response.message);
        const message = waitsForMessage(request, call) ? await fromFirstMessage(messages) : messages;
        input.commit();
        return { ...response, message };
      } catch (error) {
        input.halt();
        throw error;
      }
    });
    return answer.finally(() => account.release());
  }

  #call(request: UnaryRequest | StreamRequest, repeatable: () => boolean): Call {
    const { methodKind } = request.method;
    const context = contextOf(request);
    return {
      context,
      contextValues: request.contextValues,
      signal: request.signal,
      deadlineAtMs: this.#clock.now() + timeoutMsOf(request.header),
      isStream: request.stream,
      singleRequest: methodKind === "unary" || methodKind === "server_streaming",
      rules: rulesOf(request.method, this.#rules, context.method),
      repeatable,
    };
  }

  /** The request as this attempt sends it: the headers are its own where somebody may write to them, the deadline is what is left. */
  #prepare<R extends UnaryRequest | StreamRequest>(request: R, attempt: Attempt): R {
    const { deadlineAtMs } = attempt;
    const isRepeated = attempt.number > 1;
    const isIntercepted = this.#attemptInterceptors.length > 0;
    const header = isIntercepted || isRepeated ? new Headers(request.header) : request.header;
    if (deadlineAtMs < Number.POSITIVE_INFINITY) writeTimeout(header, deadlineAtMs - this.#clock.now());
    if (isIntercepted) return { ...request, header, contextValues: new AttemptContext(request.contextValues, attempt) };
    return { ...request, header, signal: this.#sign(request, attempt) };
  }

  /** What the protocol code is given in place of the request's signal: from here on nobody changes it. */
  #sign(request: UnaryRequest | StreamRequest, attempt: Attempt): AbortSignal {
    const { signal } = attempt.call;
    attempt.follow(signal);
    if (request.signal !== signal) attempt.follow(request.signal);
    const own: SignalOfAttempt = attempt.signal;
    own[owner] = attempt;
    return own;
  }
}

/** @param request as the interceptors of {@link ConnectAttempts} left it */
export function attemptOf(request: UniversalClientRequest): Attempt {
  return (request.signal as SignalOfAttempt)[owner] as Attempt;
}

const always = () => true;

/**
 * Whether a response that is a stream begins with its first message rather than with its headers: an error in place of that message may lead to another
 * attempt. Not where requests may depend on what comes back.
 */
function waitsForMessage({ method }: StreamRequest, { rules }: Call): boolean {
  return method.methodKind !== "bidi_streaming" && rules.retry.codes.size > 0;
}

function contextOf({ method, contextValues }: UnaryRequest | StreamRequest): PickContext {
  return {
    method: methodName(method),
    hashKey: contextValues.get(hashKey),
    shard: contextValues.get(shard),
    cost: contextValues.get(cost),
  };
}
