import type { ContextValues } from "@connectrpc/connect";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { CallRules } from "../../balancer/retries/method-rules.ts";
import type { ObservedCall } from "./contained-observer.ts";

/** A call as the loop and its attempts see it. */
export interface Call {
  readonly context: PickContext;
  readonly contextValues: ContextValues;
  readonly signal: AbortSignal;
  /** When its deadline passes, in the clock's ms; `Infinity` without one. */
  readonly deadlineAtMs: number;
  /** The response may have several messages: the call is over when its stream closes, not when the loop returns. */
  readonly isStream: boolean;
  /** How calls of its method are made. */
  readonly rules: CallRules;
  /** Whether it waits for an endpoint where none can be reached. */
  readonly waitForReady: boolean;
  /** Whether the request can be sent again as it was. */
  readonly repeatable: () => boolean;
  /** Set by the loop. Undefined: nobody listens. */
  observed?: ObservedCall | undefined;
}
