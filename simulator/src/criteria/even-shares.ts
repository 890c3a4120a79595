import type { RunResult } from "../result.ts";
import type { CellResults } from "../suite/cell.ts";
import { valuesOf } from "../suite/figures.ts";
import { formatRatio } from "../suite/format.ts";
import { estimate } from "../suite/summary.ts";
import type { Criterion } from "./criterion.ts";
import { FOCUS } from "./duel.ts";
import { isFairDraw } from "./fair-draws.ts";
import { allCells, type Results, runsOf } from "./find.ts";

const LEAST = 0.9;
const MOST = 1.1;
/** With fewer calls a pod, chance makes more of a difference. */
const ENOUGH_CALLS = 1_000;
const EXCEPTIONS = 0.001;

interface Shares {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly areEven: boolean;
}

/** Where pods do not differ, or by their weights alone, each gets its share, though nobody need wait anywhere. */
export function evenShares(results: Results): readonly Criterion[] {
  return [
    ...promised(results, "light-", "light load: pods that are alike get alike"),
    ...promised(results, "weights-", "unequal weights: pods get calls by their weights"),
  ];
}

function promised(results: Results, prefix: string, promise: string): readonly Criterion[] {
  const cells = allCells(results).filter(({ cell }) => cell.scenario.name.startsWith(prefix));
  const shares = cells.flatMap(sharesIn);
  const [worst] = shares.toSorted((a, b) => unevenness(b) - unevenness(a));
  if (worst === undefined) return [];
  const { length } = shares.filter(({ areEven }) => areEven);
  return [
    {
      promise,
      target: `from ${LEAST} to ${MOST} of a fair share in every cell; with fewer than ${ENOUGH_CALLS} calls a pod, as even as 99.9 % of fair draws`,
      figure: `${length} of ${shares.length} cells; least even in ${worst.name}: ${formatRatio(worst.least)} to ${formatRatio(worst.most)}`,
      isMet: length === shares.length,
    },
  ];
}

function sharesIn(cell: CellResults): readonly Shares[] {
  const [runs] = runsOf(cell, FOCUS) ?? [];
  if (runs === undefined) return [];
  const least = estimate(valuesOf(runs, "callsMinOverMean")).mean;
  const most = estimate(valuesOf(runs, "callsMaxOverMean")).mean;
  const areEven = runs.every(hasFewCalls) ? runs.every(isAsFairDraws) : least >= LEAST && most <= MOST;
  return [{ name: cell.cell.scenario.name, least, most, areEven }];
}

function hasFewCalls({ calls, perServer }: RunResult): boolean {
  // Some cells are made for this many on average, and chance takes a few away.
  return calls / perServer.length < 0.9 * ENOUGH_CALLS;
}

function isAsFairDraws({ perServer }: RunResult): boolean {
  return isFairDraw(
    perServer.map(({ calls }) => calls),
    EXCEPTIONS,
  );
}

function unevenness({ least, most }: Shares): number {
  return Math.max(most, 1 / least);
}
