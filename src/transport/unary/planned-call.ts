import type { DescMethod } from "@bufbuild/protobuf";
import { type ContextValues, createContextValues } from "@connectrpc/connect";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { CallRules } from "../../balancer/retries/method-rules.ts";
import type { Call } from "../calls/call.ts";
import type { ObservedCall } from "../calls/contained-observer.ts";
import { pickContext, waitForReady } from "../connect/call-hints.ts";
import type { CallScope } from "./call-scope.ts";
import type { MethodPlan } from "./method-plan.ts";
import type { RequestHeader } from "./request-header.ts";

/** All of a call but its messages. */
export interface PlannedCallInit<M extends DescMethod> {
  readonly plan: MethodPlan<M>;
  readonly rules: CallRules;
  readonly url: string;
  readonly header: RequestHeader;
  /** Ends its attempts. */
  readonly stop: CallScope;
  readonly deadlineAtMs: number;
  /** As the caller gave them. */
  readonly contextValues: ContextValues | undefined;
}

/** A call, inside of the interceptors that see it as one. */
export abstract class PlannedCall<M extends DescMethod> implements Call {
  readonly plan: MethodPlan<M>;
  readonly rules: CallRules;
  readonly url: string;
  readonly header: RequestHeader;
  readonly context: PickContext;
  readonly stop: CallScope;
  readonly deadlineAtMs: number;
  observed: ObservedCall | undefined;
  #contextValues: ContextValues | undefined;
  abstract readonly isStream: boolean;
  abstract repeatable(): boolean;

  constructor(init: PlannedCallInit<M>) {
    this.plan = init.plan;
    this.rules = init.rules;
    this.url = init.url;
    this.header = init.header;
    this.stop = init.stop;
    this.deadlineAtMs = init.deadlineAtMs;
    this.#contextValues = init.contextValues;
    this.context = init.contextValues === undefined ? init.plan.context : pickContext(init.plan.name, init.contextValues);
  }

  get contextValues(): ContextValues {
    this.#contextValues ??= createContextValues();
    return this.#contextValues;
  }

  get waitForReady(): boolean {
    return this.#contextValues?.get(waitForReady) ?? this.rules.waitForReady;
  }

  get signal(): AbortSignal {
    return this.stop.signal;
  }
}
