import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Endpoint } from "../../endpoint.ts";
import { type LbEndpoint, LbEndpointSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { hostAndPort } from "../../host-and-port.ts";
import { noteChange } from "../../list-change.ts";
import type { AddressRules } from "../address-rules.ts";
import { type AssignmentOutline, type LocalityOutline, outlineOf } from "./assignment-outline.ts";
import { offsetOf } from "./endpoint-runs.ts";
import { Problems } from "./problems.ts";
import { readEndpoint } from "./read-endpoint.ts";
import type { ReadBefore } from "./resource-kind.ts";
import { assemble, maxEndpoints, type ServiceEndpoints } from "./to-endpoints.ts";

const maxWeight = 2 ** 32 - 1;

/** What the next state of a service is read by. */
interface Memory {
  readonly outline: AssignmentOutline;
  /** Of all endpoints of each locality. */
  readonly weights: readonly number[];
  /** Ids and addresses. It goes on with the next state, so that an older one has none. */
  readonly names: Set<string>;
}

/** What has become of endpoints that stood together. */
interface Edit {
  /** Where they stood, in all of the service. */
  readonly at: number;
  readonly gone: readonly Endpoint[];
  readonly fresh: readonly Endpoint[];
}

/** Of the last state of each service. */
const memories = new WeakMap<ServiceEndpoints, Memory>();

/**
 * The endpoints of a service of which a few have changed. Those that are encoded as before stay the same objects; they are neither decoded nor looked at,
 * since to go through 10,000 takes longer than all else that an update needs.
 *
 * @returns undefined where more than endpoints has changed, or anything is not as it should be: then all is to be read, and told what is wrong
 */
export function rereadEndpoints(
  bytes: Uint8Array,
  before: ReadBefore<ServiceEndpoints>,
  rules: AddressRules,
): ServiceEndpoints | undefined {
  try {
    const memory = memories.get(before.value) ?? memoryOf(before);
    memories.delete(before.value);
    return memory && reread(outlineOf(bytes, memory.outline), memory, before.value, rules);
  } catch {
    return undefined;
  }
}

/** Undefined for a state that can't be gone on from: weights are not the endpoints' own, a locality was left out, or an id is also an address. */
function memoryOf({ bytes, value: { endpoints } }: ReadBefore<ServiceEndpoints>): Memory | undefined {
  const outline = outlineOf(bytes);
  const weights: number[] = [];
  let first = 0;
  for (const locality of outline.localities) {
    const ones = endpoints.slice(first, first + countOf(locality));
    const [witness] = ones;
    if (witness !== undefined && (decode(locality, 0).loadBalancingWeight ?? 1) !== witness.weight) return undefined;
    weights.push(weightOf(ones));
    first += countOf(locality);
  }
  const names = new Set<string>();
  const isComplete = first === endpoints.length && endpoints.every((endpoint) => addNames(names, endpoint));
  return isComplete ? { outline, weights, names } : undefined;
}

function reread(outline: AssignmentOutline, memory: Memory, before: ServiceEndpoints, rules: AddressRules): ServiceEndpoints | undefined {
  if (!isAlike(outline, memory.outline)) return undefined;
  const edits: Edit[] = [];
  const weights: number[] = [];
  let first = 0;
  for (const [index, locality] of outline.localities.entries()) {
    const then = memory.outline.localities[index] as LocalityOutline;
    const ofLocality = editsOf(locality, countOf(then), before.endpoints, first, rules);
    if (ofLocality === undefined) return undefined;
    const change = ofLocality.reduce((sum, { gone, fresh }) => sum + weightOf(fresh) - weightOf(gone), 0);
    weights.push((memory.weights[index] as number) + change);
    edits.push(...ofLocality);
    first += countOf(then);
  }
  if (!areOwn(weights, outline.localities) || !rename(memory.names, edits)) return undefined;
  const value = edits.length === 0 ? before : { ...before, endpoints: edited(before.endpoints, edits) };
  if (value.endpoints.length > maxEndpoints) return undefined;
  memories.set(value, { outline, weights, names: memory.names });
  return value;
}

/** Whether they differ in endpoints and weights at most. */
function isAlike(one: AssignmentOutline, other: AssignmentOutline): boolean {
  return (
    one.head.equals(other.head) &&
    one.localities.length === other.localities.length &&
    one.localities.every(({ head }, index) => head.equals((other.localities[index] as LocalityOutline).head))
  );
}

/** Whether the weight of each endpoint is what it says itself: those of localities are sums of them, or there are none. */
function areOwn(weights: readonly number[], localities: readonly LocalityOutline[]): boolean {
  const total = weights.reduce((a, b) => a + b, 0);
  const areSums = weights.every((weight, index) => weight > 0 && weight === localities[index]?.weight);
  return total <= maxWeight && (areSums || localities.every(({ weight }) => weight === undefined));
}

/**
 * Undefined if a new one is not as it should be, or none is left beside which it could be read.
 *
 * @param count how many the locality had
 * @param all the endpoints of the service before
 * @param first where those of the locality begin
 */
function editsOf(
  now: LocalityOutline,
  count: number,
  all: readonly Endpoint[],
  first: number,
  rules: AddressRules,
): readonly Edit[] | undefined {
  const edits: Edit[] = [];
  const kept = now.runs.find(({ from }) => from !== undefined)?.from;
  const sibling = kept === undefined ? undefined : all[first + kept];
  let fresh: Endpoint[] = [];
  let next = 0;
  let place = 0;
  const edit = (end: number) => {
    if (fresh.length + end - next > 0) edits.push({ at: first + next, gone: all.slice(first + next, first + end), fresh });
    fresh = [];
  };
  for (const run of now.runs) {
    if (run.from !== undefined) {
      edit(run.from);
      next = run.from + run.count;
    } else {
      const endpoint = sibling && readBeside(sibling, decode(now, place), rules);
      if (endpoint === undefined) return undefined;
      fresh.push(endpoint);
    }
    place += run.count;
  }
  edit(count);
  return sibling === undefined && edits.length > 0 ? undefined : edits;
}

/** In one copy. */
function edited(endpoints: readonly Endpoint[], edits: readonly Edit[]): readonly Endpoint[] {
  const copy = [...endpoints];
  for (const { at, gone, fresh } of edits.toReversed()) copy.splice(at, gone.length, ...fresh);
  noteChange(endpoints, copy, { came: edits.flatMap(({ fresh }) => fresh), gone: edits.flatMap(({ gone }) => gone) });
  return copy;
}

/** False if an id or an address is taken. */
function rename(names: Set<string>, edits: readonly Edit[]): boolean {
  for (const { id, address, port } of edits.flatMap(({ gone }) => gone)) {
    names.delete(id);
    names.delete(hostAndPort(address, port));
  }
  return edits.every(({ fresh }) => fresh.every((endpoint) => addNames(names, endpoint)));
}

function addNames(names: Set<string>, { id, address, port }: Endpoint): boolean {
  const name = hostAndPort(address, port);
  if (names.has(id) || names.has(name)) return false;
  names.add(id).add(name);
  return true;
}

function countOf({ offsets }: LocalityOutline): number {
  return offsets.length - 1;
}

function weightOf(endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((sum, { weight }) => sum + weight, 0);
}

function decode(locality: LocalityOutline, place: number): LbEndpoint {
  const { bytes, start } = locality;
  const reader = new BinaryReader(bytes.subarray(start + offsetOf(locality, place), start + offsetOf(locality, place + 1)));
  reader.tag();
  return fromBinary(LbEndpointSchema, reader.bytes(), { readUnknownFields: false });
}

function readBeside({ priority, locality }: Endpoint, lbEndpoint: LbEndpoint, rules: AddressRules): Endpoint | undefined {
  const problems = new Problems();
  const fields = readEndpoint(lbEndpoint, "", problems, rules);
  return fields && problems.texts.length === 0 ? assemble(fields, lbEndpoint, priority, 1, locality) : undefined;
}
