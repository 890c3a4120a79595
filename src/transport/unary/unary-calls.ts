import { create, type DescMessage, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import type { ContextValues, Transport, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { CallLoop } from "../calls/call-loop.ts";
import type { CallsOptions } from "../connect/calls-options.ts";
import { asConnectHasIt } from "../connect/protocol-options.ts";
import { timeoutMsOf } from "../connect/timeout-header.ts";
import { CallScope } from "./call-scope.ts";
import { readingByConnect } from "./connect-reading.ts";
import { intercepted } from "./intercepted.ts";
import { LazyRequest } from "./lazy-message.ts";
import { MethodPlans } from "./method-plan.ts";
import { RequestFields } from "./request-fields.ts";
import { plainFields, RequestHeader } from "./request-header.ts";
import { madeHeader, UnaryAttempts } from "./unary-attempts.ts";
import { UnaryCall } from "./unary-call.ts";
import type { GivenHeaders, WireFormat } from "./wire-format.ts";
import { wireFormats } from "./wire-formats.ts";

/** Unary calls, with no more on the way of a usual one than it needs: neither iterators nor fetch's objects nor signals, but for who asks for them. */
export function createUnaryCalls(loop: CallLoop, options: CallsOptions): Transport["unary"] {
  const calls = new UnaryCalls(loop, options);
  return calls.run.bind(calls) as Transport["unary"];
}

class UnaryCalls {
  readonly #loop: CallLoop;
  readonly #options: CallsOptions;
  readonly #format: WireFormat;
  readonly #fields: RequestFields;
  readonly #plans: MethodPlans;
  readonly #attempts: UnaryAttempts;

  constructor(loop: CallLoop, options: CallsOptions) {
    const { protocol, protocolOptions, origin, authority } = options;
    const format = wireFormats[protocol](protocolOptions);
    const { readMaxBytes, sendCompression } = protocolOptions;
    const scheme = origin.slice(0, origin.indexOf(":"));
    this.#loop = loop;
    this.#options = options;
    this.#format = format;
    this.#fields = new RequestFields({ format, scheme, authority, encoding: sendCompression?.name });
    this.#plans = new MethodPlans({ ...options, format });
    const reading = { format, readMaxBytes, readByConnect: readingByConnect(protocol, protocolOptions) };
    this.#attempts = new UnaryAttempts({ ...options, format, fields: this.#fields, reading });
  }

  async run(
    method: DescMethodUnary,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    given: GivenHeaders | undefined,
    input: MessageInitShape<DescMessage>,
    contextValues: ContextValues | undefined,
  ): Promise<UnaryResponse> {
    const { clock, interceptors, rules } = this.#options;
    const plan = this.#plans.of(method);
    const message = create(method.input, input);
    const limitMs = this.#limitOf(timeoutMs);
    const header = new RequestHeader(plainFields(given, this.#fields.reserved), () => this.#format.header(limitMs, given));
    // Headers that can't be sent are told of as they are by Connect.
    const deadlineAtMs = header.own === undefined ? this.#deadlineIn(header.headers) : undefined;
    const scope = new CallScope(clock, limitMs, signal);
    const call = new UnaryCall({
      plan,
      rules: rules.of(plan.name, plan.idempotent),
      url: plan.url,
      header,
      message,
      stop: scope,
      deadlineAtMs: deadlineAtMs ?? scope.deadlineAtMs,
      contextValues,
    });
    try {
      const answer = await (interceptors.length === 0 ? this.#make(call) : this.#intercepted(call, scope));
      scope.end();
      return answer;
    } catch (error) {
      throw scope.fail(error);
    }
  }

  #make(call: UnaryCall): Promise<UnaryResponse> {
    return this.#loop.run(call, (attempt) => this.#attempts.make(attempt, call));
  }

  /** Interceptors may change all of a request but its method, and make the call more than once. */
  #intercepted(given: UnaryCall, scope: CallScope): Promise<UnaryResponse> {
    const { clock, interceptors } = this.#options;
    const { plan, url, header, message, contextValues } = given;
    const request = new LazyRequest({ plan, url, header, message, contextValues, owner: scope });
    return intercepted(interceptors, request, async (changed) => {
      const isOwnSignal = changed === request || scope.has(changed.signal);
      const stop = isOwnSignal ? scope : new CallScope(clock, undefined, changed.signal);
      try {
        return await this.#make(this.#changed(given, changed === request ? header : madeHeader(changed.header), changed, stop));
      } finally {
        if (stop !== scope) stop.end();
      }
    });
  }

  #changed(
    { plan, rules, deadlineAtMs }: UnaryCall,
    header: RequestHeader,
    { url, message, contextValues }: UnaryRequest,
    stop: CallScope,
  ): UnaryCall {
    const isOwn = header.own !== undefined;
    return new UnaryCall({
      plan,
      rules,
      url,
      header,
      message,
      stop,
      contextValues,
      deadlineAtMs: isOwn ? deadlineAtMs : this.#deadlineIn(header.headers),
    });
  }

  #deadlineIn(headers: Headers): number {
    return this.#options.clock.now() + timeoutMsOf(headers);
  }

  /** Undefined: none. */
  #limitOf(timeoutMs: number | undefined): number | undefined {
    const limitMs = asConnectHasIt(timeoutMs) ?? this.#options.protocolOptions.defaultTimeoutMs;
    return limitMs !== undefined && limitMs > 0 ? limitMs : undefined;
  }
}
