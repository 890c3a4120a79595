import { spawnSync } from "node:child_process";
import { build, buildPage } from "./build.ts";

/** What tests start as processes of their own imports these as they ship. */
const packages = [".", "kubernetes"];

// The last line has to be there even when there is nothing to test: a reporter speaks only when tests ran.
if (!packages.every((folder) => build(folder)) || !buildPage("control-plane")) {
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const { status } = spawnSync("vitest", ["run", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
