import { parseArgs } from "node:util";
import { Screen } from "../../demo/screen.ts";
import { measure } from "./figures.ts";
import { brokenPromises } from "./judge.ts";
import { table } from "./table.ts";

const HELP = `npm run bench:control-plane -- [options]

A control plane in a process of its own and clients in others, on loopback: how long does a change take to the clients' pickers, and what does a stream cost?

  --quick   fewer clients and changes: within a minute
  --check   exit code 1 when something is wrong by far
  --json    print one JSON document on stdout
  --help    this
`;
const maxMinutes = 5;

// The children end with this process, however that ends.
process.once("SIGINT", () => process.exit(130));
setTimeout(() => {
  console.error(`not done within ${maxMinutes} minutes`);
  process.exit(1);
}, maxMinutes * 60_000).unref();

const flag = { type: "boolean", default: false } as const;
const { values: options } = parseArgs({ options: { quick: flag, check: flag, json: flag, help: flag } });
if (options.help) console.log(HELP);
else await run();

async function run(): Promise<void> {
  const screen = new Screen(process.stderr);
  const figures = await measure(options.quick, (text) => screen.draw(text, text));
  screen.keep("");
  console.log(options.json ? JSON.stringify(figures) : table(figures));
  const broken = options.check ? brokenPromises(figures) : [];
  for (const promise of broken) console.error(`broken: ${promise}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
