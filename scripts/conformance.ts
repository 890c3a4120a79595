import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { findPeer } from "./peers.ts";

/** Ways to set the reference runner on us, and how many cases each has: a case that is gone did not pass. */
const runs = {
  plain: { side: "client", cases: 4306 },
  "beside-dead": { side: "client", cases: 4306 },
  intercepted: { side: "client", cases: 4306 },
  "attempts-intercepted": { side: "client", cases: 4306 },
  balanced: { side: "client", cases: 4306 },
  server: { side: "server", cases: 3242 },
} as const;

type RunName = keyof typeof runs;

interface Count {
  readonly passed: number;
  readonly failed: number;
}

async function conformanceOf(runner: string, name: RunName): Promise<Count> {
  const { side, cases } = runs[name];
  const subject = [process.execPath, `test/conformance/${side}.ts`, name];
  const { status, output } = await run(runner, ["--mode", side, "--conf", `test/conformance/${side}-h2.yaml`, "--", ...subject]);
  const passed = Number(/^(\d+) passed, \d+ failed$/m.exec(output)?.[1] ?? 0);
  return { passed, failed: Math.max(cases - passed, status === 0 ? 0 : 1) };
}

/** Shows what a command says, and gives it back. */
async function run(command: string, args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, output };
}

function chosenRuns(names: readonly string[]): readonly RunName[] {
  const known = Object.keys(runs) as RunName[];
  const unknown = names.find((name) => !Object.hasOwn(runs, name));
  if (unknown !== undefined) throw new Error(`there is no run ${unknown}: choose from ${known.join(", ")}`);
  return names.length === 0 ? known : known.filter((name) => names.includes(name));
}

const chosen = chosenRuns(process.argv.slice(2));
const folder = findPeer("connectconformance");
const counts: Count[] = [];
if (folder === undefined) {
  console.error("\nSKIPPED conformance: its runner is missing; run `npm run peers`, which needs Go\n");
  if (process.env.CI) counts.push({ passed: 0, failed: chosen.length });
} else {
  for (const name of chosen) {
    const startedAtMs = performance.now();
    const count = await conformanceOf(join(folder, "connectconformance"), name);
    counts.push(count);
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    console.log(`=== ${name}: ${count.passed} passed, ${count.failed} failed, ${seconds} s\n`);
  }
}
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
