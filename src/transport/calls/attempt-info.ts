import { type ConnectError, type ContextKey, createContextKey } from "@connectrpc/connect";
import type { OutcomeKind } from "../../balancer/outcome.ts";
import type { Endpoint } from "../../endpoint.ts";

/** One try of a call on one endpoint. */
export interface AttemptInfo {
  /** Where it goes. The URL of a request says only what service is meant. */
  readonly endpoint: Endpoint;
  /** 1 for the first. */
  readonly number: number;
  /** Why there is another attempt; undefined for the first, and for one that was made because the first took long. */
  readonly repeatReason: RepeatReason | undefined;
}

/** How the attempt before ended: `kind` in one word, as policies are told, `error` in a sentence. */
export interface RepeatReason {
  readonly kind: OutcomeKind;
  readonly error: ConnectError;
}

/**
 * What attempt interceptors may know of the attempt that they see: `request.contextValues.get(attemptInfo)`. Undefined in interceptors that
 * see the whole call.
 */
export const attemptInfo: ContextKey<AttemptInfo | undefined> = createContextKey<AttemptInfo | undefined>(undefined, {
  description: "meshless attempt info",
});
