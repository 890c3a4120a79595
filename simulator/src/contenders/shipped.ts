import {
  type BalancerEvent,
  type BalancerOptions,
  createBalancer,
  leastInFlight,
  peakEwma,
  powerOfTwo,
  prequalHcl,
  random,
  roundRobin,
  weightedRoundRobin,
} from "meshless/balancer";
import type { Contender, ContenderEnv } from "../contender.ts";

type Settings = Omit<BalancerOptions, "random">;

/** What peers ship: gRPC, Envoy and httplb eject nobody and ramp up nobody unless they are told to. */
const bare: Settings = { ejection: false, slowStart: false };

/** The policies of meshless, as contenders. */
export const shipped: readonly Contender[] = [
  meshless("random", "Any endpoint, with equal chance.", { ...bare, policy: random() }),
  meshless("round-robin", "Each endpoint in turn.", { ...bare, policy: roundRobin() }),
  meshless("least-in-flight", "Of all endpoints, the one with the least of the client's own calls in flight.", {
    ...bare,
    policy: leastInFlight(),
  }),
  meshless("p2c", "Of two random endpoints, the one with less of the client's own calls in flight.", { ...bare, policy: powerOfTwo() }),
  meshless("peak-ewma", "Of two random endpoints, the one with the least latency times calls in flight (Finagle, 10 s).", {
    ...bare,
    policy: peakEwma(),
  }),
  meshless("weighted-round-robin", "By reported load, as gRPC does it (A58), with its defaults.", {
    ...bare,
    policy: weightedRoundRobin({ maxShare: Infinity, raiseMs: 0 }),
  }),
  meshless("prequal-hcl", "Prequal's rule on the candidates of meshless: reports that come with answers, no probes.", {
    ...bare,
    policy: prequalHcl(),
  }),
  meshless("p2c-ejecting", "p2c, and endpoints that fail sit out for a while.", { ...bare, policy: powerOfTwo(), ejection: {} }),
  meshless("meshless", "meshless with its defaults."),
  meshless("meshless-without-zones", "meshless with its defaults, but not told its zone.", {}),
  { ...meshless("meshless-pushback", "meshless with its defaults, and servers may turn calls away."), mayBounce: true },
];

/** @throws RangeError if none has the name */
export function shippedAs(name: string): Contender {
  const found = shipped.find((contender) => contender.name === name);
  if (found === undefined) throw new RangeError(`${name} is not shipped: use ${shipped.map((contender) => contender.name).join(", ")}`);
  return found;
}

/** A balancer of meshless. Without settings, it has its defaults and knows the client's zone. */
export function meshless(name: string, description: string, settings: Settings | ((env: ContenderEnv) => Settings) = inItsZone): Contender {
  return {
    name,
    description,
    create: (env) => createBalancer({ onEvent, ...(typeof settings === "function" ? settings(env) : settings), random: env.random }),
  };
}

/** A policy that fails is survived everywhere else; here it would only spoil the figures. */
function onEvent(event: BalancerEvent): void {
  if (event.type === "plugInFailed") throw event.error;
}

function inItsZone({ zone }: ContenderEnv): Settings {
  return { zone };
}
