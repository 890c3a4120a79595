import { styleText } from "node:util";
import type { Cell } from "./cell.ts";
import type { CellReport, ContenderReport } from "./compare.ts";
import type { Figures } from "./figures.ts";

const NAME_WIDTH = 24;

const HEAD = "max/mean min/mean  fair      p50      p99 failed  busy  ours  late   sim max/min    sim p99  calls of each server";

/** One cell: a line for each contender, and what was broken. */
export function cellTable({ cell, fair, contenders, broken }: CellReport): string {
  const chance = `chance alone: ${ratio(fair.maxOverMean).trim()} / ${ratio(fair.minOverMean).trim()}`;
  return [
    `${styleText("bold", cell.name)}  ${cell.calls} calls  ${chance}`,
    styleText("dim", `  ${"".padEnd(NAME_WIDTH)}${HEAD}`),
    ...Object.entries(contenders).flatMap(([name, report]) => contenderLines(name, report, cell)),
    ...broken.map((line) => styleText("red", `  broken: ${line}`)),
    "",
  ].join("\n");
}

function contenderLines(name: string, { real, isFair, simulated }: ContenderReport, cell: Cell): readonly string[] {
  const { machine, ownShare, clientDelayP99Ms, serverDelayP99Ms } = real.load;
  const figures = [
    ratio(real.maxOverMean),
    ratio(real.minOverMean),
    (isFair ? "yes" : "no").padStart(5),
    ms(real.p50Ms),
    ms(real.p99Ms),
    String(real.failed).padStart(6),
    percent(machine.busyShare),
    percent(ownShare),
    `${Math.max(clientDelayP99Ms, serverDelayP99Ms).toFixed(0)} ms`.padStart(5),
    (simulated ? `${ratio(simulated.maxOverMean).trim()}/${ratio(simulated.minOverMean).trim()}` : "–").padStart(13),
    simulated ? ms(simulated.p99Ms).padStart(10) : "–".padStart(10),
    ` ${real.served.join(" ")}`,
  ];
  return [
    `  ${name.padEnd(NAME_WIDTH)}${figures.join(" ")}`,
    ...remarks(real, cell).map((remark) => `  ${"".padEnd(NAME_WIDTH)}${remark}`),
    ...(simulated?.replacedRatio === undefined
      ? []
      : [`  ${"".padEnd(NAME_WIDTH)}simulated: ${ratio(simulated.replacedRatio).trim()} times`]),
    ...real.starved.map((reason) => styleText("yellow", `  ${"".padEnd(NAME_WIDTH)}starved: ${reason}`)),
  ];
}

function remarks({ served, failures, replacement }: Figures, { trial }: Cell): readonly string[] {
  const why = Object.entries(failures).map(([code, times]) => `${times} ${code}`);
  return [
    ...(trial.kind === "wrong" ? [`the wrong server drew ${served.at(-1)}`] : []),
    ...(why.length > 0 ? [`failed: ${why.join(", ")}`] : []),
    ...(replacement
      ? [
          `p99 calm ${ms(replacement.calmP99Ms).trim()}, after ${ms(replacement.afterP99Ms).trim()}: ${ratio(replacement.ratio).trim()} times`,
        ]
      : []),
  ];
}

function ratio(value: number): string {
  return value.toFixed(2).padStart(8);
}

function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`.padStart(8);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`.padStart(5);
}
