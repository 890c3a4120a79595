import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { packed } from "../../../test/xds/read-resource.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { DeltaDiscoveryResponseSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { AdsClient } from "./ads-client.ts";
import { clusterKind, endpointsKind, listenerKind, routesKind, type XdsResource } from "./xds-kinds.ts";

it("listeners and clusters come whole, routes and endpoints as they change", () => {
  expect([listenerKind, clusterKind, routesKind, endpointsKind].map(({ typeUrl, comesWhole }) => [typeUrl, comesWhole])).toEqual([
    ["type.googleapis.com/envoy.config.listener.v3.Listener", true],
    ["type.googleapis.com/envoy.config.cluster.v3.Cluster", true],
    ["type.googleapis.com/envoy.config.route.v3.RouteConfiguration", false],
    ["type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false],
  ]);
});

it("a client of all kinds takes the good endpoints of a response and refuses the bad ones, each by its name", () => {
  const kinds = [listenerKind, clusterKind, routesKind, endpointsKind];
  const client = new AdsClient<XdsResource>({ kinds, node: { id: "me" }, random: () => 0.5 });
  const { typeUrl } = endpointsKind;
  client.handle({ kind: "subscribe", typeUrl, names: ["a", "b", "c"] }, 0);
  client.handle({ kind: "opened", stream: 1 }, 0);
  const good = packed(ClusterLoadAssignmentSchema, { clusterName: "a" });
  const bad = packed(ClusterLoadAssignmentSchema, { clusterName: "b", endpoints: [{ priority: 7 }] });
  const resources = [
    { name: "a", version: "1", resource: good },
    { name: "b", version: "1", resource: bad },
    { name: "c", version: "1", resource: { ...good, value: good.value.subarray(1) } },
  ];
  const outputs = client.handle({ kind: "received", stream: 1, response: create(DeltaDiscoveryResponseSchema, { typeUrl, resources }) }, 0);
  expect(outputs.map((output) => ("name" in output ? `${output.kind} ${output.name}` : output.kind))).toEqual([
    "send",
    "found a",
    "refused b",
    "refused c",
  ]);
});
