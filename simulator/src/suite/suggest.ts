/** The known name that is nearest to a misspelt one, if any is near. */
function nearestTo(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, edits: editDistance(name, candidate) })).sort((a, b) => a.edits - b.edits);
  const nearest = ranked[0];
  return nearest !== undefined && nearest.edits <= Math.max(2, name.length / 3) ? nearest.candidate : undefined;
}

/** `there is no policy "p2": did you mean "p2c"? There are: ...` */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const nearest = nearestTo(name, known);
  const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  return `there is no ${kind} "${name}".${question} There are: ${known.join(", ")}`;
}

/** Levenshtein's: letters inserted, deleted or replaced. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    above = current;
  }
  return above[b.length] as number;
}
