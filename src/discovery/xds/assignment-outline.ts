import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { UInt32ValueSchema } from "@bufbuild/protobuf/wkt";
import { LocalityLbEndpointsSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";

/** Where what may have changed is in an encoded assignment. */
export interface AssignmentOutline {
  /** All that is not in a locality. */
  readonly head: Buffer;
  readonly localities: readonly LocalityOutline[];
}

export interface LocalityOutline {
  /** Of the whole assignment. */
  readonly bytes: Uint8Array;
  /** All of the locality but its weight and its endpoints. */
  readonly head: Buffer;
  readonly weight: number;
  /** Where each endpoint begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const localityField = ClusterLoadAssignmentSchema.field.endpoints.number;
const endpointField = LocalityLbEndpointsSchema.field.lbEndpoints.number;
const weightField = LocalityLbEndpointsSchema.field.loadBalancingWeight.number;

/** @throws for what is no assignment, or has a locality whose weight is not said once */
export function outlineOf(bytes: Uint8Array): AssignmentOutline {
  const localities: LocalityOutline[] = [];
  const head = split(bytes, 0, bytes.length, (field, start, end) => {
    if (field === localityField) localities.push(localityOutline(bytes, start, end));
    return field === localityField;
  });
  return { head, localities };
}

function localityOutline(bytes: Uint8Array, localityStart: number, localityEnd: number): LocalityOutline {
  const starts: number[] = [];
  const ends: number[] = [];
  const weights: number[] = [];
  const head = split(bytes, localityStart, localityEnd, (field, start, end) => {
    if (field === weightField) weights.push(fromBinary(UInt32ValueSchema, bytes.subarray(start, end)).value);
    else if (field === endpointField) {
      starts.push(start);
      ends.push(end);
    } else return false;
    return true;
  });
  const [weight] = weights;
  if (weight === undefined || weights.length > 1) throw new RangeError("expected one weight");
  return { bytes, head, weight, starts, ends };
}

/**
 * Goes through the fields of a message.
 *
 * @param take is shown each that has a length, and where its content is
 * @returns those that were not taken
 */
function split(
  bytes: Uint8Array,
  messageStart: number,
  messageEnd: number,
  take: (field: number, start: number, end: number) => boolean,
): Buffer {
  const reader = new BinaryReader(bytes);
  const rest: Uint8Array[] = [];
  reader.pos = messageStart;
  while (reader.pos < messageEnd) {
    const fieldStart = reader.pos;
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const length = reader.uint32();
      const start = reader.pos;
      reader.pos += length;
      if (reader.pos <= messageEnd && take(field, start, reader.pos)) continue;
    } else reader.skip(type, field);
    rest.push(bytes.subarray(fieldStart, reader.pos));
  }
  if (reader.pos > messageEnd) throw new RangeError("ends too soon");
  return Buffer.concat(rest);
}
