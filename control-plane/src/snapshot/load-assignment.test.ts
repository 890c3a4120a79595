import { fromBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { ClusterLoadAssignmentSchema } from "../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import type { Service } from "../service.ts";
import { loadAssignment as encodedAssignment } from "./load-assignment.ts";
import { takeOver } from "./service-localities.ts";

const a = testService("a.b:80", {
  endpoints: [
    {
      address: "10.0.0.2",
      port: 80,
      id: "pod-2",
      zone: "z",
      region: "r",
      weight: 2,
      priority: 7,
      health: "draining",
      labels: { shard: "7" },
    },
    { address: "10.0.0.1", port: 80, zone: "y", weight: 5 },
    { address: "10.0.0.3", port: 80, zone: "z" },
  ],
});
const fallback = testService("f.b:80", { endpoints: ["10.0.0.9:80", "10.0.0.1:80"] });

function loadAssignment(...of: Parameters<typeof encodedAssignment>) {
  return fromBinary(ClusterLoadAssignmentSchema, encodedAssignment(...of));
}

/** Such as `0 r/z*3: 10.0.0.1:80*1`. */
function shown(...services: Parameters<typeof encodedAssignment>[1]): readonly string[] {
  return loadAssignment("x", services).endpoints.map(({ priority, locality, loadBalancingWeight, lbEndpoints }) => {
    const endpoints = lbEndpoints.map(({ hostIdentifier: { value }, loadBalancingWeight: weight }) => {
      const address = value?.address?.address.value;
      return `${address?.address}:${address?.portSpecifier.value}*${weight}`;
    });
    return `${priority} ${locality?.region}/${locality?.zone}*${loadBalancingWeight}: ${endpoints.join(" ")}`;
  });
}

describe("a load assignment", () => {
  it("has zones as localities, whose weight is that of their endpoints, and priorities without gaps", () => {
    expect(shown(a)).toEqual(["0 /y*5: 10.0.0.1:80*5", "0 /z*1: 10.0.0.3:80*1", "1 r/z*2: 10.0.0.2:80*2"]);
  });

  it("has fallbacks as further priorities, without the addresses that came before", () => {
    expect(shown(a, fallback).slice(3)).toEqual(["2 /*1: 10.0.0.9:80*1"]);
  });

  it("has an endpoint of a fallback under another id, where the service has one by its id", () => {
    const [one, other] = ["10.0.0.1", "10.9.0.1"].map((address, index) =>
      testService(`s${index}.b:80`, { endpoints: [{ address, port: 80, id: "pod-1" }] }),
    ) as [Service, Service];
    const ids = loadAssignment("x", [one, other]).endpoints.map(
      ({ lbEndpoints: [endpoint] }) => endpoint?.metadata?.filterMetadata["envoy.lb"]?.id,
    );
    expect(ids).toEqual(["pod-1", "s1.b:80 pod-1"]);
    expect(encodedAssignment("x", [one, other])).toEqual(encodedAssignment("x", [one, other]));
  });

  it("says health, and id and labels as metadata for balancers", () => {
    expect(toJson(ClusterLoadAssignmentSchema, loadAssignment("x", [a]))).toMatchObject({
      clusterName: "x",
      endpoints: [
        {},
        {},
        { lbEndpoints: [{ healthStatus: "DRAINING", metadata: { filterMetadata: { "envoy.lb": { id: "pod-2", shard: "7" } } } }] },
      ],
    });
  });

  it("leaves out an id that is the address, and metadata that says nothing", () => {
    const [plain] = loadAssignment("x", [fallback]).endpoints[0]?.lbEndpoints ?? [];
    expect(plain?.metadata).toBeUndefined();
    const labelled = testService("a.b:80", { endpoints: [{ address: "10.0.0.1", port: 80, labels: { a: "b" } }] });
    expect(loadAssignment("x", [labelled]).endpoints[0]?.lbEndpoints[0]?.metadata?.filterMetadata).toEqual({ "envoy.lb": { a: "b" } });
  });

  it("has no endpoints where services have none", () => {
    expect(shown()).toEqual([]);
    expect(shown(testService("a.b:80"), fallback)).toEqual(["0 /*2: 10.0.0.1:80*1 10.0.0.9:80*1"]);
  });

  it("carries labels with the names of prototypes, and an id over a label of that name", () => {
    const labels = JSON.parse('{ "constructor": "c", "toString": "t", "__proto__": "p", "id": "l" }');
    const service = { ...a, endpoints: a.endpoints.map((endpoint) => ({ ...endpoint, labels })) };
    const { endpoints } = loadAssignment("x", [service]);
    const metadata = endpoints[0]?.lbEndpoints[0]?.metadata?.filterMetadata["envoy.lb"] ?? {};
    expect(JSON.stringify(metadata)).toBe('{"__proto__":"p","constructor":"c","id":"10.0.0.1:80","toString":"t"}');
  });

  it("keeps within what clients bear: 128 priorities, and weights that add up to a uint32", () => {
    const many = Array.from({ length: 20 }, (_, service) =>
      testService(`s${service}.b:80`, {
        endpoints: Array.from({ length: 128 }, (_, index) => ({ address: `10.${service}.0.${index}`, port: 80, priority: index })),
      }),
    );
    expect(new Set(loadAssignment("x", many).endpoints.map(({ priority }) => priority)).size).toBe(128);
    const heavy = Array.from({ length: 10_000 }, (_, index) => ({
      address: `10.0.${index >> 8}.${index & 255}`,
      port: 80,
      weight: 1_000_000,
      zone: `${index % 3}`,
    }));
    const { endpoints } = loadAssignment("x", [testService("a.b:80", { endpoints: heavy })]);
    expect(endpoints.reduce((sum, { loadBalancingWeight = 0 }) => sum + loadBalancingWeight, 0)).toBeLessThan(2 ** 32);
  });

  it("is the same, byte for byte, in whichever order its endpoints and labels come", () => {
    const bytes = (endpoints: typeof a.endpoints) => Buffer.from(encodedAssignment("x", [{ ...a, endpoints }]));
    fc.assert(
      fc.property(fc.shuffledSubarray([...a.endpoints], { minLength: 3 }), fc.boolean(), (endpoints, isReversed) => {
        const relabelled = endpoints.map((endpoint) => {
          const labels = { b: "1", a: "2", ...endpoint.labels };
          return { ...endpoint, labels: isReversed ? Object.fromEntries(Object.entries(labels).reverse()) : labels };
        });
        const reference = a.endpoints.map((endpoint) => ({ ...endpoint, labels: { ...endpoint.labels, a: "2", b: "1" } }));
        expect(bytes(relabelled)).toEqual(bytes(reference));
      }),
    );
  });

  it("is, after any changes of its endpoints, what it would be without those before", () => {
    const one = fc.record({
      host: fc.nat(30),
      zone: fc.constantFrom(undefined, "y", "z"),
      region: fc.constantFrom(undefined, undefined, "r"),
      priority: fc.constantFrom(0, 0, 0, 1, 3),
      weight: fc.integer({ min: 1, max: 3 }),
    });
    const edit = fc.record({ at: fc.nat(30), count: fc.nat(3), ones: fc.array(one, { maxLength: 3 }) });
    const endpointsOf = (ones: readonly (typeof one extends fc.Arbitrary<infer One> ? One : never)[]) =>
      ones.flatMap(
        ({ host, ...rest }) => testService("a.b:80", { endpoints: [{ address: `10.0.0.${host}`, port: 80, ...rest }] }).endpoints,
      );
    let taken = 0;
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ host }) => host }), fc.array(edit, { maxLength: 6 }), (first, edits) => {
        let service = { ...a, endpoints: endpointsOf(first) };
        encodedAssignment("x", [service]);
        for (const { at, count, ones } of edits) {
          const now = { ...a, endpoints: service.endpoints.toSpliced(at, count, ...endpointsOf(ones)) };
          if (takeOver(service.endpoints, now.endpoints)) taken++;
          expect(encodedAssignment("x", [now])).toEqual(encodedAssignment("x", [{ ...now, endpoints: [...now.endpoints] }]));
          service = now;
        }
      }),
    );
    expect(taken).toBeGreaterThan(50);
  });
});
