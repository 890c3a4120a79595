import { seededRandom } from "meshless/testing";
import { median } from "../statistics.ts";
import { alikeIn, type Cell, weightsOf } from "./cell.ts";
import type { ContenderName } from "./contenders.ts";
import { fairBand } from "./fair-band.ts";
import type { Figures } from "./figures.ts";
import { brokenLines, type Evidence, isFair, isJudged, isTailInDoubt, type Tails } from "./judge.ts";
import { runCell } from "./run-cell.ts";
import type { Shares } from "./shares.ts";
import { type SimulatedFigures, simulateCell } from "./simulate-cell.ts";

const MORE_TAILS = 2;

/** All that is told of one cell. */
export interface CellReport {
  readonly cell: Cell;
  readonly contenders: Partial<Record<ContenderName, ContenderReport>>;
  /** Medians of three p99s, where the first one of meshless was above its line. */
  readonly tails?: Tails;
  /** Whether there was a line to hold. */
  readonly isJudged: boolean;
  /** Pass lines that meshless broke. */
  readonly broken: readonly string[];
}

export interface ContenderReport {
  readonly real: Figures;
  /** What chance alone does to as many fair draws. */
  readonly fair: Shares;
  /** Whether shares are within it. */
  readonly isFair: boolean;
  readonly simulated: SimulatedFigures | undefined;
}

/**
 * Runs the contenders of a cell, one after the other.
 *
 * @param silentTwin the same cell without reports, which powerOfTwo() does not look at
 */
export async function compare(
  cell: Cell,
  seed: number,
  silentTwin: CellReport | undefined,
  progress: (text: string) => void,
): Promise<CellReport> {
  const contenders: Partial<Record<ContenderName, ContenderReport>> = {};
  for (const name of cell.contenders) {
    progress(`${cell.name}: ${name}, ${(cell.calls / cell.callsPerSecond).toFixed(0)} s`);
    const real = await runCell(cell, name, seed);
    const fair = fairBandOf(cell, real, seed);
    contenders[name] = { real, fair, isFair: isFair(real, fair), simulated: simulateCell(cell, name, seed) };
  }
  const { meshless, p2c = silentTwin?.contenders.p2c } = contenders;
  if (meshless === undefined) return { cell, contenders, isJudged: false, broken: [] };
  const first = { ...meshless, cell, meshless: meshless.real, p2c: p2c?.real };
  const tails = isTailInDoubt(first) ? await tailsAgain(first, seed, progress) : undefined;
  const evidence = tails === undefined ? first : { ...first, tails };
  return { cell, contenders, ...(tails && { tails }), isJudged: isJudged(evidence), broken: brokenLines(evidence) };
}

/** The hundredth part of a cell's calls comes before all processes are compiled and warm: its p99 is that of the start, and differs by twice from run to run. */
async function tailsAgain({ cell, meshless, p2c }: Evidence, seed: number, progress: (text: string) => void): Promise<Tails> {
  const p99sMs = { meshless: [meshless.p99Ms], p2c: p2c === undefined ? [] : [p2c.p99Ms] };
  for (let more = 1; more <= MORE_TAILS; more++) {
    for (const name of ["meshless", "p2c"] as const) {
      progress(`${cell.name}: ${name} again, for its p99`);
      p99sMs[name].push((await runCell(cell, name, seed + more)).p99Ms);
    }
  }
  return { meshlessMs: median(p99sMs.meshless), p2cMs: median(p99sMs.p2c) };
}

/** Of the servers whose shares are compared, for as many calls as they got. */
function fairBandOf(cell: Cell, { served }: Figures, seed: number): Shares {
  const alike = alikeIn(cell);
  const weights = weightsOf(cell);
  return fairBand(
    alike.reduce((sum, index) => sum + (served[index] ?? 0), 0),
    alike.map((index) => weights[index] ?? 1),
    seededRandom(seed),
  );
}
