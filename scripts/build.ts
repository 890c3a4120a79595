import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/** Writes `dist` anew from `src`. Silent when all is well, since the output of `npm start -- --json` is data. */
export function build(): boolean {
  rmSync("dist", { recursive: true, force: true });
  return spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" }).status === 0;
}

if (import.meta.main) {
  process.exitCode = build() ? 0 : 1;
}
