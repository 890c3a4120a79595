import type { HedgingOptions } from "../../hedging-options.ts";
import { statusNumber } from "../../status-code.ts";
import type { HedgeDelay } from "./hedge-delay.ts";

/** How attempts of one call may be under way at the same time. */
export interface HedgingPolicy {
  readonly maxAttempts: number;
  /** In ms; undefined: it is not known yet. */
  readonly delayMs: () => number | undefined;
  /** The answers that do not end the call. */
  readonly codes: ReadonlySet<number>;
  /** Learns how long calls take. */
  readonly onAnswered: (latencyMs: number) => void;
}

export function hedgingPolicy({ maxAttempts = 2, delayMs, codes = ["unavailable"] }: HedgingOptions, learned: HedgeDelay): HedgingPolicy {
  return {
    maxAttempts,
    delayMs: () => delayMs ?? learned.ms,
    codes: new Set(codes.map(statusNumber)),
    onAnswered: delayMs === undefined ? (latencyMs) => learned.onAnswered(latencyMs) : () => {},
  };
}
