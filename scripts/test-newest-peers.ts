import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Those of package-lock.json are the oldest that we support. */
const NEWEST = ["@connectrpc/connect@2.3.0", "@connectrpc/connect-node@2.3.0"];
/** Where our code meets theirs. */
const TESTS = ["test/transport", "test/interop", "test/tls"];

const folder = mkdtempSync(join(tmpdir(), "meshless-newest-peers-"));
try {
  run("git", ["clone", "--quiet", process.cwd(), folder], process.cwd());
  run("npm", ["ci", "--silent"], folder);
  // Connect's plugin for Fastify wants the very version that it was released with; these tests do without it.
  run("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--legacy-peer-deps", ...NEWEST], folder);
  run("npm", ["run", "typecheck"], folder);
  run("npm", ["test", "--", ...TESTS], folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status === 0) return;
  process.exitCode = 1;
  throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
}
