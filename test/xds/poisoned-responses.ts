import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ResourcePatchSchema } from "../../src/gen/meshless/discovery/v1/resource_patch_pb.ts";
import type { SaidResponse } from "./ads-server.ts";
import { at, inLocality, typeUrl } from "./poisoned-endpoints.ts";
import { type Poison, service, type Told } from "./poisoned-world.ts";

/** Endpoints by that name, at these ports. */
function endpointsOf(ports: readonly number[], name = service): Any {
  const init = { clusterName: name, endpoints: [inLocality(ports.map((port) => at(port)))] };
  return anyPack(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, init));
}

const good = (ports: readonly number[]) => ({ name: service, body: endpointsOf(ports) });
const clusterType = `type.googleapis.com/${ClusterSchema.typeName}`;
const delta: Pick<Poison, "variants"> = { variants: ["delta"] };

/** Responses whose resources may be as good as they like. */
function responses(name: string, told: Told, make: (ports: readonly number[]) => readonly Partial<SaidResponse>[]): Poison {
  const poison: Poison["poison"] = ({ plane, ports }) => {
    for (const response of make(ports)) plane.say({ typeUrl, ...response });
  };
  return { name: `sends ${name}`, told, poison };
}

const strangers = (count: number, body: (name: string) => Any = (name) => endpointsOf([1], name)) =>
  Array.from({ length: count }, (_, place) => ({ name: `stranger-${place}`, body: body(`stranger-${place}`) }));

/** What has changed since version 7. */
function patchOf(...steps: readonly { readonly keep?: number; readonly drop?: number; readonly add?: Uint8Array }[]) {
  const body = anyPack(
    ResourcePatchSchema,
    create(ResourcePatchSchema, { baseVersion: "7", steps: steps.map((edit) => ({ edits: [edit] })) }),
  );
  return { resources: [{ name: service, version: "8", body }] };
}

const version7 = (ports: readonly number[]) => ({ resources: [{ ...good(ports), version: "7" }] });

const noise = () => create(AnySchema, { typeUrl, value: Buffer.from("noise") });

export const poisonedResponses: readonly Poison[] = [
  // Types.
  responses("a response of a type that is not known", "nobody", () => [
    { typeUrl: "type.googleapis.com/envoy.Unknown", resources: strangers(3) },
  ]),
  responses("a response without a type", "nobody", (ports) => [{ typeUrl: "", resources: [good(ports)] }]),
  responses("clusters, for which nobody asked", "nobody", () => [
    { typeUrl: clusterType, resources: [{ name: "blue", body: create(AnySchema, { typeUrl: clusterType, value: Buffer.from([255]) }) }] },
  ]),
  {
    ...responses("a cluster among the endpoints", { nack: /is of type .*Cluster" in a response of/ }, () => [
      {
        resources: [
          { name: service, body: create(AnySchema, { typeUrl: clusterType, value: toBinary(ClusterSchema, create(ClusterSchema)) }) },
        ],
      },
    ]),
    ...delta,
  },
  responses("an Any without a type", { nackAlone: /is of type ""/ }, (ports) => [
    { resources: [{ name: service, body: create(AnySchema, { value: endpointsOf(ports).value }) }] },
  ]),
  { ...responses("a resource without content", { nack: /has no content/ }, () => [{ resources: [{ name: service }] }]), ...delta },
  // Names.
  {
    ...responses("endpoints with another name inside", { nack: /has the name "cart" inside/ }, (ports) => [
      { resources: [{ name: service, body: endpointsOf(ports, "cart") }] },
    ]),
    ...delta,
  },
  responses("only the endpoints of other services", "nobody", () => [{ resources: strangers(20) }]),
  responses("the service twice in one response", { nack: /comes twice in one response/ }, (ports) => [
    { resources: [good(ports), good(ports.slice(5))] },
  ]),
  {
    ...responses("10,000 resources of others, none of which can be read", "nobody", () => [{ resources: strangers(10_000, noise) }]),
    ...delta,
  },
  responses("resources of others without end", "nobody", () => Array.from({ length: 1_000 }, () => ({ resources: strangers(2) }))),
  responses("nothing, a hundred times", "nobody", () => Array.from({ length: 100 }, () => ({}))),
  {
    ...responses("that services are gone for which nobody asked", "nobody", () => [{ removed: ["cart", "", "x".repeat(10_000)] }]),
    ...delta,
  },
  { ...responses("that the service is gone", { retained: 10 }, () => [{ removed: [service] }]), ...delta },
  {
    ...responses("that the service is gone, and the service", "nobody", (ports) => [{ resources: [good(ports)], removed: [service] }]),
    ...delta,
  },
  // Nonces and versions.
  responses("the same response again and again", "nobody", (ports) =>
    Array.from({ length: 10 }, () => ({ resources: [good(ports)], nonce: "again" })),
  ),
  responses("responses without a nonce", "nobody", (ports) => [{ resources: [good(ports)], nonce: "" }, { nonce: "" }]),
  responses("a nonce of a megabyte", "nobody", (ports) => [{ resources: [good(ports)], nonce: "n".repeat(1_000_000) }]),
  responses("a version of a megabyte", "nobody", (ports) => [
    { resources: [{ ...good(ports), version: "v".repeat(1_000_000) }], version: "v".repeat(1_000_000) },
  ]),
  responses("no versions", "nobody", (ports) => [{ resources: [{ ...good(ports), version: "" }], version: "" }]),
  responses("two states in one version", "nobody", (ports) =>
    [ports, ports.slice(3), ports].map((some) => ({ resources: [{ ...good(some), version: "7" }], version: "7" })),
  ),
  // What has changed in a resource.
  {
    ...responses("a change of a state that it never sent", { nackAlone: /changes version "7", and "v\d+" is known/ }, () => [patchOf({})]),
    ...delta,
  },
  {
    ...responses("a change beyond the end of the endpoints", { nackAlone: /changes byte 4294967295 of \d+/ }, (ports) => [
      version7(ports),
      patchOf({ keep: 4_294_967_295 }),
    ]),
    ...delta,
  },
  {
    ...responses("a change that leaves half an endpoint", { nack: /can't be decoded/ }, (ports) => [
      version7(ports),
      patchOf({ keep: 30, drop: 5 }),
    ]),
    ...delta,
  },
  {
    ...responses("a change that leaves no endpoint", { nack: /has no name/ }, (ports) => [
      version7(ports),
      patchOf({ drop: endpointsOf(ports).value.length }),
    ]),
    ...delta,
  },
  {
    ...responses("a change in 10,000 steps", { nackAlone: /has 10000 steps, and 64 are allowed/ }, (ports) => [
      version7(ports),
      patchOf(...Array.from({ length: 10_000 }, () => ({ keep: 1 }))),
    ]),
    ...delta,
  },
  responses("good and empty sets in turn", { retained: 10 }, (ports) =>
    Array.from({ length: 21 }, (_, turn) => ({ resources: [good(turn % 2 === 0 ? [] : ports)] })),
  ),
];
