import { parseArgs } from "node:util";
import { Screen } from "../demo/screen.ts";
import { measurePicks, type PickFigures } from "./pick.ts";
import type { PickerFigures } from "./picker.ts";
import { measureUnary, type UnaryFigures } from "./unary.ts";

process.once("SIGINT", () => process.exit(130));

const NAME_WIDTH = 28;

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const screen = new Screen(process.stderr);
const progress = (text: string) => screen.draw(text, text);

const pick = await measurePicks(progress);
const unary = await measureUnary(progress);
screen.keep("");
if (options.json) console.log(JSON.stringify({ unary, pick }));
else console.log(`${unaryTable(unary)}\n\n${pickTables(pick)}`);

function unaryTable(figures: UnaryFigures): string {
  const rows = Object.entries(figures).map(
    ([name, { cpuUs, ratioToRaw }]) => `${name.padEnd(NAME_WIDTH)}${cpuUs.toFixed(1).padStart(9)}${ratioToRaw.toFixed(2).padStart(9)}`,
  );
  return [`${"client CPU per unary call".padEnd(NAME_WIDTH)}       µs   to raw`, ...rows].join("\n");
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
