import type { Criterion } from "./criterion.ts";
import { FOCUS } from "./duel.ts";
import { podsOf, type Results, searchCalled } from "./find.ts";

/** At 400 clients, by this share fewer pods do. */
const savings = [
  { other: "kube-proxy", share: 0.35 },
  { other: "p2c", share: 0.1 },
] as const;

export function fewerPods(results: Results): readonly Criterion[] {
  const search = searchCalled(results, "pods-400-clients");
  const own = podsOf(search, FOCUS);
  return savings.flatMap(({ other, share }) => {
    const others = podsOf(search, other);
    if (own === undefined || others === undefined) return [];
    return {
      promise: `pods-400-clients: fewer pods than with ${other}`,
      target: `at least ${share * 100} % fewer`,
      figure: `${own} against ${others}, ${((1 - own / others) * 100).toFixed(1)} % fewer`,
      isMet: others - own >= share * others,
    };
  });
}
