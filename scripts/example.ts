import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { dirname } from "node:path";

const names = globSync("*/main.ts", { cwd: "examples" }).map(dirname).sort();
const [name = "", ...args] = process.argv.slice(2);
if (names.includes(name)) {
  process.exitCode = spawnSync(process.execPath, [`examples/${name}/main.ts`, ...args], { stdio: "inherit" }).status ?? 1;
} else {
  console.error(`usage: npm run example NAME, where NAME is one of:\n${names.map((known) => `  ${known}`).join("\n")}`);
  process.exitCode = 2;
}
