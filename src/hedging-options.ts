import { type Check, durationMs, either, list, oneOf, optionsOf, whole } from "./check-options.ts";
import { checkStatus, type StatusName } from "./status-code.ts";

/** How a call that takes long is made a second time, elsewhere, while the first attempt goes on. The first answer counts. */
export interface HedgingOptions {
  /** How many attempts may be under way at once, the first included; 2 to 5. Default 2. */
  readonly maxAttempts?: number | undefined;
  /** How long to wait for an answer before the next attempt is made, in ms. Default: as long as 95 % of the latest calls of the method took. */
  readonly delayMs?: number | undefined;
  /** With which answers an attempt may fail without ending the call, by the names of their codes; the next one is made at once. Default `["unavailable"]`. */
  readonly codes?: readonly StatusName[] | undefined;
}

export const checkHedging: Check<true | HedgingOptions> = either(
  "true or options",
  oneOf(true),
  optionsOf<HedgingOptions>({ maxAttempts: whole(2, 5), delayMs: durationMs, codes: list("a list of codes", checkStatus) }),
);
