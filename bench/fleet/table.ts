import { styleText } from "node:util";
import type { Cell } from "./cell.ts";
import type { CellReport, ContenderReport } from "./compare.ts";
import type { Figures } from "./figures.ts";
import type { Shares } from "./shares.ts";

/** What is shown of a contender, in this order. */
const columns: readonly { readonly head: string; readonly width: number; readonly text: (report: ContenderReport) => string }[] = [
  { head: "max/min", width: 11, text: ({ real }) => shares(real) },
  { head: "by chance", width: 11, text: ({ fair }) => shares(fair) },
  { head: "", width: 5, text: ({ isFair }) => (isFair ? "fair" : "not") },
  { head: "p50", width: 9, text: ({ real }) => ms(real.p50Ms) },
  { head: "p99", width: 9, text: ({ real }) => ms(real.p99Ms) },
  { head: "failed", width: 7, text: ({ real }) => String(real.failed) },
  { head: "simulated", width: 13, text: ({ simulated }) => (simulated ? shares(simulated) : "–") },
  { head: "p50", width: 9, text: ({ simulated }) => (simulated ? ms(simulated.p50Ms) : "–") },
  { head: "p99", width: 9, text: ({ simulated }) => (simulated ? ms(simulated.p99Ms) : "–") },
  { head: "CPU: all", width: 9, text: ({ real }) => percent(real.load.machine.busyShare) },
  { head: "ours", width: 5, text: ({ real }) => percent(real.load.ownShare) },
  { head: "load", width: 6, text: ({ real }) => real.load.machine.loadAverageBefore.toFixed(1) },
  { head: "late", width: 7, text: ({ real }) => ms(Math.max(real.load.clientDelayP99Ms, real.load.serverDelayP99Ms)) },
];
const NAME_WIDTH = 22;

/** One cell: a line for each contender, and what was broken. */
export function cellTable({ cell, contenders, tails, broken }: CellReport): string {
  const head = columns.map((column) => column.head.padStart(column.width)).join(" ");
  return [
    `${styleText("bold", cell.name)}  ${cell.calls} calls`,
    styleText("dim", `  ${"".padEnd(NAME_WIDTH)}${head}`),
    ...Object.entries(contenders).flatMap(([name, report]) => contenderLines(name, report, cell)),
    ...(tails ? [styleText("dim", `  p99, medians of three: meshless ${ms(tails.meshlessMs)}, p2c ${ms(tails.p2cMs)}`)] : []),
    ...broken.map((line) => styleText("red", `  broken: ${line}`)),
    "",
  ].join("\n");
}

function contenderLines(name: string, report: ContenderReport, cell: Cell): readonly string[] {
  const figures = columns.map(({ width, text }) => text(report).padStart(width)).join(" ");
  const { starved } = report.real;
  return [
    `  ${name.padEnd(NAME_WIDTH)}${figures}`,
    ...remarks(report, cell).map((remark) => styleText("dim", `    ${remark}`)),
    ...(starved.length > 0 ? [styleText("yellow", `    starved: ${starved.join(", ")}`)] : []),
  ];
}

function remarks({ real, simulated }: ContenderReport, { trial }: Cell): readonly string[] {
  return [
    `calls of each server: ${real.served.join(" ")}${trial.kind === "wrong" ? ", the last being the wrong one" : ""}`,
    ...failureText(real),
    ...replacementText(real),
    ...(simulated?.replacedRatio === undefined ? [] : [`simulated: ${simulated.replacedRatio.toFixed(2)} times`]),
  ];
}

function failureText({ failures }: Figures): readonly string[] {
  const why = Object.entries(failures).map(([code, times]) => `${times} ${code}`);
  return why.length > 0 ? [`failed: ${why.join(", ")}`] : [];
}

function replacementText({ replacement }: Figures): readonly string[] {
  if (!replacement) return [];
  const { calmP99Ms, afterP99Ms, ratio } = replacement;
  return [`p99 while calm ${ms(calmP99Ms)}, after the replacement ${ms(afterP99Ms)}: ${ratio.toFixed(2)} times`];
}

function shares({ maxOverMean, minOverMean }: Shares): string {
  return `${maxOverMean.toFixed(2)}/${minOverMean.toFixed(2)}`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}
