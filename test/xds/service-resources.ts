import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, Cluster_LbPolicy, ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../../src/gen/envoy/config/listener/v3/listener_pb.ts";
import { RouteConfigurationSchema } from "../../src/gen/envoy/config/route/v3/route_pb.ts";
import { RouterSchema } from "../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import { HttpConnectionManagerSchema } from "../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import type { AdsServer } from "./ads-server.ts";

/** Sets the endpoints of a service, all in one zone. */
export function setEndpoints(plane: AdsServer, name: string, servers: readonly { readonly port: number }[]): void {
  const lbEndpoints = servers.map(({ port }) => ({
    hostIdentifier: {
      case: "endpoint" as const,
      value: {
        address: {
          address: {
            case: "socketAddress" as const,
            value: { address: "127.0.0.1", portSpecifier: { case: "portValue" as const, value: port } },
          },
        },
      },
    },
  }));
  const endpoints = [{ locality: { region: "r", zone: "a" }, loadBalancingWeight: 1, lbEndpoints }];
  plane.set(ClusterLoadAssignmentSchema, name, { clusterName: name, endpoints });
}

/** Sets a listener with its routes by name, which lead to one cluster. */
export function setListener(plane: AdsServer, name: string, cluster: string): void {
  const ads = { configSourceSpecifier: { case: "ads" as const, value: {} } };
  const router = create(AnySchema, { typeUrl: `type.googleapis.com/${RouterSchema.typeName}` });
  const manager = create(HttpConnectionManagerSchema, {
    routeSpecifier: { case: "rds", value: { configSource: ads, routeConfigName: `routes of ${name}` } },
    httpFilters: [{ name: "router", configType: { case: "typedConfig", value: router } }],
  });
  const apiListener = create(AnySchema, {
    typeUrl: `type.googleapis.com/${HttpConnectionManagerSchema.typeName}`,
    value: toBinary(HttpConnectionManagerSchema, manager),
  });
  plane.set(ListenerSchema, name, { name, apiListener: { apiListener } });
  setRoutes(plane, name, cluster);
}

export function setRoutes(plane: AdsServer, name: string, cluster: string): void {
  const action = { case: "route" as const, value: { clusterSpecifier: { case: "cluster" as const, value: cluster } } };
  plane.set(RouteConfigurationSchema, `routes of ${name}`, {
    name: `routes of ${name}`,
    virtualHosts: [{ domains: ["*"], routes: [{ match: { pathSpecifier: { case: "prefix", value: "" } }, action }] }],
  });
}

/** Sets a cluster whose endpoints have the name of a service. */
export function setCluster(
  plane: AdsServer,
  name: string,
  serviceName: string,
  lbPolicy = Cluster_LbPolicy.ROUND_ROBIN as Cluster_LbPolicy,
): void {
  plane.set(ClusterSchema, name, {
    name,
    lbPolicy,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: { configSourceSpecifier: { case: "ads", value: {} } }, serviceName },
  });
}
