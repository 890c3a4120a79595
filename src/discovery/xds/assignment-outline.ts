import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { UInt32ValueSchema } from "@bufbuild/protobuf/wkt";
import { LocalityLbEndpointsSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { type EncodedEndpoints, type EndpointRun, offsetsOf, readRuns } from "./endpoint-runs.ts";

/** Where what may have changed is in an encoded assignment. */
export interface AssignmentOutline {
  /** All that is not in a locality. */
  readonly head: Buffer;
  readonly localities: readonly LocalityOutline[];
}

export interface LocalityOutline extends EncodedEndpoints {
  /** All of the locality but its weight and its endpoints. */
  readonly head: Buffer;
  /** Undefined if it is not said. */
  readonly weight: number | undefined;
  /** Its endpoints, beside those of the same locality before. */
  readonly runs: readonly EndpointRun[];
}

const { clusterName: nameField } = ClusterLoadAssignmentSchema.field;
const localityField = ClusterLoadAssignmentSchema.field.endpoints.number;
const endpointField = LocalityLbEndpointsSchema.field.lbEndpoints.number;
const weightField = LocalityLbEndpointsSchema.field.loadBalancingWeight.number;

/** Of the service, if that comes first, as encoders have it. */
export function nameIn(assignment: Uint8Array): string | undefined {
  const reader = new BinaryReader(assignment);
  try {
    const [field, type] = reader.tag();
    return field === nameField.number && type === WireType.LengthDelimited ? reader.string() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param before what it is compared with
 * @throws for what is no assignment, and for a locality that has something else between its endpoints, or its weight twice
 */
export function outlineOf(assignment: Uint8Array, before?: AssignmentOutline): AssignmentOutline {
  const bytes = Buffer.from(assignment.buffer, assignment.byteOffset, assignment.length);
  const reader = new BinaryReader(bytes);
  const localities: LocalityOutline[] = [];
  const head = split(reader, bytes, bytes.length, (field) => {
    if (field !== localityField) return false;
    const length = reader.uint32();
    localities.push(localityOutline(reader, bytes, reader.pos + length, before?.localities[localities.length]));
    return true;
  });
  return { head, localities };
}

function localityOutline(reader: BinaryReader, bytes: Buffer, end: number, before: EncodedEndpoints | undefined): LocalityOutline {
  let weight: number | undefined;
  let endpoints: Pick<LocalityOutline, "start" | "offsets" | "runs"> | undefined;
  const head = split(reader, bytes, end, (field, start) => {
    if (field === weightField && weight === undefined) weight = fromBinary(UInt32ValueSchema, reader.bytes()).value;
    else if (field === endpointField && endpoints === undefined) {
      reader.pos = start;
      const runs = readRuns(reader, bytes, end, before);
      endpoints = { start, runs, offsets: offsetsOf(runs, reader.pos - start, before) };
    } else if (field === weightField || field === endpointField) throw new RangeError("comes twice");
    else return false;
    return true;
  });
  return { bytes, head, weight, ...(endpoints ?? { start: end, runs: [], offsets: new Uint32Array(1) }) };
}

/**
 * Goes through the fields of a message.
 *
 * @param take is shown each that has a length, and where it starts, with the reader at its length; true if it has read it
 * @returns those that were not taken
 */
function split(reader: BinaryReader, bytes: Buffer, end: number, take: (field: number, start: number) => boolean): Buffer {
  const rest: Uint8Array[] = [];
  while (reader.pos < end) {
    const start = reader.pos;
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited && take(field, start)) continue;
    reader.skip(type, field);
    rest.push(bytes.subarray(start, reader.pos));
  }
  if (reader.pos > end) throw new RangeError("ends too late");
  return Buffer.concat(rest);
}
