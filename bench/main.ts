import { parseArgs } from "node:util";
import { Screen } from "../demo/screen.ts";
import { type HookFigures, measureHooks } from "./hooks/measure.ts";
import { hasValgrind } from "./instructions/counted-child.ts";
import { type InstructionTable, measureInstructions } from "./instructions/measure.ts";
import { measurePicks, type PickFigures } from "./pick.ts";
import type { PickerFigures } from "./picker.ts";
import { measureStreams, type StreamFigures } from "./streams/measure.ts";
import { measureCells, measureUnary } from "./unary/cells.ts";
import type { UnaryFigures } from "./unary/measure.ts";
import { measureTelemetry, type TelemetryFigures } from "./unary/telemetry.ts";

process.once("SIGINT", () => process.exit(130));

const NAME_WIDTH = 32;

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    cells: { type: "boolean", default: false },
    telemetry: { type: "boolean", default: false },
    streams: { type: "boolean", default: false },
    hooks: { type: "boolean", default: false },
    instructions: { type: "boolean", default: false },
  },
});
const screen = new Screen(process.stderr);
const progress = (text: string) => screen.draw(text, text);

if (options.cells) {
  const cells = await measureCells(progress);
  screen.keep("");
  if (options.json) console.log(JSON.stringify({ cells }));
  else for (const [name, figures] of Object.entries(cells)) console.log(`${unaryTable(name, figures)}\n`);
} else if (options.telemetry) {
  const telemetry = await measureTelemetry(progress);
  screen.keep("");
  console.log(options.json ? JSON.stringify({ telemetry }) : telemetryTable(telemetry));
} else if (options.streams) {
  const streams = await measureStreams(progress);
  screen.keep("");
  console.log(options.json ? JSON.stringify({ streams }) : streamTable(streams));
} else if (options.hooks) {
  const hooks = await measureHooks(progress);
  screen.keep("");
  console.log(options.json ? JSON.stringify({ hooks }) : hookTable(hooks));
} else if (options.instructions && !(await hasValgrind())) {
  console.error("instructions are counted by valgrind, which is not here: install it (apt-get install valgrind) and start again");
  process.exitCode = 1;
} else if (options.instructions) {
  const instructions = await measureInstructions(progress);
  screen.keep("");
  console.log(options.json ? JSON.stringify({ instructions }) : instructionTable(instructions));
} else {
  const pick = await measurePicks(progress);
  const unary = await measureUnary(progress);
  screen.keep("");
  if (options.json) console.log(JSON.stringify({ unary, pick }));
  else console.log(`${unaryTable("unary calls, 50 at once", unary)}\n\n${pickTables(pick)}`);
}

function tableRow(name: string, figures: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + figures.map((figure) => figure.padStart(9)).join("");
}

function unaryTable(name: string, unary: UnaryFigures): string {
  const rows = Object.entries(unary).map(([contender, { cpuUs, ratioToRaw, ratioToEqualRaw, bytes, p50Us, p99Us }]) => {
    const figures = [
      cpuUs.toFixed(1),
      ratioToRaw.toFixed(2),
      ratioToEqualRaw.toFixed(2),
      String(bytes),
      p50Us.toFixed(0),
      p99Us.toFixed(0),
    ];
    return tableRow(contender, figures);
  });
  return [tableRow(name, ["CPU, µs", "to raw", "to equal", "bytes", "p50, µs", "p99, µs"]), ...rows].join("\n");
}

function telemetryTable(telemetry: Record<string, TelemetryFigures>): string {
  const rows = Object.entries(telemetry).map(([contender, { cpuUs, ratio, leastRatio, mostRatio, bytes }]) => {
    const ratios = [ratio, leastRatio, mostRatio].map((figure) => figure.toFixed(3));
    return tableRow(contender, [cpuUs.toFixed(1), ...ratios, String(bytes)]);
  });
  return [tableRow("with telemetry, 50 at once", ["CPU, µs", "to off", "least", "most", "bytes"]), ...rows].join("\n");
}

function streamTable(streams: Readonly<Record<string, StreamFigures>>): string {
  const width = Math.max(...Object.keys(streams).map(({ length }) => length)) + 2;
  const names = Object.keys(Object.values(streams)[0] ?? {});
  const column = (text: string) => text.padStart(22);
  return [
    `${"CPU a message, µs".padEnd(width)}${names.map(column).join("")}`,
    ...Object.entries(streams).map(([cell, figures]) => {
      return (
        cell.padEnd(width) +
        Object.values(figures)
          .map((cpuUs: number) => column(cpuUs.toFixed(2)))
          .join("")
      );
    }),
  ].join("\n");
}

function hookTable(hooks: Readonly<Record<string, HookFigures>>): string {
  const rows = Object.entries(hooks).map(([name, { cpuUs, ratio }]) => [name, cpuUs.toFixed(1), ratio.toFixed(3)]);
  const lines = [["server with", "CPU, µs", "to none"], ...rows];
  return lines.map(([name = "", ...figures]) => tableRow(name, figures)).join("\n");
}

function instructionTable(table: InstructionTable): string {
  const rows = Object.entries(table).map(([name, { instructions, beside, ratio, spread }]) => {
    return [name, String(instructions), ratio.toFixed(3), spread.toFixed(3), `  ${beside}`];
  });
  const lines = [["unary calls, 50 at once", "per call", "ratio", "spread", "  to"], ...rows];
  return lines.map(([name = "", ...figures]) => tableRow(name, figures)).join("\n");
}

function pickTables({ endpoints, policies }: PickFigures): string {
  return [
    `${" ".repeat(NAME_WIDTH)}         pick, µs  with report and settle, µs     heap, bytes`,
    `${" ".repeat(NAME_WIDTH)}      p50      p99             p50      p99     pick     call`,
    ...Object.entries(endpoints).map(([count, figures]) => pickRow(`default, of ${count}`, figures)),
    ...Object.entries(policies).map(([policy, figures]) => pickRow(`${policy}, of 1000`, figures)),
  ].join("\n");
}

function pickRow(name: string, { pick, call, bytes }: PickerFigures): string {
  const us = (value: number) => value.toFixed(2).padStart(9);
  const count = (value: number) => String(value).padStart(9);
  const gap = " ".repeat(7);
  return `${name.padEnd(NAME_WIDTH)}${us(pick.p50Us)}${us(pick.p99Us)}${gap}${us(call.p50Us)}${us(call.p99Us)}${count(bytes.pick)}${count(bytes.call)}`;
}
