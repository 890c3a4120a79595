import { liveScenarios } from "./live-scenarios.ts";
import { type FaultOptions, HELP, readOptions } from "./options.ts";
import { runTests, type TestCounts } from "./run-tests.ts";
import { holds, type LiveScenario, type TestedScenario } from "./scenario.ts";
import { Stage } from "./stage.ts";
import { summary, type Told } from "./summary.ts";
import { header, isJudged, lineText, type Row, rowOf, rowText } from "./table.ts";
import { testedScenarios } from "./tested-scenarios.ts";

// The children end with this process, however that ends.
process.once("SIGINT", () => process.exit(130));

const options = optionsOrExit();
const say = (text: string) => (options.json ? console.error(text) : console.log(text));
const rows: Row[] = [];
const tested: (TestedScenario & TestCounts)[] = [];
const told: Told[] = [];

say(header);
for (const scenario of liveScenarios.filter((one) => isAsked(one.id) && (!options.short || one.isShort))) await runLive(scenario);
for (const scenario of testedScenarios.filter((one) => isAsked(one.id) && !options.short)) await runTested(scenario);
finish();

async function runLive(scenario: LiveScenario): Promise<void> {
  const { id, title, contenders, whyNot, run } = scenario;
  say(`${id}: ${title}`);
  const reason = await whyNot?.();
  if (reason !== undefined) return void tell({ id, title, what: `not run: ${reason}` });
  const wanted = options.short ? (["meshless"] as const) : contenders.filter((name) => options.contenders?.includes(name) ?? true);
  for (const contender of wanted) {
    await using stage = new Stage(options.rounds);
    const row = rowOf(scenario, contender, await run(stage, contender));
    rows.push(row);
    say(rowText(row));
  }
}

async function runTested(scenario: TestedScenario): Promise<void> {
  say(`${scenario.id}: ${scenario.title}`);
  const args = "tests" in scenario ? ["scripts/test.ts", ...scenario.tests] : scenario.command;
  const counts = await runTests(args);
  tested.push({ ...scenario, ...counts });
  const { id, title } = scenario;
  tell({ id, title, what: `${counts.passed} tests passed, ${counts.failed} failed` });
  say(`    of ${args.join(" ")}`);
}

function tell(one: Told): void {
  told.push(one);
  say(`  ${one.what}`);
}

function finish(): void {
  const judged = rows.filter(isJudged);
  const missed = judged.flatMap(({ id, lines }) => lines.filter((line) => !holds(line)).map((line) => `${id}: ${lineText(line, true)}`));
  const failed = tested.filter(({ failed }) => failed > 0).map(({ id }) => `${id}: tests failed`);
  const late = rows.filter((row) => row.contender === "meshless" && !judged.includes(row)).map(notJudged);
  const lines = judged.reduce((sum, row) => sum + row.lines.length, 0);
  if (options.json) console.log(JSON.stringify({ rows, tested }));
  say(`\n${summary(rows, told)}\n`);
  say([...missed, ...failed, ...late, `${lines - missed.length} of ${lines} lines held`].join("\n"));
  process.exit(options.check && missed.length + failed.length > 0 ? 1 : 0);
}

function notJudged({ id, lateMs }: Row): string {
  return `${id}: not judged, as the machine was busy otherwise: calls were begun up to ${lateMs.toFixed(0)} ms late`;
}

/** `F4` asks for `F4-some` as well. */
function isAsked(id: string): boolean {
  return options.only?.some((name) => id === name || id.startsWith(`${name}-`)) ?? true;
}

function optionsOrExit(): FaultOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== "help") return read;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
