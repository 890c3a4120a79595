import type { Detector } from "./detector.ts";

export interface ConsecutiveFailuresOptions {
  /** Failures and timeouts in a row that eject an endpoint, >= 1. Default 5. Equivalent to Envoy's `consecutive_5xx`. */
  readonly failures?: number | undefined;
}

/**
 * Accuses an endpoint after so many failures and timeouts without a success between them. Quick where an endpoint fails altogether, however
 * little traffic it has; blind to one that fails every second call.
 */
export function consecutiveFailures(options: ConsecutiveFailuresOptions = {}): Detector {
  const { failures = 5 } = options;
  return {
    onOutcome({ consecutiveFailures: inARow }) {
      return inARow >= failures ? `${inARow} ${inARow === 1 ? "failure" : "failures"} in a row` : undefined;
    },
  };
}
