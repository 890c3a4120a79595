import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import type { HealthStatus } from "../../gen/envoy/config/core/v3/health_check_pb.ts";
import type { LbEndpointSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { AddressRules } from "../address-rules.ts";
import { rereadEndpoints } from "./reread-endpoints.ts";
import type { ServiceEndpoints } from "./to-endpoints.ts";
import { endpointsKind } from "./xds-kinds.ts";

interface One {
  readonly host: number;
  readonly weight?: number | undefined;
  readonly health?: number;
  readonly id?: string | undefined;
}

/** Localities, each with its endpoints. */
type Fleet = readonly (readonly One[])[];

function encode(fleet: Fleet, weights: readonly (number | undefined)[] = fleet.map(weightOf)): Uint8Array {
  const endpoints = fleet.map((ones, index) => {
    const loadBalancingWeight = weights[index];
    const locality = { region: "r", zone: `z${index}` };
    return { locality, lbEndpoints: ones.map(lbEndpoint), ...(loadBalancingWeight !== undefined && { loadBalancingWeight }) };
  });
  return toBinary(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { clusterName: "a.b:80", endpoints }));
}

function weightOf(ones: readonly One[]): number {
  return ones.reduce((sum, { weight = 1 }) => sum + weight, 0);
}

function lbEndpoint({ host, weight, health = 1, id }: One): MessageInitShape<typeof LbEndpointSchema> {
  const address = `10.0.${host >> 8}.${host & 255}`;
  const socketAddress = { address, portSpecifier: { case: "portValue" as const, value: 80 } };
  return {
    hostIdentifier: { case: "endpoint", value: { address: { address: { case: "socketAddress", value: socketAddress } } } },
    healthStatus: health as HealthStatus,
    ...(weight !== undefined && { loadBalancingWeight: weight }),
    ...(id !== undefined && { metadata: { filterMetadata: { meshless: { id } } } }),
  };
}

function readGood(bytes: Uint8Array): ServiceEndpoints {
  const reading = endpointsKind.read(bytes);
  if (reading.kind === "bad") throw new Error(reading.problems.join());
  return reading.value;
}

function reread(before: Uint8Array, now: Uint8Array): readonly Endpoint[] | undefined {
  return rereadEndpoints(now, before, readGood(before), rules)?.endpoints;
}

const rules = new AddressRules();
const many = Array.from({ length: 100 }, (_, host): One => ({ host }));

describe("endpoints of which few have changed", () => {
  it("stay the same objects but for those that have changed", () => {
    const before = readGood(encode([many]));
    const drained = many.with(7, { host: 7, health: 3 });
    const replaced = [...drained.slice(1, 50), ...drained.slice(53), { host: 1_000, weight: 4 }];
    const after = rereadEndpoints(encode([replaced]), encode([many]), before, rules);
    expect(after?.endpoints.filter((endpoint) => before.endpoints.includes(endpoint))).toHaveLength(95);
    expect(after?.endpoints).toEqual(readGood(encode([replaced])).endpoints);
  });

  it("are read anew where a locality's weight is not that of its endpoints, since the weight of each follows from it", () => {
    expect(reread(encode([many], [100]), encode([many.with(0, { host: 500 })], [100]))).toBeDefined();
    expect(reread(encode([many], [50]), encode([many.with(0, { host: 500 })], [50]))).toBeUndefined();
    expect(reread(encode([many], [100]), encode([many], [50]))).toBeUndefined();
    expect(reread(encode([many], [100]), encode([many.slice(1)], [100]))).toBeUndefined();
  });

  it("are read anew where one comes twice, or most are others", () => {
    expect(reread(encode([many]), encode([[...many, { host: 7, health: 2 }]]))).toBeUndefined();
    expect(reread(encode([many]), encode([many.map(({ host }) => ({ host: host + 1_000 }))]))).toBeUndefined();
  });

  const one = fc.record({
    host: fc.nat(30),
    weight: fc.oneof({ weight: 40, arbitrary: fc.constantFrom(undefined, 1, 2, 3) }, { weight: 1, arbitrary: fc.constant(0) }),
    health: fc.nat(5),
    id: fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom("pod-1", "") }),
  });
  const zone = fc.uniqueArray(one, { selector: ({ host }) => host, minLength: 3, maxLength: 20 });
  const edit = fc.record({ zone: fc.nat(1), place: fc.nat(20), count: fc.nat(2), ones: fc.array(one, { maxLength: 2 }) });
  const flip = fc.record({ at: fc.nat(), to: fc.nat(255) });

  it("are read as if there had been none before, whatever changes and however broken it is", () => {
    let reused = 0;
    const edits = fc.array(edit, { maxLength: 3 });
    const life = fc.tuple(fc.array(zone, { minLength: 1, maxLength: 2 }), edits, fc.option(flip), fc.constantFrom(true, true, true, false));
    const law = fc.property(life, ([fleet, edits, flipped, isWeighted]) => {
      const weights = isWeighted ? undefined : fleet.map((_, index) => [undefined, 1, 7][index]);
      const before = endpointsKind.read(encode(fleet, weights));
      fc.pre(before.kind === "good");
      const edited = edits.reduce<Fleet>(apply, fleet);
      const bytes = encode(edited, weights);
      if (flipped) bytes[flipped.at % bytes.length] = flipped.to;
      const after = rereadEndpoints(bytes, encode(fleet, weights), before.value, rules);
      if (after === undefined) return;
      reused++;
      expect(endpointsKind.read(bytes)).toEqual({ kind: "good", name: after.name, value: after });
    });
    fc.assert(law, { numRuns: 1_000 });
    expect(reused).toBeGreaterThan(100);
  });

  function apply(fleet: Fleet, { zone: index, place, count, ones }: { zone: number; place: number; count: number; ones: One[] }): Fleet {
    return fleet.map((zoneOnes, other) => (other === index ? zoneOnes.toSpliced(place, count, ...ones) : zoneOnes));
  }
});
