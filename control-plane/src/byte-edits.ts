/** A change of bytes, from where the one before it ended: so many stay, so many are left out, and others take their place. */
export interface ByteEdit {
  readonly keep: number;
  readonly drop: number;
  /** A copy: a part of the state would keep all of it. */
  readonly add: Uint8Array;
}

/** Beyond that it is more than a change. */
const maxEdits = 1_000;
/** How far it is looked for where both go on alike: first for a single endpoint that came, went or changed. */
const windows = [256, 16 * 1024] as const;
/** So many that are the same are taken for that: about one endpoint. */
const keyBytes = 32;
/** The numbers of an edit, encoded. */
const overheadBytes = 12;

/**
 * How one state of a resource becomes another. What is behind the last edit stays. Comparing and searching are native code's, as states have hundreds of
 * thousands of bytes. It is not always the shortest way, but always a right one.
 *
 * @returns undefined where there are many edits, and where they have more bytes than is worth while
 */
export function byteEdits(before: Buffer, now: Buffer, maxBytes: number): readonly ByteEdit[] | undefined {
  const edits: ByteEdit[] = [];
  let bytes = 0;
  let [rest, restNow] = [before, now];
  for (;;) {
    const keep = commonBytes(rest, restNow);
    [rest, restNow] = [rest.subarray(keep), restNow.subarray(keep)];
    if (rest.length === 0 && restNow.length === 0) return edits;
    const { drop, add } = nearestAgreement(rest, restNow);
    bytes += overheadBytes + add;
    // Before anything is copied.
    if (edits.length === maxEdits || bytes > maxBytes) return undefined;
    edits.push({ keep, drop, add: new Uint8Array(restNow.subarray(0, add)) });
    [rest, restNow] = [rest.subarray(drop), restNow.subarray(add)];
  }
}

/** As they are sent, about. */
export function sizeOf(edits: readonly ByteEdit[]): number {
  return edits.reduce((sum, { add }) => sum + overheadBytes + add.length, 0);
}

/** How many are the same in both, from the first on: by halves. */
function commonBytes(one: Buffer, other: Buffer): number {
  let low = 0;
  let high = Math.min(one.length, other.length);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (one.compare(other, low, middle, low, middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Difference {
  /** Of the state before. */
  readonly drop: number;
  /** Of the state now. */
  readonly add: number;
}

/** How many to leave out, and how many to put there, until both go on alike. */
function nearestAgreement(before: Buffer, now: Buffer): Difference {
  for (const windowBytes of windows) {
    const found = agreementWithin(windowBytes, before, now);
    if (found !== undefined) return found;
  }
  return { drop: before.length, add: now.length };
}

function agreementWithin(windowBytes: number, before: Buffer, now: Buffer): Difference | undefined {
  const [window, windowNow] = [before.subarray(0, windowBytes), now.subarray(0, windowBytes)];
  for (let skip = 0; skip < Math.max(window.length, windowNow.length); skip = skip < 4 ? skip + 1 : skip * 2) {
    const drop = placeOf(now, skip, window);
    const add = placeOf(before, skip, windowNow);
    if (drop < Infinity || add < Infinity) return drop < add ? { drop, add: skip } : { drop: skip, add };
  }
  return undefined;
}

/** Where the other one has what stands at a place of this one. `Infinity` if it has not, or nothing stands there. */
function placeOf(one: Buffer, at: number, other: Buffer): number {
  const place = at < one.length ? other.indexOf(one.subarray(at, at + keyBytes)) : -1;
  return place < 0 ? Number.POSITIVE_INFINITY : place;
}
