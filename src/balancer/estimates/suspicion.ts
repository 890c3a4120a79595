/** As long as the window of the success rates. */
const FIRST_MS = 10_000;
const MAX_MS = 300_000;

/** For how long a run of failures is remembered: twice as long each time, because forgetting it costs one more. */
export function suspicionMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), MAX_MS);
}
