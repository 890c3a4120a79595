import { lastLineOf } from "./last-line-of.ts";

interface Side {
  readonly requests: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly maxOverMean: number;
}

/** What the demo's last line tells, as far as it is judged. */
export interface DemoFigures {
  readonly pinned: Side;
  readonly balanced: Side;
}

/** What the demo promises and did not keep. With slow servers an even share is not the aim, and the tail is what counts. */
export function brokenPromises({ pinned, balanced }: DemoFigures, hasSlowServers: boolean): readonly string[] {
  const promises: Readonly<Record<string, boolean>> = {
    "both sides are measured": pinned.requests > 0 && balanced.requests > 0,
    "no balanced call fails, although a server dies": balanced.failed === 0,
    ...(hasSlowServers
      ? { "the balanced p99 is at most half the pinned one": balanced.p99Ms <= 0.5 * pinned.p99Ms }
      : { "the busiest balanced server has at most 1.1 times the mean": balanced.maxOverMean <= 1.1 }),
  };
  return Object.keys(promises).filter((promise) => !promises[promise]);
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const figures = lastLineOf("start", [...args, "--json"]) as DemoFigures;
  console.log(JSON.stringify(figures));
  const broken = brokenPromises(figures, args.includes("--slow"));
  for (const promise of broken) {
    console.error(`broken: ${promise}`);
  }
  process.exitCode = broken.length > 0 ? 1 : 0;
}
