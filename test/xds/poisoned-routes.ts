import { create, type DescMessage, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import {
  Cluster_DiscoveryType,
  type Cluster_LbPolicy,
  ClusterSchema,
  type LoadBalancingPolicy_PolicySchema,
} from "../../src/gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ListenerSchema } from "../../src/gen/envoy/config/listener/v3/listener_pb.ts";
import type { RouteSchema } from "../../src/gen/envoy/config/route/v3/route_components_pb.ts";
import { RouteConfigurationSchema } from "../../src/gen/envoy/config/route/v3/route_pb.ts";
import { ClusterConfigSchema } from "../../src/gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { RouterSchema } from "../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import { HttpConnectionManagerSchema } from "../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import { WrrLocalitySchema } from "../../src/gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import { at, inLocality } from "./poisoned-endpoints.ts";
import { cluster, type Poison, service, type Told } from "./poisoned-world.ts";

const ads = { configSourceSpecifier: { case: "ads" as const, value: {} } };
const routesName = `routes of ${service}`;

/** In place of a resource on the way from the listener to the endpoints. */
function resource<Desc extends DescMessage>(name: string, told: Told, schema: Desc, key: string, init: MessageInitShape<Desc>): Poison {
  return { name: `sends ${name}`, first: "listener", variants: ["delta"], told, poison: ({ plane }) => plane.set(schema, key, init) };
}

const listener = (name: string, told: Told, init: MessageInitShape<typeof ListenerSchema>) =>
  resource(name, told, ListenerSchema, service, { name: service, ...init });
const manager = (name: string, told: Told, apiListener: Any) => listener(name, told, { apiListener: { apiListener } });
const pack = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any => anyPack(schema, create(schema, init));
const filter = (name: string, typedConfig: Any) => ({ name, configType: { case: "typedConfig" as const, value: typedConfig } });
const router = filter("router", pack(RouterSchema, {}));

type Route = Exclude<MessageInitShape<typeof RouteSchema>, Message>;
const toCluster = (name: string) => ({ case: "route" as const, value: { clusterSpecifier: { case: "cluster" as const, value: name } } });
const everything = { pathSpecifier: { case: "prefix" as const, value: "" } };

function routes(name: string, told: Told, list: readonly Route[], domains: readonly string[] = ["*"]): Poison {
  const init = { name: routesName, virtualHosts: [{ domains: [...domains], routes: [...list] }] };
  return resource(name, told, RouteConfigurationSchema, routesName, init);
}

const eds = {
  clusterDiscoveryType: { case: "type" as const, value: Cluster_DiscoveryType.EDS },
  edsClusterConfig: { edsConfig: ads, serviceName: service },
};
const toCdsCluster = (name: string, told: Told, init: Exclude<MessageInitShape<typeof ClusterSchema>, Message>) =>
  resource(name, told, ClusterSchema, cluster, { name: cluster, ...eds, ...init });

/** A policy inside of a policy, so deep. */
function nestedPolicy(depth: number): { policies: MessageInitShape<typeof LoadBalancingPolicy_PolicySchema>[] } {
  const inner = depth === 0 ? undefined : nestedPolicy(depth - 1);
  const value = pack(WrrLocalitySchema, inner === undefined ? {} : { endpointPickingPolicy: inner });
  return { policies: [{ typedExtensionConfig: { name: "x", typedConfig: value } }] };
}

const removed = (name: string, told: Told, schema: DescMessage, key: string): Poison => {
  return {
    name: `says that the ${name} is gone`,
    first: "listener",
    variants: ["delta"],
    told,
    poison: ({ plane }) => plane.remove(schema, key),
  };
};

export const poisonedRoutes: readonly Poison[] = [
  removed("listener", { retained: 10 }, ListenerSchema, service),
  removed(
    "cluster",
    { error: /there is no cluster "blue", though it is referred to, the last good endpoints stay/ },
    ClusterSchema,
    cluster,
  ),
  removed("routes", { error: /there are no routes by the name/ }, RouteConfigurationSchema, routesName),
  // Listeners.
  listener("a listener for servers", { nack: /api_listener: is missing/ }, {}),
  manager(
    "an HttpConnectionManager that can't be read",
    { nack: /can't be decoded as .*HttpConnectionManager/ },
    {
      ...pack(HttpConnectionManagerSchema, {}),
      value: Buffer.from([0xff]),
    },
  ),
  manager(
    "a listener with something else than an HttpConnectionManager",
    { nack: /expected an HttpConnectionManager/ },
    pack(RouterSchema, {}),
  ),
  manager(
    "a listener that leads nowhere",
    { nack: /has neither rds nor route_config/ },
    pack(HttpConnectionManagerSchema, { httpFilters: [router] }),
  ),
  manager(
    "a filter that is not known",
    { nack: /http_filters\[0\]: expected the router at the end/ },
    pack(HttpConnectionManagerSchema, {
      routeSpecifier: { case: "rds", value: { configSource: ads, routeConfigName: routesName } },
      httpFilters: [filter("quota", create(AnySchema, { typeUrl: "type.googleapis.com/envoy.Quota" })), router],
    }),
  ),
  // Routes.
  routes(
    "routes for others",
    { error: /no virtual host of the routes is for/ },
    [{ match: everything, action: toCluster(cluster) }],
    ["cart"],
  ),
  routes("no routes", { error: /has no route/ }, []),
  routes("a domain twice", { nack: /expected each domain once in all/ }, [], ["*", "*"]),
  routes("a route without a match", { nack: /has no match/ }, [{ action: toCluster(cluster) }]),
  routes("a route with conditions on headers", { error: /has conditions on headers, which is not followed/ }, [
    { match: { ...everything, headers: [{ name: "x" }] }, action: toCluster(cluster) },
  ]),
  routes("a route for one method", { error: /its routes tell methods apart/ }, [
    { match: { pathSpecifier: { case: "path", value: "/a/b" } }, action: toCluster(cluster) },
  ]),
  routes("a route to a redirect", { error: /does something else than forward calls/ }, [{ match: everything }]),
  routes("clusters that weigh nothing", { nack: /weighted_clusters: expected weights of 1 to/ }, [
    {
      match: everything,
      action: {
        case: "route",
        value: { clusterSpecifier: { case: "weightedClusters", value: { clusters: [{ name: cluster, weight: 0 }] } } },
      },
    },
  ]),
  routes("a route to a cluster that is not there", { error: /there is no cluster "nowhere"/ }, [
    { match: everything, action: toCluster("nowhere") },
  ]),
  // Clusters.
  toCdsCluster(
    "a panic threshold that is NaN",
    { nack: /healthy_panic_threshold: expected 0 to 100, got NaN/ },
    {
      commonLbConfig: { healthyPanicThreshold: { value: Number.NaN } },
    },
  ),
  toCdsCluster(
    "a panic threshold of -1",
    { nack: /healthy_panic_threshold: expected 0 to 100, got -1/ },
    {
      commonLbConfig: { healthyPanicThreshold: { value: -1 } },
    },
  ),
  toCdsCluster("a policy that is not known", { nack: /lb_policy: expected ROUND_ROBIN/ }, { lbPolicy: 99 as Cluster_LbPolicy }),
  toCdsCluster(
    "a choice among one",
    { nack: /choice_count: expected 2 to/ },
    {
      lbPolicy: 1,
      lbConfig: { case: "leastRequestLbConfig", value: { choiceCount: 1 } },
    },
  ),
  toCdsCluster(
    "a ring of 2^40",
    { nack: /minimum_ring_size: expected 1 to/ },
    {
      lbPolicy: 2,
      lbConfig: { case: "ringHashLbConfig", value: { minimumRingSize: 2n ** 40n } },
    },
  ),
  toCdsCluster("policies 20 levels deep", { nack: /is nested deeper than 16/ }, { loadBalancingPolicy: nestedPolicy(20) }),
  toCdsCluster(
    "an outlier detection every -1 s",
    { nack: /interval: expected a duration of 0 or more/ },
    {
      outlierDetection: { interval: { seconds: -1n } },
    },
  ),
  toCdsCluster(
    "a cluster made of itself",
    { error: /is made of itself/ },
    {
      clusterDiscoveryType: { case: "clusterType", value: { name: "x", typedConfig: pack(ClusterConfigSchema, { clusters: [cluster] }) } },
    },
  ),
  toCdsCluster(
    "a cluster of a type that is not known",
    { nack: /type: expected EDS/ },
    {
      clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.ORIGINAL_DST },
    },
  ),
  toCdsCluster(
    "a cluster with its own endpoints, at a metadata service",
    { nack: /expected an address that may be an endpoint/ },
    {
      clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC },
      loadAssignment: { clusterName: cluster, endpoints: [inLocality([at(80, {}, { address: "169.254.169.254" })])] },
    },
  ),
  toCdsCluster(
    "a cluster whose endpoints come from DNS",
    { error: /has its endpoints from DNS, which is not followed/ },
    {
      clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STRICT_DNS },
      loadAssignment: { clusterName: cluster, endpoints: [inLocality([at(80)])] },
    },
  ),
  {
    name: "sends a cluster that is cut off",
    first: "listener",
    told: { nackAlone: /can't be decoded/ },
    poison({ plane }) {
      const value = toBinary(ClusterSchema, create(ClusterSchema, { name: cluster, ...eds })).subarray(0, -2);
      const typeUrl = `type.googleapis.com/${ClusterSchema.typeName}`;
      plane.say({ typeUrl, resources: [{ name: cluster, body: create(AnySchema, { typeUrl, value }) }] });
    },
  },
];
