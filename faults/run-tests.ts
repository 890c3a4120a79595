import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Has Node.js run this, and reads what it counted: `N passed, N failed`. */
export async function runTests(args: readonly string[]): Promise<TestCounts> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "close");
  let counts: TestCounts = { passed: 0, failed: 1 };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(line) ?? [];
    if (passed !== undefined) counts = { passed: Number(passed), failed: Number(failed) };
  }
  await exited;
  return counts;
}
