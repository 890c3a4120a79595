/** Of the known names, the one that was probably meant: it differs in one place, by a letter, or by a third of them. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const gaps = known.map((candidate) => ({ candidate, gap: gapBetween(name.toLowerCase(), candidate.toLowerCase()) }));
  const near = gaps.filter(({ candidate, gap }) => gap <= Math.max(1, candidate.length / 3)).sort((a, b) => a.gap - b.gap);
  return near[0]?.candidate;
}

/** How many letters are left without the beginning and the end that both have. */
function gapBetween(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return Math.max(one.length, other.length) - start - end;
}
