import type { RunResult } from "../result.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatPercent, formatRatio } from "../suite/format.ts";
import { estimate, pairedDifference, pairedRatio } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS, ratioText } from "./duel.ts";
import { cellCalled, type Results, runsOf } from "./find.ts";

type Runs = readonly RunResult[];

/** Of the calls, so many may be lost until the wrong one is known. */
const LOST = 0.01;
/** So much more, of p99 or of a fair share, is as before. */
const MORE = 0.02;

/** A server that is quick because it blames the caller attracts nobody. */
export function wrongButQuick(results: Results): readonly Criterion[] {
  return ["wrong-but-quick", "wrong-but-quick-silent"].flatMap((name) => {
    const runs = runsOf(cellCalled(results, name), FOCUS, "p2c");
    if (runs === undefined) return [];
    const [own, p2c] = runs.map((all) => estimate(valuesOf(all, "errorShare")).mean) as [number, number];
    return {
      promise: `${name}: who refuses at once gets nothing`,
      target: `at most ${formatPercent(LOST)} % of the calls lost`,
      figure: `${formatPercent(own)} % (p2c ${formatPercent(p2c)} %)`,
      isMet: own <= LOST,
    };
  });
}

/** Where callers are to blame, all is as it would be if they were not. */
export function mistakenCallers(results: Results): readonly Criterion[] {
  const [without] = runsOf(cellCalled(results, "none-mistaken"), FOCUS) ?? [];
  return ["tenth-mistaken", "tenth-mistaken-soon"].flatMap((name) => {
    const [runs] = runsOf(cellCalled(results, name), FOCUS) ?? [];
    return runs === undefined || without === undefined ? [] : asBefore(name, runs, without);
  });
}

function asBefore(name: string, runs: Runs, without: Runs): Criterion {
  const p99 = pairedRatio(valuesOf(runs, "p99Ms"), valuesOf(without, "p99Ms"));
  const busiest = pairedDifference(valuesOf(runs, "callsMaxOverMean"), valuesOf(without, "callsMaxOverMean"));
  const idlest = pairedDifference(valuesOf(without, "callsMinOverMean"), valuesOf(runs, "callsMinOverMean"));
  const [least, most] = [estimate(valuesOf(runs, "callsMinOverMean")).mean, estimate(valuesOf(runs, "callsMaxOverMean")).mean];
  return {
    promise: `${name}: calls that are at fault themselves change nothing`,
    target: `p99 and shares as without them, but for ${formatPercent(MORE)} % or chance`,
    figure: `${ratioText(p99)}, shares ${formatRatio(least)} to ${formatRatio(most)}`,
    isMet:
      (p99.ratio <= 1 + MORE || (p99.low ?? p99.ratio) <= 1) &&
      [busiest, idlest].every(({ mean, plusMinus = 0 }) => mean <= Math.max(MORE, plusMinus)),
  };
}
