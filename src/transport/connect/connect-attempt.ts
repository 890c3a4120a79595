import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientRequest } from "@connectrpc/connect/protocol";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { Clock } from "../../clock.ts";
import type { Attempt } from "../calls/attempt.ts";
import type { Call } from "../calls/call.ts";
import type { CallLoop } from "../calls/call-loop.ts";
import { AttemptContext, attemptIn } from "./attempt-context.ts";
import { cost, hashKey, shard } from "./call-hints.ts";
import { ReplayableInput } from "./replayable-input.ts";

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
  readonly #clock: Clock;
  readonly #attemptInterceptors: readonly Interceptor[];

  constructor(loop: CallLoop, clock: Clock, attemptInterceptors: readonly Interceptor[]) {
    this.#loop = loop;
    this.#clock = clock;
    this.#attemptInterceptors = attemptInterceptors;
  }

  /** To be put inside of the user's. */
  get interceptors(): readonly Interceptor[] {
    if (this.#attemptInterceptors.length === 0) return [this.#outermost];
    return [this.#outermost, ...this.#attemptInterceptors, this.#innermost];
  }

  /** @param request as {@link interceptors} left it */
  attemptOf(request: UniversalClientRequest): Attempt {
    return (request.signal as SignalOfAttempt)[owner] as Attempt;
  }

  readonly #outermost: Interceptor = (next) => (request) =>
    request.stream ? this.#stream(request, next) : this.#unary(request, next as (request: UnaryRequest) => Promise<UnaryResponse>);

  readonly #innermost: Interceptor = (next) => async (request) => {
    const attempt = attemptIn(request.contextValues);
    if (attempt !== undefined) return next({ ...request, signal: this.#sign(request, attempt) });
    throw new ConnectError(
      "an attempt interceptor replaced the context values of its request; set values on those that it has",
      Code.Internal,
    );
  };

  #unary(request: UnaryRequest, next: (request: UnaryRequest) => Promise<UnaryResponse>): Promise<UnaryResponse> {
    const call: Call = {
      context: contextOf(request),
      contextValues: request.contextValues,
      signal: request.signal,
      deadlineAtMs: this.#deadlineOf(request),
      isStream: false,
      singleRequest: true,
      idempotent: isIdempotent(request),
      repeatable: always,
    };
    return this.#loop.run(call, (attempt) => next(this.#prepare(request, attempt)));
  }

  async #stream(request: StreamRequest, next: Parameters<Interceptor>[0]): Promise<StreamResponse> {
    let latest: Attempt | undefined;
    const input = new ReplayableInput(request.message, () => latest?.isBounceable === true);
    const call: Call = {
      context: contextOf(request),
      contextValues: request.contextValues,
      signal: request.signal,
      deadlineAtMs: this.#deadlineOf(request),
      isStream: true,
      singleRequest: request.method.methodKind === "server_streaming",
      idempotent: isIdempotent(request),
      repeatable: () => input.repeatable,
    };
    return this.#loop.run(call, async (attempt) => {
      latest = attempt;
      const prepared = this.#prepare(request, attempt);
      try {
        const response = (await next({ ...prepared, message: input.read() })) as StreamResponse;
        input.commit();
        return { ...response, message: attempt.watch(response.message) };
      } catch (error) {
        input.halt();
        throw error;
      }
    });
  }

  #deadlineOf({ header }: UnaryRequest | StreamRequest): number {
    return this.#clock.now() + timeoutMsOf(header);
  }

  /** The request as this attempt sends it: the headers are its own where somebody may write to them, the deadline is what is left. */
  #prepare<R extends UnaryRequest | StreamRequest>(request: R, attempt: Attempt): R {
    const { deadlineAtMs } = attempt.call;
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

const always = () => true;

function contextOf({ method, contextValues }: UnaryRequest | StreamRequest): PickContext {
  return {
    method: `${method.parent.typeName}/${method.name}`,
    hashKey: contextValues.get(hashKey),
    shard: contextValues.get(shard),
    cost: contextValues.get(cost),
  };
}

function isIdempotent({ method }: UnaryRequest | StreamRequest): boolean {
  return method.idempotency !== undefined && method.idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN;
}

/** What the protocol code wrote for the server, in ms; without limit for what somebody else wrote in other units. */
function timeoutMsOf(header: Headers): number {
  const timeout = header.get("connect-timeout-ms") ?? header.get("grpc-timeout");
  if (timeout === null) return Number.POSITIVE_INFINITY;
  const [, timeoutMs] = /^(\d+(?:\.\d+)?)m?$/.exec(timeout) ?? [];
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}

/**
 * The server learns how much time is left, not how much there was at first. Rounded up, so that its clock does not ring before ours, and
 * because no protocol knows fractions, though connect writes them. At least 1: the deadline itself ends the call, not a header that the server
 * would find odd.
 */
function writeTimeout(header: Headers, leftMs: number): void {
  const timeoutMs = Math.max(1, Math.ceil(leftMs));
  if (header.has("connect-timeout-ms")) header.set("connect-timeout-ms", String(timeoutMs));
  if (header.has("grpc-timeout")) header.set("grpc-timeout", grpcTimeout(timeoutMs));
}

/** gRPC allows eight digits, which are 28 hours in ms. */
function grpcTimeout(timeoutMs: number): string {
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1000)}S`;
}
