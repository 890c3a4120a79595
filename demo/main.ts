import type { Side } from "./client.ts";
import type { Figures } from "./figures.ts";
import { type DemoOptions, HELP, readOptions } from "./options.ts";
import { runSide } from "./run-side.ts";
import { Screen } from "./screen.ts";
import { comparison, sideLine, sideTable } from "./table.ts";

async function demo(options: DemoOptions): Promise<void> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  screen.keep(introduction(options));

  async function run(side: Side): Promise<Figures> {
    const result = await runSide(side, options, (moment) => screen.draw(sideTable(moment), sideLine(moment)));
    screen.keep(sideTable(result));
    return result.figures;
  }

  const figures = { pinned: await run("pinned"), balanced: await run("balanced") };
  screen.keep(comparison(figures));
  if (options.json) console.log(JSON.stringify(figures));
}

function introduction({ servers, slow, clients, rate, seconds }: DemoOptions): string {
  const fleet = slow > 0 ? `${servers} servers, ${slow} of them slow` : `${servers} servers`;
  return `${fleet} · ${clients} clients · ${rate} calls a second · ${seconds} s each way · half way one server is killed and one is added`;
}

function optionsOrExit(): DemoOptions {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

process.once("SIGINT", () => process.exit(130));
await demo(optionsOrExit());
