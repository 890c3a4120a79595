import { valuesOf } from "../suite/figures.ts";
import { formatPercent } from "../suite/format.ts";
import { estimate, pairedDifference, pairedRatio } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS, ratioText } from "./duel.ts";
import { cellCalled, type Results, runsOf } from "./find.ts";

const skewed = ["zones-45-60", "zones-50-70", "zones-60-70", "zones-50-90"] as const;

/** Where demand is skewed, less leaves the zone than with Envoy's split, and nobody waits longer for it. */
export function skewedZones(results: Results): readonly Criterion[] {
  return skewed.flatMap((name) => {
    const runs = runsOf(cellCalled(results, name), FOCUS, "envoy-zones");
    if (runs === undefined) return [];
    const [own, envoy] = runs.map((all) => valuesOf(all, "crossZoneShare")) as [readonly number[], readonly number[]];
    const more = pairedDifference(own, envoy);
    const ratio = pairedRatio(valuesOf(runs[0], "p99Ms"), valuesOf(runs[1], "p99Ms"));
    const shares = `${formatPercent(estimate(own).mean)} % against ${formatPercent(estimate(envoy).mean)} %`;
    return {
      promise: `${name}: less leaves the zone than with Envoy's split, at no cost`,
      target: "cross-zone share and p99 at most those of envoy-zones, within the interval",
      figure: `${shares}, ${ratioText(ratio)}`,
      isMet: more.mean - (more.plusMinus ?? 0) <= 0 && (ratio.low ?? ratio.ratio) <= 1,
    };
  });
}

export function balancedZones(results: Results): readonly Criterion[] {
  return ["zones-balanced", "zones-balanced-74"].flatMap((name) => {
    const [own] = runsOf(cellCalled(results, name), FOCUS) ?? [];
    if (own === undefined) return [];
    const most = Math.max(...valuesOf(own, "crossZoneShare"));
    return {
      promise: `${name}: nothing leaves its zone without need`,
      target: "no call, in any seed",
      figure: `${formatPercent(most)} %`,
      isMet: most === 0,
    };
  });
}
