import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.ts";

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const tarballs = [pack(folder), pack(folder, "control-plane"), pack(folder, "simulator")];
  for (const tarball of tarballs) {
    run("publint", ["run", tarball, "--strict"]);
    run("attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
  }
  tryOut(tarballs);
} finally {
  rmSync(folder, { recursive: true });
}

/** As a user has them: installed into an empty folder, and run by their bins. The simulator's threads start from what was packed. */
function tryOut(tarballs: readonly string[]): void {
  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), JSON.stringify({ private: true }));
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], user);
  run("npx", ["meshless-control-plane", "--help"], user);
  run("npx", ["meshless-simulator", "--help"], user);
  run("npx", ["meshless-simulator", "node_modules/meshless-simulator/examples/my-fleet.yaml", "--seeds", "1"], user);
}

function run(command: string, args: readonly string[], cwd = "."): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) {
    console.error(`FAILED: ${command} ${args.join(" ")}`);
    process.exitCode = 1;
  }
}
