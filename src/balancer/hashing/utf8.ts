/**
 * Writes the text's UTF-8 bytes, a lone surrogate as U+FFFD, as `TextEncoder` does. Short texts go faster this way, and
 * `encodeInto` would allocate its result.
 *
 * @returns how many bytes, or -1 if they might not fit: a text that is longer than a third of `into`
 */
export function encodeUtf8(text: string, into: Uint8Array): number {
  if (text.length * 3 > into.length) return -1;
  const wellFormed = text.toWellFormed();
  let length = 0;
  for (let index = 0; index < wellFormed.length; index += 1) {
    const point = wellFormed.codePointAt(index) as number;
    if (point > 0xffff) index += 1;
    length = writePoint(point, into, length);
  }
  return length;
}

function writePoint(point: number, into: Uint8Array, start: number): number {
  let length = start;
  if (point < 0x80) {
    into[length++] = point;
    return length;
  }
  if (point < 0x800) {
    into[length++] = 0xc0 | (point >> 6);
  } else if (point < 0x10000) {
    into[length++] = 0xe0 | (point >> 12);
    into[length++] = 0x80 | ((point >> 6) & 0x3f);
  } else {
    into[length++] = 0xf0 | (point >> 18);
    into[length++] = 0x80 | ((point >> 12) & 0x3f);
    into[length++] = 0x80 | ((point >> 6) & 0x3f);
  }
  into[length++] = 0x80 | (point & 0x3f);
  return length;
}
