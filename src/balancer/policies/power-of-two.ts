// Optimises: load, at constant cost. Of two endpoints drawn at random, the less busy one gets the call; that alone takes the
//   longest queue from ln n / ln ln n to ln ln n.
// Wrong when: few calls are in flight per client, so that both candidates have none and the choice is blind; and when an endpoint
//   fails fast, because it then looks idle (ejection answers that).
// Cold: a newcomer has nothing in flight and wins its comparisons, until it is as busy as the others.
// Recovers: at once. It keeps no memory besides the calls in flight.
// Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001. The two are distinct: drawn
//   with replacement, a hung endpoint is compared with itself and keeps winning (grpc-java #12237).
import { assertOptions, whole } from "../../check-options.ts";
import { loadWith } from "../load.ts";
import type { Policy } from "../policy.ts";

/** Options of `powerOfTwo`. */
export interface PowerOfTwoOptions {
  /** Endpoints compared for each call, a whole number >= 2. Default 2. Equivalent to Envoy's `choice_count`. */
  readonly choices?: number | undefined;
}

/**
 * The less busy of two distinct endpoints drawn at random, by calls in flight per weight; of equals, the first drawn.
 * With more `choices`, each further one differs from the best so far.
 */
export function powerOfTwo(options: PowerOfTwoOptions = {}): Policy {
  const { choices = 2 } = assertOptions("powerOfTwo", options, { choices: whole(2) });
  return ({ candidates }) => ({
    pick(context) {
      let best = candidates.sample(context);
      for (let drawn = 1; drawn < choices && best !== undefined; drawn += 1) {
        const other = candidates.sampleOther(context, best);
        if (other === undefined) break;
        if (loadWith(context, other) < loadWith(context, best)) best = other;
      }
      return best;
    },
  });
}
