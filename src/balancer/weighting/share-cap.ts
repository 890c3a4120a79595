import type { SlotTable } from "../estimates/slot-table.ts";
import type { Member } from "../member.ts";

/** Each pass is Newton's: from above, to within a part in thousands after three or four, however far apart the claims are. */
const MAX_PASSES = 32;

/**
 * The height at which claims are cut off so that none is above `maxShare` times their mean, the cut ones counted as cut. With the mean of
 * the uncut ones, a single large claim would raise the bound that is to hold it.
 *
 * @param claims NaN for unknown; they are weighed by the weights from discovery
 * @param maxShare > 1; Infinity for no cut
 */
export function shareCap(members: readonly Member[], claims: SlotTable, maxShare: number): number {
  let cap = Infinity;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const next = nextCap(members, claims, maxShare, cap);
    if (!(next < cap)) break;
    cap = next;
  }
  return cap;
}

/** Where the mean would meet the cap if those above the present one, and no others, were cut. */
function nextCap(members: readonly Member[], claims: SlotTable, maxShare: number, cap: number): number {
  let weight = 0;
  let weightAbove = 0;
  let sumBelow = 0;
  for (const { slot, endpoint } of members) {
    const claim = claims.get(slot);
    if (Number.isNaN(claim)) continue;
    weight += endpoint.weight;
    if (claim > cap) weightAbove += endpoint.weight;
    else sumBelow += endpoint.weight * claim;
  }
  return (maxShare * sumBelow) / (weight - maxShare * weightAbove);
}
