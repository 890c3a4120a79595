import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientRequest } from "@connectrpc/connect/protocol";
import type { PickContext } from "../balancer/pick-context.ts";
import type { Clock } from "../clock.ts";
import type { Attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import { cost, hashKey, shard } from "./call-hints.ts";
import type { CallLoop } from "./call-loop.ts";
import { ReplayableInput } from "./replayable-input.ts";

/**
 * Attempts through Connect's own protocol code: an interceptor inside the user's, so that they see one logical call, and outside
 * of those that want to see each attempt.
 *
 * The attempt reaches the HTTP client by the identity of the request's signal or headers, which the protocol code hands on.
 */
export class ConnectAttempts {
  readonly #bySignal = new WeakMap<AbortSignal, Attempt>();
  /** Filled only where an attempt interceptor might replace the signal. */
  readonly #byHeaders = new WeakMap<Headers, Attempt>();
  readonly #loop: CallLoop;
  readonly #clock: Clock;
  /** Whether anybody else writes to an attempt's headers, so that each needs its own. */
  readonly #ownHeaders: boolean;

  constructor(loop: CallLoop, clock: Clock, hasAttemptInterceptors: boolean) {
    this.#loop = loop;
    this.#clock = clock;
    this.#ownHeaders = hasAttemptInterceptors;
  }

  readonly interceptor: Interceptor = (next) => (request) =>
    request.stream ? this.#stream(request, next) : this.#unary(request, next as (request: UnaryRequest) => Promise<UnaryResponse>);

  attemptOf(request: UniversalClientRequest): Attempt {
    const attempt = (request.signal && this.#bySignal.get(request.signal)) ?? this.#byHeaders.get(request.header);
    if (attempt !== undefined) return attempt;
    throw new ConnectError(
      "an attempt interceptor replaced both the signal and the headers of its request; keep one of them",
      Code.Internal,
    );
  }

  #unary(request: UnaryRequest, next: (request: UnaryRequest) => Promise<UnaryResponse>): Promise<UnaryResponse> {
    const call: Call = {
      context: contextOf(request),
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
        return { ...response, message: watched(response.message, attempt) };
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
    const header = this.#ownHeaders || isRepeated ? new Headers(request.header) : request.header;
    if (deadlineAtMs < Number.POSITIVE_INFINITY) writeTimeout(header, deadlineAtMs - this.#clock.now());
    this.#bySignal.set(request.signal, attempt);
    if (this.#ownHeaders) this.#byHeaders.set(header, attempt);
    return header === request.header ? request : { ...request, header };
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

/** Tells the attempt how the stream of messages ended. */
function watched<T>(messages: AsyncIterable<T>, attempt: Attempt): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = messages[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const message = await inner.next();
            if (message.done === true) attempt.finish(undefined);
            return message;
          } catch (error) {
            attempt.finish(error);
            throw error;
          }
        },
      };
    },
  };
}

/** What the protocol code wrote for the server, in ms; without limit for what somebody else wrote in other units. */
function timeoutMsOf(header: Headers): number {
  const timeout = header.get("connect-timeout-ms") ?? header.get("grpc-timeout");
  if (timeout === null) return Number.POSITIVE_INFINITY;
  const [, timeoutMs] = /^(\d+)m?$/.exec(timeout) ?? [];
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}

/**
 * The server learns how much time is left, not how much there was at first. Rounded up, so that its clock does not ring before ours;
 * at least 1: the deadline itself ends the call, not a header that the server would find odd.
 */
function writeTimeout(header: Headers, leftMs: number): void {
  const timeoutMs = Math.max(1, Math.ceil(leftMs));
  if (header.has("connect-timeout-ms")) header.set("connect-timeout-ms", String(timeoutMs));
  if (header.has("grpc-timeout")) header.set("grpc-timeout", `${timeoutMs}m`);
}
