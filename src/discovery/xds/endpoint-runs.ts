import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { LocalityLbEndpointsSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { commonBytes } from "./common-bytes.ts";

/** The endpoints of a locality, as they lie in an encoded assignment: one behind the other. */
export interface EncodedEndpoints {
  /** The whole assignment. */
  readonly bytes: Buffer;
  /** Where the first one begins. */
  readonly start: number;
  /** How far from there each one begins, and at last how far the last one reaches. */
  readonly offsets: Uint32Array;
}

/** Endpoints that stand together as they did before, or a single one that was not there. */
export interface EndpointRun {
  /** The place of the first of them before; undefined for one that was not there. */
  readonly from: number | undefined;
  readonly count: number;
  /** How far from the first endpoint it begins. */
  readonly offset: number;
}

/** How far one looks for where an endpoint was, past those that are gone. */
const maxGone = 64;
/** Each is a copy of what is behind it: with more, all had better be read anew. */
const maxRuns = 128;

const endpointField = LocalityLbEndpointsSchema.field.lbEndpoints.number;

/**
 * Finds endpoints that were there before by their bytes, as many at once as there are: of 10,000 of which one has changed, three are looked at.
 *
 * @param reader at the first endpoint; it is left at the first field that is none, or at the end of the locality
 * @param before the same locality's
 * @throws RangeError for an endpoint that reaches beyond the locality, and where too much has changed
 */
export function readRuns(reader: BinaryReader, bytes: Buffer, end: number, before: EncodedEndpoints | undefined): readonly EndpointRun[] {
  const runs: EndpointRun[] = [];
  const start = reader.pos;
  let next = 0;
  for (let at = start; at < end && skipEndpoint(reader, end); at = reader.pos) {
    if (before !== undefined && runs.length === maxRuns) throw new RangeError("too much has changed");
    const from = before && placeOf(before, next, bytes, at, reader.pos);
    if (before === undefined || from === undefined) {
      runs.push({ from: undefined, count: 1, offset: at - start });
      continue;
    }
    const count = countKept(before, from, bytes, at, end);
    next = from + count;
    reader.pos = at + offsetOf(before, next) - offsetOf(before, from);
    runs.push({ from, count, offset: at - start });
  }
  return runs;
}

/** Where each endpoint of the runs begins, and where the last one ends. */
export function offsetsOf(runs: readonly EndpointRun[], end: number, before: EncodedEndpoints | undefined): Uint32Array {
  const offsets = new Uint32Array(runs.reduce((sum, { count }) => sum + count, 1));
  let place = 0;
  for (const { from, count, offset } of runs) {
    const shift = from === undefined || before === undefined ? 0 : offset - offsetOf(before, from);
    if (from === undefined || before === undefined) offsets[place++] = offset;
    else for (let index = 0; index < count; index++) offsets[place++] = shift + offsetOf(before, from + index);
  }
  offsets[place] = end;
  return offsets;
}

export function offsetOf({ offsets }: EncodedEndpoints, place: number): number {
  return offsets[place] as number;
}

/** @returns false, and stays where it is, at a field that is no endpoint */
function skipEndpoint(reader: BinaryReader, end: number): boolean {
  const at = reader.pos;
  const [field, type] = reader.tag();
  if (field !== endpointField || type !== WireType.LengthDelimited) {
    reader.pos = at;
    return false;
  }
  const length = reader.uint32();
  reader.pos += length;
  if (reader.pos > end) throw new RangeError("an endpoint ends too late");
  return true;
}

/** Where an endpoint was, at the place that is next or a few behind it; undefined if it was not there. */
function placeOf(before: EncodedEndpoints, next: number, bytes: Buffer, at: number, end: number): number | undefined {
  const length = end - at;
  const last = Math.min(before.offsets.length - 1, next + maxGone);
  for (let place = next; place < last; place++) {
    const begin = offsetOf(before, place);
    if (offsetOf(before, place + 1) - begin !== length) continue;
    if (commonBytes(bytes, at, before.bytes, before.start + begin, length) === length) return place;
  }
  return undefined;
}

/** How many follow each other as they did, to the last byte. */
function countKept(before: EncodedEndpoints, from: number, bytes: Buffer, at: number, end: number): number {
  const begin = offsetOf(before, from);
  const most = Math.min(end - at, offsetOf(before, before.offsets.length - 1) - begin);
  const reach = begin + commonBytes(bytes, at, before.bytes, before.start + begin, most);
  return lastUpTo(before.offsets, reach) - from;
}

/** The last place of which the offset is no greater. */
function lastUpTo(offsets: Uint32Array, offset: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
