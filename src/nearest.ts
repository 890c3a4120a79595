/** Of the known names, the one that was probably meant: at most every third letter differs. Undefined if there is none. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, edits: editsBetween(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= candidate.length / 3)
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}

/** How many letters have to be inserted, left out or replaced (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (let read = 1; read <= from.length; read += 1) {
    const above = row;
    row = [read];
    for (let place = 1; place <= to.length; place += 1) {
      const replaced = (above[place - 1] as number) + (from[read - 1] === to[place - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[place] as number) + 1, (row[place - 1] as number) + 1));
    }
  }
  return row[to.length] as number;
}
