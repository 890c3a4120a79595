import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

/** Those that serve a page, by its name in `page/vite.config.ts`. */
const pages: Readonly<Record<string, string>> = { ".": "client", "control-plane": "control-plane" };

/** Writes the `dist` of a package anew from its `src`, and its page from `page`. Silent when all is well, since the output of `npm start -- --json` is data. */
export function build(folder = "."): boolean {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  const isCompiled = run("tsc", "-p", join(folder, "tsconfig.build.json"));
  return isCompiled && buildPage(folder);
}

/** Its page alone, if it has one. */
export function buildPage(folder: string): boolean {
  const page = pages[folder];
  return page === undefined || run("vite", "build", "page", "--mode", page, "--logLevel", "warn");
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "inherit" }).status === 0;
}

// The SDK first: the others are compiled against its types as they ship.
if (import.meta.main) {
  const folders = process.argv.slice(2);
  process.exitCode = (folders.length === 0 ? ["."] : folders).every(build) ? 0 : 1;
}
