import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

/** Writes the `dist` of a package anew from its `src`, and the page of the SDK's debug server from `page`. Silent when all is well, since the output of `npm start -- --json` is data. */
export function build(folder = "."): boolean {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  const isCompiled = run("tsc", "-p", join(folder, "tsconfig.build.json"));
  return isCompiled && (folder !== "." || run("vite", "build", "page", "--logLevel", "warn"));
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "inherit" }).status === 0;
}

// The SDK first: the others are compiled against its types as they ship.
if (import.meta.main) {
  const folders = process.argv.slice(2);
  process.exitCode = (folders.length === 0 ? ["."] : folders).every(build) ? 0 : 1;
}
