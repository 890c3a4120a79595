/** A number for a sentence: 0.27, 3.1, 140. */
export function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
