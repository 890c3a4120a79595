import { type Figures, isStarved } from "./figures.ts";
import { type DemoOptions, HELP, readOptions } from "./options.ts";
import { type Moment, runSide } from "./run-side.ts";
import { Screen } from "./screen.ts";
import { SIDES, type Side } from "./sides.ts";
import { comparison, sideLine, sideTable, starvation } from "./table.ts";

/** What `--json` prints of a side. */
type SideFigures = Figures & Pick<Moment, "outage">;

async function demo(options: DemoOptions): Promise<void> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  screen.keep(introduction(options));

  async function run(side: Side): Promise<SideFigures> {
    const result = await runSide(side, options, {
      moment: (moment) => screen.draw(sideTable(moment), sideLine(moment)),
      page: (url) => screen.keep(`Look at one of the clients while it lasts: ${url}`),
    });
    screen.keep(sideTable(result));
    return { ...result.figures, outage: result.outage };
  }

  const figures: Partial<Record<Side, SideFigures>> = {};
  for (const side of options.openPage ? (["balanced"] as const) : SIDES) figures[side] = await run(side);
  screen.keep(comparison(figures));
  const starved = Object.values(figures).filter(isStarved);
  if (starved.length > 0) screen.keep(starvation(starved));
  if (options.json) console.log(JSON.stringify(figures));
}

function introduction({ servers, slow, clients, rate, seconds }: DemoOptions): string {
  const fleet = slow > 0 ? `${servers} servers, ${slow} of them slow` : `${servers} servers`;
  return `${fleet} · ${clients} clients · ${rate} calls a second · ${seconds} s each way · all servers are replaced by a rolling deploy, and the control plane is killed in its midst`;
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
