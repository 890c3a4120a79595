import { durationMs, number, optionsOf } from "./check-options.ts";

/** How much may be under way at once. Calls beyond wait for a while, as many as may, until others end. */
export interface LimitOptions {
  /** Attempts under way at once, over all endpoints, 1 or more. Default: any number. Equivalent to Envoy's `max_requests`. */
  readonly maxCalls?: number | undefined;
  /** Attempts under way at once on one endpoint, 1 or more: others are chosen meanwhile. Default: any number. */
  readonly maxCallsPerEndpoint?: number | undefined;
  /** Calls that may wait, 0 or more; more fail at once. Default 1024. */
  readonly maxPending?: number | undefined;
  /** How long a call waits at most, in ms, within its deadline; then it fails. Default 1000. */
  readonly pendingTimeoutMs?: number | undefined;
}

/** Limits of calls as they are in force. */
export type Limits = { readonly [Name in keyof LimitOptions]-?: number };

export const LIMITS: Limits = {
  maxCalls: Number.POSITIVE_INFINITY,
  maxCallsPerEndpoint: Number.POSITIVE_INFINITY,
  maxPending: 1_024,
  pendingTimeoutMs: 1_000,
};

export const checkLimits = optionsOf<LimitOptions>({
  maxCalls: number({ from: 1, whole: true }),
  maxCallsPerEndpoint: number({ from: 1, whole: true }),
  maxPending: number({ from: 0, whole: true }),
  pendingTimeoutMs: durationMs,
});
