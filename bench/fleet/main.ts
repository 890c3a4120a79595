import { Screen } from "../../demo/screen.ts";
import type { Cell } from "./cell.ts";
import { type CellReport, compare } from "./compare.ts";
import { type FleetOptions, HELP, readOptions } from "./options.ts";
import { select } from "./select.ts";
import { cellTable } from "./table.ts";

/** About what starting and ending the processes of a run takes. */
const START_SECONDS = 3;

// The children end with this process, however that ends.
process.once("SIGINT", () => process.exit(130));

const options = optionsOrExit();
const cells = cellsOrExit(options);
if (options.list) list(cells);
else await run(cells, options);

async function run(cells: readonly Cell[], { seed, json, check }: FleetOptions): Promise<void> {
  const screen = new Screen(process.stderr);
  const reports: CellReport[] = [];
  for (const cell of cells) {
    const twin = reports.find(({ cell: { name } }) => name === cell.name.replace(/reports$/, "silent"));
    const report = await compare(cell, seed, twin, (text) => screen.draw(text, text));
    reports.push(report);
    screen.keep("");
    if (!json) console.log(cellTable(report));
  }
  if (json) console.log(JSON.stringify({ seed, cells: reports }));
  if (check) judge(reports);
}

/** On stderr, so that stdout stays one document. */
function judge(reports: readonly CellReport[]): void {
  const judged = reports.filter(({ isJudged }) => isJudged);
  const broken = reports.flatMap((report) => report.broken.map((line) => `${report.cell.name}: ${line}`));
  for (const { cell, isJudged } of reports) if (!isJudged) console.error(`not judged: ${cell.name}`);
  for (const line of broken) console.error(`broken: ${line}`);
  console.error(`${judged.length} of ${reports.length} cells judged, ${broken.length} lines broken`);
  if (broken.length > 0) process.exitCode = 1;
}

function list(cells: readonly Cell[]): void {
  let totalSeconds = 0;
  for (const { name, calls, callsPerSecond, contenders } of cells) {
    const seconds = calls / callsPerSecond;
    totalSeconds += contenders.length * (seconds + START_SECONDS);
    console.log(`${name.padEnd(40)}${seconds.toFixed(0).padStart(5)} s  ${contenders.join(", ")}`);
  }
  console.log(`${cells.length} cells, about ${Math.ceil(totalSeconds / 60)} min`);
}

function optionsOrExit(): FleetOptions {
  return orExit(() => {
    const options = readOptions(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(HELP);
    process.exit(0);
  });
}

function cellsOrExit(options: FleetOptions): readonly Cell[] {
  return orExit(() => select(options));
}

function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
