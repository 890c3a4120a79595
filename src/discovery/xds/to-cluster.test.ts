import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { packed, problemsOf, readGood } from "../../../test/xds/read-resource.ts";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { RoutingPriority } from "../../gen/envoy/config/core/v3/base_pb.ts";
import { ClusterConfigSchema } from "../../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.ts";
import { ClientSideWeightedRoundRobinSchema } from "../../gen/envoy/extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin_pb.ts";
import { LeastRequestSchema } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts";
import { MaglevSchema } from "../../gen/envoy/extensions/load_balancing_policies/maglev/v3/maglev_pb.ts";
import { RandomSchema } from "../../gen/envoy/extensions/load_balancing_policies/random/v3/random_pb.ts";
import { RingHashSchema } from "../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb.ts";
import { RoundRobinSchema } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts";
import { WrrLocalitySchema } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import { clusterKind } from "./xds-kinds.ts";

type Init = MessageInitShape<typeof ClusterSchema>;

const ads = { configSourceSpecifier: { case: "ads" as const, value: {} } };
const eds: Init = { name: "checkout", clusterDiscoveryType: { case: "type", value: 3 }, edsClusterConfig: { edsConfig: ads } };
const read = (init: Init) => readGood(clusterKind, ClusterSchema, { ...eds, ...init } as Init);
const problems = (init: Init) => problemsOf(clusterKind, ClusterSchema, { ...eds, ...init } as Init);

function list(...configs: Any[]): Init {
  return { loadBalancingPolicy: listOf(...configs) };
}

function listOf(...configs: Any[]) {
  return { policies: configs.map((typedConfig) => ({ typedExtensionConfig: { typedConfig } })) };
}

function policy<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) {
  return read(list(packed(schema, init))).policy;
}

function nested(depth: number): Any {
  return depth === 0 ? packed(RandomSchema, {}) : packed(WrrLocalitySchema, { endpointPickingPolicy: listOf(nested(depth - 1)) });
}

const host = (address: string) => ({
  lbEndpoints: [
    {
      hostIdentifier: {
        case: "endpoint" as const,
        value: {
          address: {
            address: { case: "socketAddress" as const, value: { address, portSpecifier: { case: "portValue" as const, value: 80 } } },
          },
        },
      },
    },
  ],
});
const aggregate = (...clusters: string[]): Init => ({
  clusterDiscoveryType: { case: "clusterType", value: { typedConfig: packed(ClusterConfigSchema, { clusters }) } },
});

describe("the endpoints of a cluster", () => {
  it("come from EDS, under the cluster's name or another", () => {
    expect(read({}).source).toEqual({ kind: "eds", serviceName: "checkout" });
    expect(read({ edsClusterConfig: { edsConfig: ads, serviceName: "other" } }).source).toEqual({ kind: "eds", serviceName: "other" });
  });

  it("come from DNS, the cluster itself, or other clusters in their order", () => {
    const loadAssignment = { endpoints: [host("checkout.shop")] };
    const dns = { kind: "dns", host: "checkout.shop", port: 80 };
    expect(read({ clusterDiscoveryType: { case: "type", value: 2 }, loadAssignment }).source).toEqual(dns);
    const fixed = read({ clusterDiscoveryType: { case: "type", value: 0 }, loadAssignment: { endpoints: [host("10.0.0.1")] } });
    expect(fixed.source).toMatchObject({ kind: "static", endpoints: [{ id: "10.0.0.1:80" }] });
    expect(read(aggregate("b", "a", "b")).source).toEqual({ kind: "aggregate", clusters: ["b", "a"] });
  });

  it.each<[string, Init, string]>([
    ["a server that is not this one", { edsClusterConfig: {} }, "eds_cluster_config.eds_config: neither ads nor self"],
    [
      "two names of DNS",
      { clusterDiscoveryType: { case: "type", value: 2 }, loadAssignment: { endpoints: [host("a.b"), host("c.d")] } },
      "load_assignment: expected one endpoint, got 2",
    ],
    ["nowhere", { clusterDiscoveryType: { case: "type", value: 0 } }, "load_assignment: is missing in a cluster of type STATIC"],
    [
      "the connection's first target",
      { clusterDiscoveryType: { case: "type", value: 4 } },
      `type: expected EDS, LOGICAL_DNS, STRICT_DNS or STATIC, got "ORIGINAL_DST"`,
    ],
    [
      "an extension that is not known",
      { clusterDiscoveryType: { case: "clusterType", value: { name: "redis" } } },
      `cluster_type: expected an aggregate cluster, got "redis"`,
    ],
    ["no clusters", aggregate(), "cluster_type.typed_config.clusters: expected 1 to 128 names, got []"],
    [
      "bytes that are no message",
      {
        clusterDiscoveryType: {
          case: "clusterType",
          value: { typedConfig: { ...packed(ClusterConfigSchema, {}), value: Buffer.from([0xff]) } },
        },
      },
      "cluster_type.typed_config: can't be decoded as envoy.extensions.clusters.aggregate.v3.ClusterConfig: ",
    ],
  ])("do not come from %s", (_, init, problem) => {
    expect(problems(init)[0]).toContain(problem);
  });
});

