import { Screen } from "../../demo/screen.ts";
import type { Cell } from "./cell.ts";
import { type CellReport, compare } from "./compare.ts";
import { type FleetOptions, HELP, readOptions } from "./options.ts";
import { select } from "./select.ts";
import { cellTable } from "./table.ts";

/** About what starting and ending the processes of a run takes. */
const START_SECONDS = 3;

process.once("SIGINT", () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") console.log(HELP);
  else if ("list" in options) list(select(options.list));
  else await run(options);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${HELP}`);
  process.exitCode = 2;
}

async function run(options: FleetOptions): Promise<void> {
  const cells = select(options);
  const screen = new Screen(process.stderr);
  const reports: CellReport[] = [];
  for (const cell of cells) {
    const report = await compare(cell, options.seed, (text) => screen.draw(text, text));
    reports.push(report);
    if (options.json) continue;
    screen.keep("");
    console.log(cellTable(report));
  }
  if (options.json) console.log(JSON.stringify({ seed: options.seed, cells: reports }));
  if (options.check) check(reports);
}

function check(reports: readonly CellReport[]): void {
  const broken = reports.flatMap(({ cell, broken }) => broken.map((line) => `${cell.name}: ${line}`));
  for (const line of broken) console.error(`broken: ${line}`);
  const starved = reports.filter(({ contenders }) => contenders.meshless?.real.starved.length);
  for (const { cell } of starved) console.error(`not judged, starved: ${cell.name}`);
  console.error(`${reports.length - starved.length} cells judged, ${broken.length} lines broken`);
  if (broken.length > 0) process.exitCode = 1;
}

function list(cells: readonly Cell[]): void {
  for (const { name, calls, callsPerSecond, contenders } of cells) {
    const seconds = calls / callsPerSecond;
    console.log(`${name.padEnd(42)}${seconds.toFixed(0).padStart(5)} s  ${contenders.join(", ")}`);
  }
  const seconds = cells.reduce(
    (sum, { calls, callsPerSecond, contenders }) => sum + contenders.length * (calls / callsPerSecond + START_SECONDS),
    0,
  );
  console.log(`${cells.length} cells, about ${Math.ceil(seconds / 60)} min`);
}
