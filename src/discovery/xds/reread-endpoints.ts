import { fromBinary } from "@bufbuild/protobuf";
import type { Endpoint } from "../../endpoint.ts";
import { type LbEndpoint, LbEndpointSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import type { AddressRules } from "../address-rules.ts";
import { type AssignmentOutline, type LocalityOutline, outlineOf } from "./assignment-outline.ts";
import { Problems } from "./problems.ts";
import { readEndpoint } from "./read-endpoint.ts";
import { assemble, maxEndpoints, type ServiceEndpoints } from "./to-endpoints.ts";

/** Each new endpoint is compared with all others. */
const maxFresh = 64;
/** How far one looks for where an endpoint was, past those that are gone. */
const maxGone = 8;
const maxWeight = 2 ** 32 - 1;

/**
 * The endpoints of a service of which a few have changed. To decode 10,000 of them takes many times as long as to find out which ones have. The others
 * stay the same objects.
 *
 * @returns undefined where more than endpoints has changed, or anything is not as it should be: then all is to be read, and told what is wrong
 */
export function rereadEndpoints(
  bytes: Uint8Array,
  bytesBefore: Uint8Array,
  before: ServiceEndpoints,
  rules: AddressRules,
): ServiceEndpoints | undefined {
  try {
    const endpoints = reread(outlineOf(bytes), outlineOf(bytesBefore), before.endpoints, rules);
    return endpoints && { ...before, endpoints };
  } catch {
    return undefined;
  }
}

function reread(
  now: AssignmentOutline,
  then: AssignmentOutline,
  known: readonly Endpoint[],
  rules: AddressRules,
): readonly Endpoint[] | undefined {
  const totalWeight = now.localities.reduce((sum, { weight }) => sum + weight, 0);
  if (!now.head.equals(then.head) || now.localities.length !== then.localities.length || totalWeight > maxWeight) return undefined;
  const all: Endpoint[] = [];
  const fresh: Endpoint[] = [];
  let first = 0;
  for (const [index, locality] of now.localities.entries()) {
    const earlier = then.localities[index] as LocalityOutline;
    const end = first + earlier.starts.length;
    const endpoints = rereadLocality(locality, earlier, known.slice(first, end), fresh, rules);
    if (endpoints === undefined || fresh.length > maxFresh) return undefined;
    for (const endpoint of endpoints) all.push(endpoint);
    first = end;
  }
  // Else a locality was left out, and which endpoint is which is not known.
  const isComplete = first === known.length && all.length <= maxEndpoints;
  return isComplete && fresh.every((endpoint) => isUnique(endpoint, all)) ? all : undefined;
}

/**
 * A locality whose weight is that of its endpoints, now and before, so that the weight of each is its own.
 *
 * @param known its endpoints before
 * @param fresh where those that it did not have are added
 */
function rereadLocality(
  now: LocalityOutline,
  then: LocalityOutline,
  known: readonly Endpoint[],
  fresh: Endpoint[],
  rules: AddressRules,
): readonly Endpoint[] | undefined {
  const places = placesBefore(now, then);
  const witness = places.find((place) => place !== undefined);
  const sibling = witness === undefined ? undefined : known[witness];
  if (witness === undefined || sibling === undefined || !now.head.equals(then.head)) return undefined;
  if ((decode(then, witness).loadBalancingWeight ?? 1) !== sibling.weight) return undefined;
  const endpoints: Endpoint[] = [];
  let weight = 0;
  for (const [index, place] of places.entries()) {
    const endpoint = place === undefined ? readBeside(sibling, decode(now, index), rules) : known[place];
    if (endpoint === undefined) return undefined;
    if (place === undefined) fresh.push(endpoint);
    endpoints.push(endpoint);
    weight += endpoint.weight;
  }
  return weight === now.weight ? endpoints : undefined;
}

/** In which place each endpoint was, to the last byte; undefined for one that was not there. */
function placesBefore(now: LocalityOutline, then: LocalityOutline): readonly (number | undefined)[] {
  let next = 0;
  return now.starts.map((_, index) => {
    const end = Math.min(then.starts.length, next + maxGone);
    for (let place = next; place < end; place++) {
      if (!isSame(now, index, then, place)) continue;
      next = place + 1;
      return place;
    }
    return undefined;
  });
}

/** A loop, since to call native code for each takes longer. */
function isSame(now: LocalityOutline, index: number, then: LocalityOutline, place: number): boolean {
  const start = now.starts[index] as number;
  const length = (now.ends[index] as number) - start;
  const startThen = then.starts[place] as number;
  if ((then.ends[place] as number) - startThen !== length) return false;
  for (let at = length - 1; at >= 0; at--) if (now.bytes[start + at] !== then.bytes[startThen + at]) return false;
  return true;
}

function decode({ bytes, starts, ends }: LocalityOutline, index: number): LbEndpoint {
  return fromBinary(LbEndpointSchema, bytes.subarray(starts[index], ends[index]), { readUnknownFields: false });
}

function readBeside({ priority, locality }: Endpoint, lbEndpoint: LbEndpoint, rules: AddressRules): Endpoint | undefined {
  const problems = new Problems();
  const fields = readEndpoint(lbEndpoint, "", problems, rules);
  return fields && problems.texts.length === 0 ? assemble(fields, lbEndpoint, priority, 1, locality) : undefined;
}

function isUnique({ id, address, port }: Endpoint, all: readonly Endpoint[]): boolean {
  let same = 0;
  for (const other of all) if (other.id === id || (other.address === address && other.port === port)) same += 1;
  return same === 1;
}
