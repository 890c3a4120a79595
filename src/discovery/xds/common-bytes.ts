/** Native code compares so many at a time; within them, where a difference is, JavaScript finds out. */
const blockBytes = 1_024;

/**
 * @param most no more than both have from there on
 * @returns how many bytes are the same in both, from there on
 */
export function commonBytes(one: Buffer, at: number, other: Buffer, otherAt: number, most: number): number {
  let common = 0;
  while (common + blockBytes <= most) {
    const [begin, otherBegin] = [at + common, otherAt + common];
    if (one.compare(other, otherBegin, otherBegin + blockBytes, begin, begin + blockBytes) !== 0) break;
    common += blockBytes;
  }
  while (common < most && one[at + common] === other[otherAt + common]) common++;
  return common;
}
