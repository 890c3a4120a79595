import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { findPeer } from "./peers.ts";

const names = globSync("*/main.ts", { cwd: "examples" }).map(dirname).sort();
const [name = "", ...args] = process.argv.slice(2);
if (names.includes(name)) {
  // Some run a peer, which need not be on the PATH.
  const path = [findPeer("envoy"), process.env.PATH].filter((folder) => folder !== undefined).join(delimiter);
  const options = { stdio: "inherit", env: { ...process.env, PATH: path } } as const;
  process.exitCode = spawnSync(process.execPath, [`examples/${name}/main.ts`, ...args], options).status ?? 1;
} else {
  console.error(`usage: npm run example NAME, where NAME is one of:\n${names.map((known) => `  ${known}`).join("\n")}`);
  process.exitCode = 2;
}
