import { alikeIn, type Cell } from "./cell.ts";
import type { Figures } from "./figures.ts";
import type { Shares } from "./shares.ts";

/** What a cell showed of meshless, and what it is compared with. */
export interface Evidence {
  readonly cell: Cell;
  readonly meshless: Figures;
  /** What it is compared with where calls are many. Undefined: did not run. */
  readonly p2c: Shares | undefined;
  /** What chance alone does to as many fair draws. */
  readonly fair: Shares;
}

/** From so many calls a server on, chance is no excuse for uneven shares. */
const MANY_CALLS_A_SERVER = 1_000;
/** Above this rate, shares are compared with those of powerOfTwo(). */
const BUSY_CALLS_PER_SECOND = 1_000;
const MAX_OVER_MEAN = 1.1;
const MIN_OVER_MEAN = 0.9;
const WORSE_THAN_P2C = 0.05;
const MAX_LOST_SHARE = 0.01;
const MAX_REPLACED_RATIO = 2;

/** The pass lines that meshless broke, in words; a run that was starved breaks none. */
export function brokenLines(evidence: Evidence): readonly string[] {
  const { cell, meshless } = evidence;
  if (meshless.starved.length > 0) return [];
  switch (cell.trial.kind) {
    case "wrong":
      return atMost("share of calls lost", meshless.failed / meshless.calls, MAX_LOST_SHARE);
    case "replaced":
      return [
        ...noneFailed(meshless),
        ...atMost("p99 after over p99 before", meshless.replacement?.ratio ?? Number.NaN, MAX_REPLACED_RATIO),
      ];
    default:
      return [...noneFailed(meshless), ...unevenShares(evidence)];
  }
}

/** Whether shares are no more uneven than those of fair draws are in 999 of 1,000 cases. */
export function isFair(shares: Shares, fair: Shares): boolean {
  return shares.maxOverMean <= fair.maxOverMean && shares.minOverMean >= fair.minOverMean;
}

function unevenShares({ cell, meshless, p2c, fair }: Evidence): readonly string[] {
  if (cell.callsPerSecond >= BUSY_CALLS_PER_SECOND && cell.trial.kind === "even") {
    return p2c === undefined ? [] : atMost("max/mean, by powerOfTwo()", meshless.maxOverMean, p2c.maxOverMean + WORSE_THAN_P2C);
  }
  const isMany = cell.calls >= MANY_CALLS_A_SERVER * alikeIn(cell).length;
  const line = isMany ? { maxOverMean: MAX_OVER_MEAN, minOverMean: MIN_OVER_MEAN } : fair;
  const why = isMany ? "" : ", by chance";
  return [
    ...atMost(`max/mean${why}`, meshless.maxOverMean, line.maxOverMean),
    ...atLeast(`min/mean${why}`, meshless.minOverMean, line.minOverMean),
  ];
}

function noneFailed({ failed }: Figures): readonly string[] {
  return atMost("failed calls", failed, 0);
}

function atMost(name: string, value: number, line: number): readonly string[] {
  return value <= line ? [] : [`${name} is ${short(value)}, above ${short(line)}`];
}

function atLeast(name: string, value: number, line: number): readonly string[] {
  return value >= line ? [] : [`${name} is ${short(value)}, below ${short(line)}`];
}

function short(value: number): string {
  return String(Number(value.toFixed(3)));
}
