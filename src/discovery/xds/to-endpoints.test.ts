import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { problemsOf, readGood } from "../../../test/xds/read-resource.ts";
import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check_pb.ts";
import type { LbEndpointSchema, LocalityLbEndpointsSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { FractionalPercent_DenominatorType } from "../../gen/envoy/type/v3/percent_pb.ts";
import { checkUpdate } from "../checked-update.ts";
import { endpointsKind } from "./xds-kinds.ts";

type Assignment = MessageInitShape<typeof ClusterLoadAssignmentSchema>;
type Group = MessageInitShape<typeof LocalityLbEndpointsSchema>;
type One = MessageInitShape<typeof LbEndpointSchema>;

function at(address: string, rest: object = {}, portValue = 80): One {
  const port = { portSpecifier: { case: "portValue" as const, value: portValue } };
  const endpoint = { address: { address: { case: "socketAddress" as const, value: { address, ...port } } } };
  return { hostIdentifier: { case: "endpoint", value: endpoint }, ...rest };
}

interface ZoneInit {
  readonly priority?: number;
  readonly lbEndpoints?: One[];
  readonly loadBalancingWeight?: number;
  readonly lbConfig?: { readonly case: "ledsClusterLocalityConfig"; readonly value: { readonly ledsCollectionName: string } };
}

function zone(name: string, rest: ZoneInit): Group {
  return { locality: { region: "r", zone: name }, loadBalancingWeight: 1, ...rest };
}

function read(endpoints: Group[], rest: Assignment = {}) {
  return readGood(endpointsKind, ClusterLoadAssignmentSchema, { clusterName: "checkout.shop:8080", endpoints, ...rest });
}

function problems(endpoints: Group[], rest: Assignment = {}) {
  return problemsOf(endpointsKind, ClusterLoadAssignmentSchema, { clusterName: "checkout.shop:8080", endpoints, ...rest });
}

describe("what EDS says of an endpoint", () => {
  it("becomes an endpoint that every transport takes", () => {
    const value = read([zone("a", { priority: 0, lbEndpoints: [at("10.0.0.1"), at("fd00::1", {}, 8080)], loadBalancingWeight: 2 })]);
    expect(value).toMatchObject({ kind: "endpoints", name: "checkout.shop:8080", drops: [] });
    const common = { weight: 1, priority: 0, health: "healthy", labels: {}, locality: { region: "r", zone: "a" } };
    expect(value.endpoints).toEqual([
      { id: "10.0.0.1:80", address: "10.0.0.1", port: 80, ...common },
      { id: "[fd00::1]:8080", address: "fd00::1", port: 8080, ...common },
    ]);
    expect(() => checkUpdate({ endpoints: value.endpoints, exists: true })).not.toThrow();
  });

  it.each([
    ["UNKNOWN", "healthy"],
    ["HEALTHY", "healthy"],
    ["UNHEALTHY", "unhealthy"],
    ["DRAINING", "draining"],
    ["TIMEOUT", "unhealthy"],
    ["DEGRADED", "unhealthy"],
    [99, "unhealthy"],
  ] as const)("has the health %s as %s", (status, health) => {
    const healthStatus = typeof status === "number" ? (status as HealthStatus) : HealthStatus[status];
    expect(read([zone("a", { lbEndpoints: [at("10.0.0.1", { healthStatus })] })]).endpoints).toMatchObject([{ health }]);
  });

  it("has its id and labels from metadata, our own before the usual ones, and what is no label left out", () => {
    const filterMetadata = {
      "envoy.lb": { id: "pod-1", shard: 7, canary: true, list: [1], none: null, "": "x", control: "\n", constructor: "c" },
      meshless: { id: "pod-2", shard: "8" },
      "other.filter": { tier: "gold" },
    };
    const [endpoint] = read([zone("a", { lbEndpoints: [at("10.0.0.1", { metadata: { filterMetadata } })] })]).endpoints;
    expect(endpoint?.id).toBe("pod-2");
    expect({ ...endpoint?.labels }).toEqual({ shard: "8", canary: "true", constructor: "c" });
    expect(endpoint?.labels.toString).toBeUndefined();
  });

  it("has a zone or no locality at all", () => {
    const groups = [{ region: "r", zone: "" }, { region: "", zone: "z" }, undefined];
    const endpoints = groups.flatMap((locality, index) =>
      read([{ ...(locality && { locality }), lbEndpoints: [at(`10.0.0.${index}`)] }]).endpoints.map((endpoint) => endpoint.locality),
    );
    expect(endpoints).toEqual([undefined, { region: "unknown", zone: "z" }, undefined]);
  });
});

describe("weights", () => {
  const two = (first: string, second: string, weight = 1) => [at(first), at(second, { loadBalancingWeight: weight })];

  it("of a locality are divided among its endpoints by theirs, whatever their health", () => {
    const { endpoints } = read([
      zone("a", { lbEndpoints: two("10.0.0.1", "10.0.0.2", 3), loadBalancingWeight: 8 }),
      zone("b", { lbEndpoints: [at("10.0.0.3", { healthStatus: HealthStatus.UNHEALTHY }), at("10.0.0.4")], loadBalancingWeight: 2 }),
    ]);
    expect(endpoints.map(({ weight }) => weight)).toEqual([2, 6, 1, 1]);
  });

  it("are exact where a locality weighs what its endpoints do", () => {
    const weights = [3, 7, 4_294_967_000];
    const lbEndpoints = weights.map((loadBalancingWeight, index) => at(`10.0.0.${index}`, { loadBalancingWeight }));
    const { endpoints } = read([zone("a", { lbEndpoints, loadBalancingWeight: 4_294_967_010 })]);
    expect(endpoints.map(({ weight }) => weight)).toEqual(weights);
  });

  it("of a locality that has none leave it out beside others of its priority that have some, and count for nothing where none has", () => {
    const bare: Group = { locality: { zone: "b" }, lbEndpoints: two("10.0.0.3", "10.0.0.4", 5) };
    expect(read([zone("a", { lbEndpoints: two("10.0.0.1", "10.0.0.2") }), bare]).endpoints.map(({ id }) => id)).toEqual([
      "10.0.0.1:80",
      "10.0.0.2:80",
    ]);
    expect(read([bare]).endpoints.map(({ weight }) => weight)).toEqual([1, 5]);
    const levels = [zone("a", { lbEndpoints: [at("10.0.0.1")] }), { ...bare, priority: 1 }];
    expect(read(levels).endpoints.map(({ priority, weight }) => [priority, weight])).toEqual([
      [0, 1],
      [1, 1],
      [1, 5],
    ]);
  });
});

describe("of a whole service", () => {
  it("no endpoints are no problem: it may have none", () => {
    expect(read([]).endpoints).toEqual([]);
    expect(read([zone("a", {}), zone("b", { priority: 1, lbEndpoints: [at("10.0.0.1")] })]).endpoints).toMatchObject([{ priority: 1 }]);
  });

  it("parts of one zone may be listed apart, and one place in two priorities", () => {
    const parts = ["s", "t"].map((subZone) => ({ locality: { region: "r", zone: "a", subZone } }));
    expect(problems([...parts, zone("b", {}), zone("b", { priority: 1 })])).toEqual([]);
  });

  it("the drops and the overprovisioning are told as parts of 1", () => {
    const dropOverloads = [
      { category: "lb", dropPercentage: { numerator: 5 } },
      { category: "throttle", dropPercentage: { numerator: 5, denominator: FractionalPercent_DenominatorType.MILLION } },
      { category: "all", dropPercentage: { numerator: 300 } },
      { category: "none" },
    ];
    const { drops, overprovisioningFactor } = read([], { policy: { dropOverloads, overprovisioningFactor: 150 } });
    expect(drops).toEqual([
      { category: "lb", share: 0.05 },
      { category: "throttle", share: 0.000005 },
      { category: "all", share: 1 },
    ]);
    expect(overprovisioningFactor).toBe(1.5);
  });
});

describe("a poisoned set is refused, with the place and the reason:", () => {
  const ok = at("10.0.0.1");
  const path = "endpoints[0].lb_endpoints[0]";
  const endpointsElsewhere = { case: "ledsClusterLocalityConfig" as const, value: { ledsCollectionName: "xdstp://a/b/*" } };
  it.each<[string, Group[], string, Assignment?]>([
    ["no name", [], "has no name", { clusterName: "" }],
    ["no endpoint in an endpoint", [zone("a", { lbEndpoints: [{}] })], `${path}: has no endpoint that is understood`],
    [
      "no address",
      [zone("a", { lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: {} } }] })],
      `${path}.endpoint.address: has no socket_address`,
    ],
    [
      "a host name",
      [zone("a", { lbEndpoints: [at("checkout.shop")] })],
      `${path}.endpoint.address.socket_address.address: expected an IP address, got "checkout.shop"`,
    ],
    [
      "nonsense for an address",
      [zone("a", { lbEndpoints: [at("10.0.0.1\n")] })],
      `${path}.endpoint.address.socket_address.address: expected an IP address or a host name, got "10.0.0.1\\n"`,
    ],
    [
      "port 0",
      [zone("a", { lbEndpoints: [at("10.0.0.1", {}, 0)] })],
      `${path}.endpoint.address.socket_address.port_value: expected a whole number from 1 to 65535, got 0`,
    ],
    [
      "port 65536",
      [zone("a", { lbEndpoints: [at("10.0.0.1", {}, 65_536)] })],
      `${path}.endpoint.address.socket_address.port_value: expected a whole number from 1 to 65535, got 65536`,
    ],
    [
      "weight 0",
      [zone("a", { lbEndpoints: [at("10.0.0.1", { loadBalancingWeight: 0 })] })],
      `${path}.load_balancing_weight: expected a number above 0 up to 4294967295, got 0`,
    ],
    [
      "a locality of weight 0",
      [zone("a", { lbEndpoints: [ok], loadBalancingWeight: 0 })],
      "endpoints[0].load_balancing_weight: expected 1 to 4294967295, got 0",
    ],
    [
      "weights of 2^32 in a locality",
      [zone("a", { lbEndpoints: [at("10.0.0.1", { loadBalancingWeight: 2 ** 32 - 1 }), at("10.0.0.2")] })],
      "endpoints[0].lb_endpoints: expected weights of at most 4294967295 in all, got 4294967296",
    ],
    [
      "weights of 2^32 in a priority",
      [zone("a", { loadBalancingWeight: 2 ** 32 - 1 }), zone("b", {})],
      "priority 0: expected weights of at most 4294967295 in all, got 4294967296",
    ],
    [
      "an address twice",
      [zone("a", { lbEndpoints: [ok] }), zone("b", { lbEndpoints: [ok] })],
      "endpoints[1].lb_endpoints[0]: has the address 10.0.0.1:80 of endpoints[0].lb_endpoints[0]",
    ],
    [
      "an id twice",
      [
        zone("a", {
          lbEndpoints: ["10.0.0.1", "10.0.0.2"].map((ip) => at(ip, { metadata: { filterMetadata: { meshless: { id: "x" } } } })),
        }),
      ],
      `endpoints[0].lb_endpoints[1]: has the id "x" of endpoints[0].lb_endpoints[0]`,
    ],
    [
      "an id of control characters",
      [zone("a", { lbEndpoints: [at("10.0.0.1", { metadata: { filterMetadata: { meshless: { id: "\n" } } } })] })],
      `${path}.metadata id: expected 1 to 256 characters, none of them control characters, got "\\n"`,
    ],
    [
      "a zone of control characters",
      [{ locality: { zone: "\u0001" } }],
      'endpoints[0].locality.zone: expected 1 to 256 characters, none of them control characters, got "\\u0001"',
    ],
    ["a locality twice", [zone("a", {}), zone("a", {})], "endpoints[1]: has locality and priority of endpoints[0]"],
    ["a gap in the priorities", [zone("a", {}), zone("b", { priority: 2 })], "endpoints: priority 1 is missing, though there is 2"],
    ["no priority 0", [zone("a", { priority: 1 })], "endpoints: priority 0 is missing, though there is 1"],
    ["priority 128", [zone("a", { priority: 128 })], "endpoints: expected priorities up to 127, got 128"],
    ["priority 2^32-1", [zone("a", { priority: 2 ** 32 - 1 })], "endpoints: expected priorities up to 127, got 4294967295"],
    [
      "UDP",
      [
        zone("a", {
          lbEndpoints: [
            {
              hostIdentifier: {
                case: "endpoint",
                value: { address: { address: { case: "socketAddress", value: { address: "10.0.0.1", protocol: 1 } } } },
              },
            },
          ],
        }),
      ],
      `${path}.endpoint.address.socket_address.protocol: expected TCP, got 1`,
    ],
    [
      "endpoints that are resources of their own",
      [zone("a", { lbEndpoints: [ok] }), zone("b", { lbConfig: endpointsElsewhere })],
      "endpoints[1].leds_cluster_locality_config: is not followed; expected the endpoints in lb_endpoints",
    ],
    [
      "an unknown denominator",
      [],
      "policy.drop_overloads[0].drop_percentage.denominator: expected 100, 10000, 1000000, got 9",
      { policy: { dropOverloads: [{ dropPercentage: { denominator: 9 as never } }] } },
    ],
    [
      "overprovisioning below the whole",
      [],
      "policy.overprovisioning_factor: expected 100 or more, got 99",
      { policy: { overprovisioningFactor: 99 } },
    ],
  ])("%s", (_, groups, problem, rest) => {
    expect(problems(groups, rest)).toEqual([problem]);
  });

  it("what is no message at all", () => {
    const bytes = toBinary(
      ClusterLoadAssignmentSchema,
      create(ClusterLoadAssignmentSchema, { clusterName: "a", endpoints: [zone("a", { lbEndpoints: [ok] })] }),
    );
    expect(endpointsKind.read(bytes.subarray(0, -1))).toMatchObject({
      kind: "bad",
      name: undefined,
      problems: [expect.stringContaining("can't be decoded")],
    });
  });

  it("a weight of 2^32, which is 0 on the wire's other end", () => {
    // load_balancing_weight { value: 4294967296 } of a locality.
    const group = Buffer.from([0x1a, 0x06, 0x08, 0x80, 0x80, 0x80, 0x80, 0x10]);
    const bytes = Buffer.concat([Buffer.from([0x0a, 1, 0x61, 0x12, group.length]), group]);
    expect(endpointsKind.read(bytes)).toMatchObject({
      kind: "bad",
      name: "a",
      problems: [expect.stringContaining("load_balancing_weight")],
    });
  });

  it("more than 100,000 endpoints, without a look at them", () => {
    const lbEndpoints = Array.from({ length: 100_001 }, () => at("nonsense"));
    expect(problems([zone("a", { lbEndpoints })])).toEqual(["endpoints: expected at most 100000, got 100001"]);
  });

  it("a hundred thousand faults, of which it tells 20", () => {
    const lbEndpoints = Array.from({ length: 100_000 }, () => at("nonsense"));
    expect(problems([zone("a", { lbEndpoints })])).toHaveLength(20);
  });
});
