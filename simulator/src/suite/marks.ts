import { estimate, isCertain, NOTICEABLE, pairedDifference } from "./summary.ts";
import type { Mark } from "./table.ts";

/** Few seeds make everything uncertain: whoever is further above the best than this share does not pass for as good. */
const TOO_FAR = 0.1;

/**
 * Who is best and who is worst where less is better. Best is the least mean, and whoever is as good: not noticeably above it, or by so little that it may be
 * chance. When that is most of them, nobody stands out and nobody is marked. Worst is the greatest mean, unless it is as good as the best.
 *
 * @param values by name, one a seed
 */
export function marksOf(values: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, Mark> {
  const ranked = [...values]
    .filter(([, seeds]) => seeds.every(Number.isFinite))
    .sort(([, a], [, b]) => estimate(a).mean - estimate(b).mean);
  const [best] = ranked;
  const worst = ranked.at(-1);
  if (best === undefined || worst === undefined) return new Map();
  const isAsGood = (seeds: readonly number[]) => isAsGoodAs(best[1], seeds);
  const leading = ranked.filter(([, seeds]) => isAsGood(seeds));
  return new Map<string, Mark>([
    ...(isAsGood(worst[1]) ? [] : [[worst[0], "worst"] as const]),
    ...(leading.length * 2 <= ranked.length ? leading.map(([name]) => [name, "best"] as const) : []),
  ]);
}

function isAsGoodAs(best: readonly number[], seeds: readonly number[]): boolean {
  const least = estimate(best).mean;
  const difference = pairedDifference(seeds, best);
  return difference.mean <= NOTICEABLE * least || (difference.mean <= TOO_FAR * least && !isCertain(difference));
}
