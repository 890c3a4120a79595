import { spawnSync } from "node:child_process";

/**
 * Runs an npm script for its last line, which is one JSON object.
 *
 * @throws Error when the script fails, or its last line is something else
 */
export function lastLineOf(script: string, args: readonly string[]): unknown {
  const { status, stdout } = spawnSync("npm", ["run", script, "--", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`npm run ${script} ended with ${status}`);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}
