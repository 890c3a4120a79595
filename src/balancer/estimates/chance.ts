/** One in a million: failures are rare, and calls many. */
const MAX_CHANCE = 1e-6;
/** One in a billion: client errors may be everyday, on all endpoints, and so each of them is another chance. */
export const MAX_CHANCE_OF_CLIENT_ERRORS = 1e-9;

/**
 * Whether so low a success rate is more than bad luck: whether, where usually the share `usualRate` of calls succeeds, of so many calls no
 * more than the share `rate` does less often than `maxChance`. Errs on the side of luck, as Chernoff's bound is above the true chance.
 *
 * @param rate 0 to 1
 * @param usualRate above 0, up to 1
 * @see Chernoff, "A measure of asymptotic efficiency for tests of a hypothesis based on the sum of observations", Ann. Math. Stat. 23, 1952
 */
export function isBeyondChance(rate: number, usualRate: number, requests: number, maxChance = MAX_CHANCE): boolean {
  if (rate >= usualRate) return false;
  const divergence = share(rate, usualRate) + share(1 - rate, 1 - usualRate);
  return Math.exp(-requests * divergence) < maxChance;
}

function share(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}
