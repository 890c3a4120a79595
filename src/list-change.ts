/** How far one looks on, past those that came or went, for where both lists agree again. */
const maxLook = 64;

/** By identity, each in the order of its list. */
export interface ListChange<Item> {
  /** Those that are in the list, and were not. */
  readonly came: readonly Item[];
  /** Those that were, and are not. */
  readonly gone: readonly Item[];
}

/** By the later list. */
const noted = new WeakMap<readonly unknown[], { readonly before: readonly unknown[]; readonly change: ListChange<unknown> }>();

/** Whoever makes a list of another one knows what has changed, and spares others to find it out. Neither list may change any more. */
export function noteChange<Item>(before: readonly Item[], now: readonly Item[], change: ListChange<Item>): void {
  // Else each list would hold all that were before it.
  noted.delete(before);
  noted.set(now, { before, change });
}

/** What was noted; undefined if nothing was. */
export function notedChange<Item>(before: readonly Item[], now: readonly Item[]): ListChange<Item> | undefined {
  const known = noted.get(now);
  return known?.before === before ? (known.change as ListChange<Item>) : undefined;
}

/**
 * What has changed from one list to the next, in neither of which anything comes twice. References are compared, by `Object.is`: for `===`, V8 looks at each
 * object, and to fetch 10,000 of them from memory takes longer than all the rest.
 */
export function listChange<Item>(before: readonly Item[], now: readonly Item[]): ListChange<Item> {
  const known = notedChange(before, now);
  if (known !== undefined) return known;
  const came: Item[] = [];
  const gone: Item[] = [];
  let then = 0;
  let place = 0;
  while (then < before.length && place < now.length) {
    if (Object.is(before[then], now[place])) {
      then += 1;
      place += 1;
      continue;
    }
    const left = distanceTo(now[place], before, then);
    const added = left > 0 ? 0 : distanceTo(before[then], now, place);
    // Where neither list has the other's, one has gone and one has come.
    const both = left + added === 0 ? 1 : 0;
    for (const end = then + left + both; then < end; then++) gone.push(before[then] as Item);
    for (const end = place + added + both; place < end; place++) came.push(now[place] as Item);
  }
  return withoutMoved([...came, ...now.slice(place)], [...gone, ...before.slice(then)]);
}

/** 0 if it is not soon to come. */
function distanceTo<Item>(item: Item | undefined, list: readonly Item[], from: number): number {
  const end = Math.min(list.length, from + maxLook);
  for (let place = from + 1; place < end; place++) if (Object.is(list[place], item)) return place - from;
  return 0;
}

/** Who has only another place has neither come nor gone. */
function withoutMoved<Item>(came: readonly Item[], gone: readonly Item[]): ListChange<Item> {
  if (came.length === 0 || gone.length === 0) return { came, gone };
  const left = new Set(gone);
  const moved = new Set(came.filter((item) => left.has(item)));
  if (moved.size === 0) return { came, gone };
  return { came: came.filter((item) => !moved.has(item)), gone: gone.filter((item) => !moved.has(item)) };
}
