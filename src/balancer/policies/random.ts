// Optimises: nothing but simplicity. The baseline that other policies are measured against.
// Wrong when: calls matter. The busiest of n endpoints gets about sqrt(2 m ln n) calls more than the mean m; weights are ignored.
// Cold: a newcomer gets its even share at once.
// Recovers: it keeps no memory.
// Source: Raab and Steger, "Balls into Bins: A Simple and Tight Analysis", RANDOM 1998.
import type { Policy } from "../policy.ts";

/** Any eligible endpoint, each with equal chance. */
export function random(): Policy {
  return ({ candidates }) => ({ pick: (context) => candidates.sample(context) });
}
