import type { DescMethod } from "@bufbuild/protobuf";
import type { ContextValues, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { SignalOwner } from "../../following-signal.ts";
import type { CallsOptions } from "../connect/calls-options.ts";
import { asConnectHasIt } from "../connect/protocol-options.ts";
import { timeoutMsOf } from "../connect/timeout-header.ts";
import { CallScope } from "./call-scope.ts";
import { MethodPlans } from "./method-plan.ts";
import type { PlannedCallInit } from "./planned-call.ts";
import { type FieldsFormat, RequestFields } from "./request-fields.ts";
import { madeHeader, plainFields, RequestHeader } from "./request-header.ts";
import type { GivenHeaders, WireFormat } from "./wire-format.ts";

/** How the caller makes a call. */
interface Given<M extends DescMethod> {
  readonly method: M;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly headers: GivenHeaders | undefined;
  readonly contextValues: ContextValues | undefined;
  /** Is told when the call is over. */
  readonly owner?: SignalOwner;
}

/** Works out what a call is to be, all but its messages. */
export class CallPlanner<M extends DescMethod> {
  readonly fields: RequestFields;
  readonly #options: CallsOptions;
  readonly #format: FieldsFormat;
  readonly #plans: MethodPlans<M>;

  constructor(options: CallsOptions, format: FieldsFormat & Pick<WireFormat, "hasGet">) {
    const { protocolOptions, origin, authority } = options;
    const scheme = origin.slice(0, origin.indexOf(":"));
    this.fields = new RequestFields({ format, scheme, origin, authority, encoding: protocolOptions.sendCompression?.name });
    this.#options = options;
    this.#format = format;
    this.#plans = new MethodPlans({ ...options, format });
  }

  plan({ method, signal, timeoutMs, headers, contextValues, owner }: Given<M>): PlannedCallInit<M> {
    const { clock, rules } = this.#options;
    const plan = this.#plans.of(method);
    const limitMs = this.#limitOf(timeoutMs);
    const header = new RequestHeader(plainFields(headers, this.fields.reserved), () => this.#format.header(limitMs, headers));
    // Headers that can't be sent are told of as they are by Connect.
    const deadlineAtMs = header.own === undefined ? this.#deadlineIn(header.headers) : undefined;
    const stop = new CallScope(clock, limitMs, signal, owner);
    return {
      plan,
      rules: rules.of(plan.name, plan.idempotent),
      url: plan.url,
      header,
      stop,
      deadlineAtMs: deadlineAtMs ?? stop.deadlineAtMs,
      contextValues,
    };
  }

  /** The call as interceptors have left it. @param isSame it is the very request that they were given */
  changed(given: PlannedCallInit<M>, request: UnaryRequest | StreamRequest, isSame: boolean): PlannedCallInit<M> {
    const { url, contextValues, signal } = request;
    const header = isSame ? given.header : madeHeader(request.header);
    const hasOwnSignal = isSame || given.stop.has(signal);
    return {
      ...given,
      url,
      header,
      contextValues,
      stop: hasOwnSignal ? given.stop : new CallScope(this.#options.clock, undefined, signal),
      // What an interceptor leaves may be from when the call began.
      deadlineAtMs: header.own === undefined ? Math.min(given.deadlineAtMs, this.#deadlineIn(header.headers)) : given.deadlineAtMs,
    };
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
