import type { RunResult } from "../result.ts";
import type { CellResults } from "./cell.ts";
import { formatMs, formatPercent } from "./format.ts";
import { estimate } from "./summary.ts";
import type { Table } from "./table.ts";

type WindowResult = RunResult["windows"][number];

interface WindowFigure {
  readonly label: string;
  readonly of: (window: WindowResult) => number;
  readonly format: (value: number) => string;
  /** Left out when nobody has any. */
  readonly isOptional: boolean;
}

const windowFigures: readonly WindowFigure[] = [
  { label: "p99 ms", of: ({ latencyMs }) => latencyMs.p99, format: formatMs, isOptional: false },
  { label: "errors %", of: ({ errorShare }) => errorShare, format: formatPercent, isOptional: false },
  { label: "cross-zone %", of: ({ crossZoneShare }) => crossZoneShare, format: formatPercent, isOptional: true },
];

/** The figures of each window of a cell, if it has windows. */
export function windowTable({ cell, runs }: CellResults): Table | undefined {
  const { windows = [] } = cell.scenario;
  if (windows.length === 0) return undefined;
  const all = [...runs.values()].flat().flatMap((result) => result.windows);
  const shown = windowFigures.filter(({ of, isOptional }) => !isOptional || all.some((window) => of(window) > 0));
  const columns = windows.flatMap(({ label, fromMs, toMs }) =>
    shown.map((figure) => ({
      label: `${label}: ${figure.label}`,
      meaning: `calls that arrived from ${fromMs / 1000} to ${toMs / 1000} s`,
    })),
  );
  const rows = [...runs].map(([name, results]) => [
    name,
    ...windows.flatMap((_, index) => shown.map((figure) => meanText(results, index, figure))),
  ]);
  return { columns: [{ label: "policy" }, ...columns], rows };
}

function meanText(results: readonly RunResult[], index: number, { of, format }: WindowFigure): string {
  const windows = results.flatMap((result) => result.windows[index] ?? []);
  return format(estimate(windows.map(of)).mean);
}