describe("the policy of a cluster", () => {
  it("is the first of its list that is known", () => {
    const unknown = { ...packed(RandomSchema, {}), typeUrl: "type.googleapis.com/acme.Policy" };
    expect(read(list(unknown, packed(RandomSchema, {}), packed(RoundRobinSchema, {}))).policy).toEqual({ name: "random" });
    expect(problems(list(unknown))).toEqual([
      `load_balancing_policy: expected at least one policy that is known, got ["type.googleapis.com/acme.Policy"]`,
    ]);
  });

  it("is the one inside of wrr_locality, not deeper than 16", () => {
    expect(read(list(nested(16))).policy).toEqual({ name: "random" });
    expect(problems(list(nested(17)))[0]).toContain("is nested deeper than 16");
  });

  it("has what the control plane set, in our units", () => {
    expect(policy(LeastRequestSchema, { choiceCount: 3 })).toEqual({ name: "least_request", choices: 3 });
    const consistentHashingLbConfig = { hashBalanceFactor: 125 };
    const ring = { minimumRingSize: 10n, maximumRingSize: 20n, consistentHashingLbConfig };
    expect(policy(RingHashSchema, ring)).toEqual({ name: "ring_hash", minRingSize: 10, maxRingSize: 20, boundedLoad: 1.25 });
    expect(policy(MaglevSchema, { tableSize: 65_537n, consistentHashingLbConfig })).toEqual({
      name: "maglev",
      tableSize: 65_537,
      boundedLoad: 1.25,
    });
    expect(policy(ClientSideWeightedRoundRobinSchema, { blackoutPeriod: { seconds: 1n, nanos: 500_000_000 } })).toMatchObject({
      name: "weighted_round_robin",
      blackoutMs: 1_500,
      expirationMs: undefined,
    });
  });

  it.each<[Init, object]>([
    [{}, { name: "round_robin" }],
    [
      { lbPolicy: 1, lbConfig: { case: "leastRequestLbConfig", value: { choiceCount: 4 } } },
      { name: "least_request", choices: 4 },
    ],
    [{ lbPolicy: 1 }, { name: "least_request", choices: undefined }],
    [
      { lbPolicy: 2, lbConfig: { case: "ringHashLbConfig", value: { minimumRingSize: 5n } } },
      { name: "ring_hash", minRingSize: 5 },
    ],
    [{ lbPolicy: 3 }, { name: "random" }],
    [
      { lbPolicy: 5, lbConfig: { case: "maglevLbConfig", value: { tableSize: 251n } } },
      { name: "maglev", tableSize: 251 },
    ],
  ])("may be said in the old way: %#", (init, expected) => {
    expect(read(init).policy).toMatchObject(expected);
  });

  it.each<[Init, string]>([
    [{ lbPolicy: 6 }, "CLUSTER_PROVIDED"],
    [{ lbPolicy: 7 }, "LOAD_BALANCING_POLICY_CONFIG"],
    [
      { lbPolicy: 2, lbConfig: { case: "ringHashLbConfig", value: { hashFunction: 1 } } },
      "ring_hash_lb_config.hash_function: expected XX_HASH",
    ],
    [list(packed(LeastRequestSchema, { choiceCount: 1 })), "choice_count: expected 2 to 4294967295, got 1"],
    [list(packed(RingHashSchema, { maximumRingSize: 2n ** 64n - 1n })), "maximum_ring_size: expected 1 to 8388608, got"],
    [list(packed(RingHashSchema, { minimumRingSize: 2n, maximumRingSize: 1n })), "minimum_ring_size is above maximum_ring_size"],
    [
      list(packed(MaglevSchema, { consistentHashingLbConfig: { hashBalanceFactor: 99 } })),
      "hash_balance_factor: expected 100 to 4294967295, got 99",
    ],
    [
      list(packed(ClientSideWeightedRoundRobinSchema, { errorUtilizationPenalty: Number.NaN })),
      "error_utilization_penalty: expected 0 to 1000, got NaN",
    ],
    [
      list(packed(ClientSideWeightedRoundRobinSchema, { blackoutPeriod: { seconds: -1n } })),
      "blackout_period: expected a duration of 0 or more",
    ],
    [list(packed(WrrLocalitySchema, {})), "has no endpoint_picking_policy"],
  ])("is refused where it makes no sense: %#", (init, problem) => {
    expect(problems(init)[0]).toContain(problem);
  });
});

