/** Whether counts are no more uneven than those of fair random draws are, in all but this share of cases: each might be the highest or lowest of them. */
export function isFairDraw(counts: readonly number[], exceptions: number): boolean {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const fair = 1 / counts.length;
  const each = exceptions / (2 * counts.length);
  return counts.every((count) => atLeast(count, all, fair) >= each && atLeast(all - count, all, 1 - fair) >= each);
}

/** The chance of `hits` or more in `draws`, with this chance each. */
function atLeast(hits: number, draws: number, chance: number): number {
  const logOdds = Math.log(chance / (1 - chance));
  let log = draws * Math.log1p(-chance);
  let sum = hits === 0 ? Math.exp(log) : 0;
  for (let hit = 1; hit <= draws; hit += 1) {
    log += Math.log((draws - hit + 1) / hit) + logOdds;
    if (hit >= hits) sum += Math.exp(log);
  }
  return sum;
}
