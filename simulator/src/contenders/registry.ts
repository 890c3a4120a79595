import { pooled, serviceBound } from "../bounds/one-server.ts";
import { exactJsq, omniscient } from "../bounds/oracles.ts";
import type { Contender } from "../contender.ts";
import { runScenario } from "../run-scenario.ts";
import type { Entrant } from "../suite/entrant.ts";
import { c3 } from "./c3.ts";
import { envoyZones } from "./envoy-zones.ts";
import { kubeProxy } from "./kube-proxy.ts";
import { prequal } from "./prequal.ts";
import { shipped } from "./shipped.ts";

const contenders: readonly Contender[] = [
  kubeProxy(),
  kubeProxy({ connections: 4 }),
  envoyZones(),
  c3(),
  prequal(),
  prequal({ hotQuantile: 0.75 }),
  ...shipped,
];
const oracles: readonly Contender[] = [omniscient, exactJsq];

/** Everybody who can be named in a cell or on a command line, in the order of overviews; bounds last. */
export const entrants: readonly Entrant[] = [...contenders.map(entrantOf), ...oracles.map(attainableBound), pooled, serviceBound];

/** Runs a contender, be it of one's own. */
export function entrantOf(contender: Contender): Entrant {
  const { name, description } = contender;
  return { name, description, run: (scenario, seed) => runScenario(scenario, contender, seed) };
}

function attainableBound(oracle: Contender): Entrant {
  return { ...entrantOf(oracle), isBound: true, isAttainable: true };
}
