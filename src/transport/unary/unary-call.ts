import { type ContextValues, createContextValues } from "@connectrpc/connect";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { CallRules } from "../../balancer/retries/method-rules.ts";
import type { FollowingSignal } from "../../following-signal.ts";
import type { Call } from "../calls/call.ts";
import type { ObservedCall } from "../calls/contained-observer.ts";
import { pickContext, waitForReady } from "../connect/call-hints.ts";
import type { Message, MethodPlan } from "./method-plan.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestHeader } from "./request-header.ts";

interface UnaryCallInit extends Pick<UnaryCall, "plan" | "rules" | "url" | "header" | "message" | "stop" | "deadlineAtMs"> {
  /** As the caller gave them. */
  readonly contextValues: ContextValues | undefined;
}

/** A unary call, inside of the interceptors that see it as one. */
export class UnaryCall implements Call {
  readonly plan: MethodPlan;
  readonly rules: CallRules;
  readonly url: string;
  readonly header: RequestHeader;
  readonly message: Message;
  readonly context: PickContext;
  /** Ends its attempts. */
  readonly stop: FollowingSignal;
  readonly deadlineAtMs: number;
  /** As every attempt sends it, where none changes it. */
  body: RequestBody | Promise<RequestBody> | undefined;
  observed: ObservedCall | undefined;
  #contextValues: ContextValues | undefined;
  readonly isStream = false;
  readonly singleRequest = true;

  constructor(init: UnaryCallInit) {
    this.plan = init.plan;
    this.rules = init.rules;
    this.url = init.url;
    this.header = init.header;
    this.message = init.message;
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

  repeatable(): boolean {
    return true;
  }
}