describe("the limits of a cluster", () => {
  it("are told in our units, and undefined where nothing is said", () => {
    expect(read({})).toMatchObject({
      maxRequests: undefined,
      retryBudget: undefined,
      panicThreshold: undefined,
      outlierDetection: undefined,
    });
    const thresholds = [
      { priority: RoutingPriority.HIGH, maxRequests: 1 },
      { maxRequests: 50, retryBudget: { budgetPercent: { value: 25 }, minRetryConcurrency: 4 } },
    ];
    const cluster = read({
      circuitBreakers: { thresholds },
      commonLbConfig: { healthyPanicThreshold: { value: 40 } },
      transportSocket: { name: "envoy.transport_sockets.tls" },
    });
    expect(cluster).toMatchObject({
      maxRequests: 50,
      retryBudget: { share: 0.25, minConcurrency: 4 },
      panicThreshold: 0.4,
      transportSocket: "envoy.transport_sockets.tls",
    });
  });

  it("are not NaN, nor more than the whole", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, 101]) {
      expect(problems({ commonLbConfig: { healthyPanicThreshold: { value } } })).toHaveLength(1);
      expect(problems({ circuitBreakers: { thresholds: [{ retryBudget: { budgetPercent: { value } } }] } })).toHaveLength(1);
    }
  });
});

describe("outlier detection", () => {
  it("by success rate is on, by failures off, unless the control plane says otherwise", () => {
    const on = { enforcementPercentage: undefined, stdevFactor: undefined, minimumHosts: undefined, requestVolume: undefined };
    expect(read({ outlierDetection: {} }).outlierDetection).toMatchObject({
      successRateEjection: on,
      failurePercentageEjection: false,
      consecutiveFailures: undefined,
    });
    const outlierDetection = { enforcingSuccessRate: 0, enforcingFailurePercentage: 50, failurePercentageThreshold: 90, consecutive5xx: 7 };
    expect(read({ outlierDetection }).outlierDetection).toMatchObject({
      successRateEjection: false,
      failurePercentageEjection: { enforcementPercentage: 50, threshold: 90 },
      consecutiveFailures: 7,
    });
    expect(
      read({ outlierDetection: { consecutive5xx: 7, enforcingConsecutive5xx: 0 } }).outlierDetection?.consecutiveFailures,
    ).toBeUndefined();
  });

  it("has times in ms", () => {
    const outlierDetection = { interval: { seconds: 5n }, baseEjectionTime: { nanos: 1_000_000 }, maxEjectionTime: { seconds: 60n } };
    expect(read({ outlierDetection }).outlierDetection).toMatchObject({ intervalMs: 5_000, baseEjectionMs: 1, maxEjectionMs: 60_000 });
  });

  it.each([
    [{ interval: {} }, "outlier_detection.interval: expected more than 0, got 0"],
    [{ baseEjectionTime: { seconds: 2n ** 62n } }, "outlier_detection.base_ejection_time: expected a duration of 0 or more"],
    [{ maxEjectionPercent: 101 }, "outlier_detection.max_ejection_percent: expected 0 to 100, got 101"],
  ])("is refused where it makes no sense: %#", (outlierDetection, problem) => {
    expect(problems({ outlierDetection })[0]).toContain(problem);
  });
});
