import { parseArgs } from "node:util";
import { Screen } from "../demo/screen.ts";
import { measurePicks, type PickFigures } from "./pick.ts";
import { measureUnary, type UnaryFigures } from "./unary.ts";

process.once("SIGINT", () => process.exit(130));

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const screen = new Screen(process.stderr);
const progress = (text: string) => screen.draw(text, text);

const unary = await measureUnary(progress);
progress("pick");
const pick = measurePicks();
screen.keep("");
if (options.json) console.log(JSON.stringify({ unary, pick }));
else console.log(`${unaryTable(unary)}\n\n${pickTable(pick)}`);

function unaryTable(figures: UnaryFigures): string {
  const rows = Object.entries(figures).map(
    ([name, { cpuUs, ratioToRaw }]) => `${name.padEnd(22)} ${cpuUs.toFixed(1).padStart(8)} ${ratioToRaw.toFixed(2).padStart(8)}`,
  );
  return [`client CPU per unary call   µs   to raw`, ...rows].join("\n");
}

function pickTable(figures: PickFigures): string {
  const rows = Object.entries(figures).map(
    ([endpoints, { p50Us, p99Us, bytes }]) =>
      `${endpoints.padStart(22)} ${p50Us.toFixed(3).padStart(8)} ${p99Us.toFixed(3).padStart(8)} ${bytes.toFixed(0).padStart(8)}`,
  );
  return ["pick and settle, endpoints   p50 µs   p99 µs    bytes", ...rows].join("\n");
}
