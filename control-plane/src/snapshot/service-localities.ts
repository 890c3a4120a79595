import { listChange } from "meshless/discovery";
import type { ServiceEndpoint } from "../service.ts";
import { EncodedLocality } from "./encoded-locality.ts";
import { compare, inOrder } from "./endpoint-order.ts";

/** Each takes a copy of a locality; with more, all is encoded anew. */
const maxChanges = 16;

/** By list, since lists of endpoints do not change. Of those that somebody wanted. */
const known = new WeakMap<readonly ServiceEndpoint[], readonly EncodedLocality[]>();

/** The localities of a service, by priority, region and zone. Of endpoints with the same address, the first by id counts. */
export function localitiesOf(endpoints: readonly ServiceEndpoint[]): readonly EncodedLocality[] {
  const localities = known.get(endpoints) ?? encodedAnew(endpoints);
  known.set(endpoints, localities);
  return localities;
}

/**
 * To be called when a list takes the place of another one: where few endpoints have changed, the rest stays as it is encoded.
 *
 * @returns whether that is so
 */
export function takeOver(before: readonly ServiceEndpoint[], now: readonly ServiceEndpoint[]): boolean {
  const localities = known.get(before);
  if (localities === undefined) return false;
  const { came, gone } = listChange(before, now);
  // Who has an address of another one is left out, and would have to come back when that goes.
  const isPlain = localities.reduce((sum, { size }) => sum + size, 0) === before.length;
  const changed = isPlain && came.length + gone.length <= maxChanges ? changedBy(localities, came, gone) : undefined;
  if (changed !== undefined) known.set(now, changed);
  return changed !== undefined;
}

function encodedAnew(endpoints: readonly ServiceEndpoint[]): readonly EncodedLocality[] {
  const priorities = groups(endpoints.toSorted(inOrder).filter(isOther), ({ priority }) => priority);
  const regions = priorities.flatMap((group) => groups(group, ({ region }) => region));
  return regions
    .flatMap((group) => groups(group, ({ zone }) => zone))
    .map((group) => EncodedLocality.of(group))
    .sort(byPlace);
}

function groups<Key>(endpoints: readonly ServiceEndpoint[], keyOf: (endpoint: ServiceEndpoint) => Key): readonly ServiceEndpoint[][] {
  return [...Map.groupBy(endpoints, keyOf).values()];
}

/** Has it another address than the one before it? */
function isOther({ address, port }: ServiceEndpoint, place: number, endpoints: readonly ServiceEndpoint[]): boolean {
  const before = endpoints[place - 1];
  return before?.port !== port || before.address !== address;
}

/** Undefined if an address comes twice. */
function changedBy(
  localities: readonly EncodedLocality[],
  came: readonly ServiceEndpoint[],
  gone: readonly ServiceEndpoint[],
): readonly EncodedLocality[] | undefined {
  let changed = localities;
  for (const endpoint of gone) {
    changed = changed.flatMap((each) => (!each.isOf(endpoint) ? each : each.size === 1 ? [] : each.without(endpoint)));
  }
  for (const endpoint of came) {
    if (changed.some((each) => each.hasAddress(endpoint))) return undefined;
    const isThere = changed.some((each) => each.isOf(endpoint));
    if (isThere) changed = changed.map((each) => (each.isOf(endpoint) ? each.with(endpoint) : each));
    else changed = [...changed, EncodedLocality.of([endpoint])].sort(byPlace);
  }
  return changed;
}

function byPlace({ place: a }: EncodedLocality, { place: b }: EncodedLocality): number {
  return a.priority - b.priority || compare(a.region, b.region) || compare(a.zone, b.zone);
}
