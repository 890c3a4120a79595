import type { RunResult } from "../result.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatPercent, formatRatio } from "../suite/format.ts";
import { estimate, pairedRatio } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS, ratioText } from "./duel.ts";
import { cellCalled, type Results, runsOf } from "./find.ts";
import { timesFair } from "./times-fair.ts";

type Runs = readonly RunResult[];

/** A server that fails at once attracts nobody. */
export function blackHole(results: Results): readonly Criterion[] {
  const runs = runsOf(cellCalled(results, "black-hole"), FOCUS, "p2c");
  if (runs === undefined) return [];
  const [own, p2c] = runs.map((all) => estimate(valuesOf(all, "errorShare")).mean) as [number, number];
  return [
    {
      promise: "black-hole: who fails fast gets nothing",
      target: "errors of at most 0.05 %",
      figure: `${formatPercent(own)} % (p2c ${formatPercent(p2c)} %)`,
      isMet: own <= 0.0005,
    },
  ];
}

/** A server that claims to be idle gains little, and hurts nobody who called another. */
export function lyingPod(results: Results): readonly Criterion[] {
  const [lying] = runsOf(cellCalled(results, "lying-pod"), FOCUS) ?? [];
  const [honest] = runsOf(cellCalled(results, "honest-pod"), FOCUS) ?? [];
  if (lying === undefined) return [];
  const share = estimate(lying.map((run) => timesFair(run, "liar"))).mean;
  return [
    {
      promise: "lying-pod: who claims to be idle gains little",
      target: "at most twice a fair share of the calls",
      figure: `${formatRatio(share)} times a fair share`,
      isMet: share <= 2,
    },
    ...(honest === undefined ? [] : [othersSuffer(lying, honest)]),
  ];
}

function othersSuffer(lying: Runs, honest: Runs): Criterion {
  const ratio = pairedRatio(lying.map(p99OfOthers), honest.map(p99OfOthers));
  return {
    promise: "lying-pod: calls to the others don't suffer",
    target: "at most 1.10 of the others' p99 without the lie",
    figure: ratioText(ratio),
    isMet: ratio.ratio <= 1.1,
  };
}

function p99OfOthers({ perGroup }: RunResult): number {
  return perGroup.find(({ group }) => group === "honest")?.p99Ms ?? Number.NaN;
}
