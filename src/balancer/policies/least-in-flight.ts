// Optimises: load, by looking at every endpoint. Best with few endpoints and long calls, where a random pair misses the idle one.
// Wrong when: there are many endpoints, because each choice costs O(n); and with many clients of few calls each: every client sees the
//   newcomer or the one that just got free as the least busy, and all go there at once (a herd). powerOfTwo has neither trouble.
// Cold: a newcomer gets every call until it is as busy as the others.
// Recovers: at once. It keeps no memory besides the calls in flight.
// Source: join the shortest queue, Winston, "Optimality of the shortest line discipline", J. Appl. Prob. 14, 1977; Envoy's FULL_SCAN.
import { loadWith } from "../load.ts";
import type { Member } from "../member.ts";
import type { Policy } from "../policy.ts";

/** The least busy of all eligible endpoints, by calls in flight per weight; of equals, one at random. O(n). */
export function leastInFlight(): Policy {
  return ({ random, candidates }) => ({
    pick(context) {
      let best: Member | undefined;
      let bestLoad = Infinity;
      let ties = 0;
      const places = candidates.places(context);
      for (let place = 0; place < places; place += 1) {
        const member = candidates.at(context, place);
        if (member === undefined) continue;
        const load = loadWith(context, member);
        if (load > bestLoad) continue;
        ties = load === bestLoad ? ties + 1 : 1;
        // Each of k equals replaces the one before with chance 1/k, which leaves all of them with equal chance.
        if (random() * ties >= 1) continue;
        best = member;
        bestLoad = load;
      }
      return best;
    },
  });
}
