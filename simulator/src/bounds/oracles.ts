// Balancing as well as it can be done one call at a time, by somebody who sees every server as it is at the moment of the choice, calls on
// their way included. Neither is optimal everywhere: joining the shortest queue ignores that servers differ, being greedy ignores the calls
// to come. What can be attained is taken to be the better of the two.
import type { PickContext, RandomSource } from "meshless/balancer";
import type { Contender, ContenderEnv, Oracle } from "../contender.ts";
import { admits, baseline, type Chooser, type Host, type Hosts } from "../contenders/baseline.ts";

/** Join the shortest queue, by the true number of calls in flight. Optimal for like servers that serve in order (Winston 1977). */
export const exactJsq: Contender = {
  name: "exact-jsq",
  description: "Bound: the server with the least calls in flight, all of them known.",
  create: (env) => leastCost(env, (oracle, id) => oracle.inFlight(id)),
};

/** Greedy: where this very call would be done soonest if none came after it. */
export const omniscient: Contender = {
  name: "omniscient",
  description: "Bound: the server that would finish the call first by its true calls in flight, capacity and speed.",
  create: (env) => leastCost(env, soonestDone),
};

/** Too little to matter unless everything else is equal: then the emptier server. */
const TIE_BREAK = 1e-9;

function soonestDone(oracle: Oracle, id: string): number {
  const capacity = oracle.capacity(id);
  if (capacity <= 0) return Infinity;
  const inFlight = oracle.inFlight(id);
  return oracle.slowness(id) * Math.max(1, (inFlight + 1) / capacity) + (TIE_BREAK * inFlight) / capacity;
}

type Cost = (oracle: Oracle, endpointId: string) => number;

function leastCost({ random, oracle }: ContenderEnv, cost: Cost): ReturnType<Contender["create"]> {
  if (oracle === undefined) throw new Error("a bound needs an oracle: run it in the simulator");
  return baseline(new LeastCost(random, (id) => cost(oracle, id)));
}

/** Sends each call to where it costs least; of equals, to one at random. */
class LeastCost implements Chooser {
  readonly #random: RandomSource;
  readonly #cost: (endpointId: string) => number;
  #callable: readonly Host[] = [];

  constructor(random: RandomSource, cost: (endpointId: string) => number) {
    this.#random = random;
    this.#cost = cost;
  }

  hostsChanged({ callable }: Hosts): void {
    this.#callable = callable;
  }

  choose(context: PickContext): Host | undefined {
    let best: Host | undefined;
    let least = Infinity;
    let equals = 0;
    for (const host of this.#callable) {
      if (!admits(context, host)) continue;
      const cost = this.#cost(host.endpoint.id);
      if (cost > least) continue;
      equals = cost < least ? 1 : equals + 1;
      least = cost;
      // The i-th of equals takes over with the chance 1/i, which in the end is the same for all.
      if (equals === 1 || this.#random() * equals < 1) best = host;
    }
    return best;
  }
}
