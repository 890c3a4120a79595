import { isStarved } from "../demo/figures.ts";
import { SIDES, type Side } from "../demo/sides.ts";
import { lastLineOf } from "./last-line-of.ts";

interface SideFigures {
  readonly requests: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly maxOverMean: number;
  readonly lateP90Ms: number;
  readonly outage?: { readonly fromMs: number; readonly toMs?: number };
}

/** What the demo's last line tells, as far as it is judged. */
export type DemoFigures = Readonly<Record<Side, SideFigures>>;

/**
 * What the demo promises and did not keep. With slow servers an even share is not the aim, and the tail is what counts. Neither is judged where
 * the machine was short of CPU, of which the demo tells.
 */
export function brokenPromises(figures: DemoFigures, hasSlowServers: boolean): readonly string[] {
  const { pinned, balanced } = figures;
  const promises: Readonly<Record<string, boolean>> = {
    "all sides are measured": SIDES.every((side) => figures[side].requests > 0),
    "the control plane is killed, and comes back": SIDES.every((side) => figures[side].outage?.toMs !== undefined),
    "no balanced call fails, although every server is replaced, and the control plane killed": balanced.failed === 0,
    ...(!SIDES.some((side) => isStarved(figures[side])) && shapeOf(pinned, balanced, hasSlowServers)),
  };
  return Object.keys(promises).filter((promise) => !promises[promise]);
}

function shapeOf(pinned: SideFigures, balanced: SideFigures, hasSlowServers: boolean): Readonly<Record<string, boolean>> {
  return hasSlowServers
    ? { "the balanced p99 is at most half the pinned one": balanced.p99Ms <= 0.5 * pinned.p99Ms }
    : { "the busiest balanced server has at most 1.15 times the mean": balanced.maxOverMean <= 1.15 };
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
