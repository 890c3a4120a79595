import { alikeIn, type Cell } from "./cell.ts";
import type { Figures } from "./figures.ts";
import type { Shares } from "./shares.ts";

/** What of a contender is compared. */
export type Rival = Pick<Figures, "maxOverMean" | "minOverMean" | "p99Ms" | "starved">;

/** What a cell showed of meshless, and what it is compared with. */
export interface Evidence {
  readonly cell: Cell;
  readonly meshless: Figures;
  /** What it is compared with. Undefined: did not run. */
  readonly p2c: Rival | undefined;
  /** What chance alone does to as many fair draws. */
  readonly fair: Shares;
  /** Where p99s were measured more than once: their medians. Default: those of the two above. */
  readonly tails?: Tails;
}

/** p99s that are compared. */
export interface Tails {
  readonly meshlessMs: number;
  readonly p2cMs: number;
}

/** From so many calls a server on, chance is no excuse for uneven shares. */
const MANY_CALLS_A_SERVER = 1_000;
/** Above this rate, shares are compared with those of powerOfTwo(). */
const BUSY_CALLS_PER_SECOND = 1_000;
const MAX_OVER_MEAN = 1.1;
const MIN_OVER_MEAN = 0.9;
const WORSE_THAN_P2C = 0.05;
/** The p99 of two runs of the same contender differ by so much, alone on two cores. */
const P99_NOISE = 1.25;
const P99_NOISE_MS = 5;
const MAX_LOST_SHARE = 0.01;
const MAX_REPLACED_RATIO = 2;

/** Whether there is a line to hold. A run that was starved tells of the machine, unless powerOfTwo() stands beside it on the same one. */
export function isJudged({ cell, meshless, p2c }: Pick<Evidence, "cell" | "meshless" | "p2c">): boolean {
  return meshless.starved.length === 0 || (p2c !== undefined && isComparable(cell));
}

/** The pass lines that meshless broke, in words. */
export function brokenLines(evidence: Evidence): readonly string[] {
  const { cell, meshless } = evidence;
  if (!isJudged(evidence)) return [];
  switch (cell.trial.kind) {
    case "wrong":
      return atMost("share of calls lost", meshless.failed / meshless.calls, MAX_LOST_SHARE);
    case "replaced":
      return [
        ...noneFailed(meshless),
        ...atMost("p99 after over p99 before", meshless.replacement?.ratio ?? Number.NaN, MAX_REPLACED_RATIO),
      ];
    default:
      return [...noneFailed(meshless), ...unevenShares(evidence), ...slowTail(evidence)];
  }
}

/** Whether the p99 alone says that meshless is slower: it may have been chance. */
export function isTailInDoubt(evidence: Evidence): boolean {
  return isJudged(evidence) && isComparable(evidence.cell) && slowTail(evidence).length > 0;
}

/** Whether shares are no more uneven than those of fair draws are in 999 of 1,000 cases. */
export function isFair(shares: Shares, fair: Shares): boolean {
  return shares.maxOverMean <= fair.maxOverMean && shares.minOverMean >= fair.minOverMean;
}

function isComparable({ trial }: Cell): boolean {
  return trial.kind === "even" || trial.kind === "weights" || trial.kind === "sequential";
}

function unevenShares({ cell, meshless, p2c, fair }: Evidence): readonly string[] {
  if (meshless.starved.length > 0 || cell.callsPerSecond >= BUSY_CALLS_PER_SECOND) {
    if (p2c === undefined) return [];
    return [
      ...atMost("max/mean, by powerOfTwo()", meshless.maxOverMean, p2c.maxOverMean + WORSE_THAN_P2C),
      ...atLeast("min/mean, by powerOfTwo()", meshless.minOverMean, p2c.minOverMean - WORSE_THAN_P2C),
    ];
  }
  const isMany = cell.calls >= MANY_CALLS_A_SERVER * alikeIn(cell).length;
  const line = isMany ? { maxOverMean: MAX_OVER_MEAN, minOverMean: MIN_OVER_MEAN } : fair;
  const why = isMany ? "" : ", by chance";
  return [
    ...atMost(`max/mean${why}`, meshless.maxOverMean, line.maxOverMean),
    ...atLeast(`min/mean${why}`, meshless.minOverMean, line.minOverMean),
  ];
}

function slowTail({ meshless, p2c, tails }: Evidence): readonly string[] {
  if (p2c === undefined || meshless.starved.length + p2c.starved.length > 0) return [];
  const { meshlessMs, p2cMs } = tails ?? { meshlessMs: meshless.p99Ms, p2cMs: p2c.p99Ms };
  return atMost("p99 in ms, by powerOfTwo()", meshlessMs, p2cMs * P99_NOISE + P99_NOISE_MS);
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
