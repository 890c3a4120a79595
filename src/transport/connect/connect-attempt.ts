import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor, StreamRequest, StreamResponse } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import type { Clock } from "../../clock.ts";
import { methodName } from "../../method-options.ts";
import type { Attempt } from "../calls/attempt.ts";
import type { Call } from "../calls/call.ts";
import type { CallLoop } from "../calls/call-loop.ts";
import { AttemptContext, attemptKey } from "./attempt-context.ts";
import { pickContext, waitForReady } from "./call-hints.ts";
import { fromFirstMessage } from "./first-message.ts";
import { replayMemory } from "./replay-memory.ts";
import { ReplayableInput } from "./replayable-input.ts";
import { timeoutMsOf, writeTimeout } from "./timeout-header.ts";

/** Whose signal it is. On the signal, which is ours: a `WeakMap` costs each call a microsecond. */
const owner = Symbol("attempt");
type SignalOfAttempt = AbortSignal & { [owner]?: Attempt };

/**
 * Attempts of streams through Connect's own protocol code: an interceptor inside the user's, so that they see one logical call, and outside
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

  readonly #outermost: Interceptor = (next) => (request) => this.#stream(request as StreamRequest, next);

  readonly #innermost: Interceptor = (next) => async (request) => {
    const attempt = request.contextValues.get(attemptKey);
    if (attempt !== undefined) return next({ ...request, signal: this.#sign(request.signal, attempt) } as StreamRequest);
    throw new ConnectError(
      "an attempt interceptor replaced the context values of its request; set values on those that it has",
      Code.Internal,
    );
  };

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

  #call({ method, contextValues, signal, header }: StreamRequest, repeatable: () => boolean): Call {
    const name = methodName(method);
    const rules = this.#rules.of(name, isIdempotent(method));
    return {
      context: pickContext(name, contextValues),
      contextValues,
      signal,
      deadlineAtMs: this.#clock.now() + timeoutMsOf(header),
      isStream: true,
      singleRequest: method.methodKind === "server_streaming",
      rules,
      waitForReady: contextValues.get(waitForReady) ?? rules.waitForReady,
      repeatable,
    };
  }

  /** The request as this attempt sends it: the headers are its own where somebody may write to them, the deadline is what is left. */
  #prepare(request: StreamRequest, attempt: Attempt): StreamRequest {
    const { deadlineAtMs } = attempt;
    const isRepeated = attempt.number > 1;
    const isIntercepted = this.#attemptInterceptors.length > 0;
    const header = isIntercepted || isRepeated ? new Headers(request.header) : request.header;
    if (deadlineAtMs < Number.POSITIVE_INFINITY) writeTimeout(header, deadlineAtMs - this.#clock.now());
    if (isIntercepted) return { ...request, header, contextValues: new AttemptContext(request.contextValues, attempt) };
    return { ...request, header, signal: this.#sign(request.signal, attempt) };
  }

  /** What the protocol code is given in place of the request's signal: from here on nobody changes it. */
  #sign(given: AbortSignal, attempt: Attempt): AbortSignal {
    const { signal } = attempt.call;
    attempt.follow(signal);
    if (given !== signal) attempt.follow(given);
    const own: SignalOfAttempt = attempt.signal;
    own[owner] = attempt;
    return own;
  }
}

/** @param signal of a request, as the interceptors of {@link ConnectAttempts} left it */
export function attemptOf(signal: AbortSignal | undefined): Attempt {
  return (signal as SignalOfAttempt)[owner] as Attempt;
}

/** Whether it declares NO_SIDE_EFFECTS or IDEMPOTENT. */
export function isIdempotent({ idempotency }: DescMethod): boolean {
  return idempotency !== undefined && idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN;
}

/**
 * Whether a response that is a stream begins with its first message rather than with its headers: an error in place of that message may lead to another
 * attempt. Not where requests may depend on what comes back.
 */
function waitsForMessage({ method }: StreamRequest, { rules }: Call): boolean {
  return method.methodKind !== "bidi_streaming" && rules.retry.codes.size > 0;
}
