import { matchesGlob } from "node:path";
import type { Cell } from "./cell.ts";
import { cells, QUICK_SECONDS, quickContenders, quickNames } from "./cells.ts";
import { type ContenderName, contenders } from "./contenders.ts";
import type { FleetOptions } from "./options.ts";

/**
 * The part of the matrix that is asked for.
 *
 * @throws Error when nothing is left
 */
export function select(options: FleetOptions): readonly Cell[] {
  const globs = options.cells?.split(",").map((glob) => glob.trim()) ?? (options.quick ? quickNames : ["*"]);
  const selected = cells.filter(({ name }) => globs.some((glob) => matchesGlob(name, glob))).map((cell) => shortened(cell, options));
  const left = selected.filter((cell) => cell.contenders.length > 0);
  if (left.length === 0) throw new Error(`no cell for --cells ${globs.join(",")} and these contenders; --list has them all`);
  return left;
}

function shortened(cell: Cell, { seconds, quick, calls, callsPerServer, contenders: asked }: FleetOptions): Cell {
  const wished = callsPerServer !== undefined && isScaled(cell) ? callsPerServer * cell.servers : cell.calls;
  const maxSeconds = seconds ?? (quick ? QUICK_SECONDS : Number.POSITIVE_INFINITY);
  const most = Math.min(wished, calls ?? wished, Math.ceil(cell.callsPerSecond * maxSeconds));
  // What happens at a given time needs the whole time.
  return { ...cell, calls: cell.trial.kind === "replaced" ? cell.calls : most, contenders: contendersOf(cell, asked, quick) };
}

function isScaled({ trial }: Cell): boolean {
  return trial.kind === "even" || trial.kind === "weights";
}

function contendersOf(cell: Cell, asked: readonly ContenderName[] | undefined, quick: boolean): readonly ContenderName[] {
  if (asked === undefined) return quick ? cell.contenders.filter((name) => quickContenders.includes(name)) : cell.contenders;
  const needsSource = cell.trial.kind === "weights" || cell.trial.kind === "replaced";
  return asked.filter((name) => contenders[name].followsSource || !needsSource);
}
