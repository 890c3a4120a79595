import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { packedBytes, Resource } from "../resource.ts";

/** Where nodes are that clients run on. */
export interface Place {
  readonly region: string;
  readonly zone: string;
}

/** No service has such a name. */
export function nodeName(node: string): string {
  return `node/${node}`;
}

/**
 * Where a node is, for our own clients that know no more than its name: endpoints by the name `node/NAME`, which are none, in its locality. All clients of a node
 * share it, and it may be had by everybody.
 */
export function nodeResource(node: string, { region, zone }: Place): Resource {
  const encode = (clusterName: string) => {
    const assignment = create(ClusterLoadAssignmentSchema, { clusterName, endpoints: [{ locality: { region, zone } }] });
    return packedBytes(ClusterLoadAssignmentSchema, toBinary(ClusterLoadAssignmentSchema, assignment));
  };
  return new Resource("endpoints", nodeName(node), encode, undefined, { isPublic: true, isListed: false });
}
