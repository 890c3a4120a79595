import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import type { HealthStatus } from "../../gen/envoy/config/core/v3/health_check_pb.ts";
import { LbEndpointSchema, LocalityLbEndpointsSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { AddressRules } from "../address-rules.ts";
import { rereadEndpoints } from "./reread-endpoints.ts";
import { Subscription } from "./subscription.ts";
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

type Weights = readonly (number | undefined)[];

/** In the order of the fields, as most servers encode them. */
function encode(fleet: Fleet, weights: Weights = fleet.map(weightOf)): Uint8Array {
  const endpoints = fleet.map((ones, index) => ({ ...headOf(index, weights), lbEndpoints: ones.map((one) => lbEndpoint(one, index)) }));
  return toBinary(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { clusterName: "a.b:80", endpoints }));
}

/** As our own control plane encodes them: endpoints come last. */
function encodeHeadFirst(fleet: Fleet, weights: Weights = fleet.map(weightOf)): Uint8Array {
  const writer = new BinaryWriter().raw(
    toBinary(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { clusterName: "a.b:80" })),
  );
  for (const [index, ones] of fleet.entries()) {
    const locality = new BinaryWriter().raw(toBinary(LocalityLbEndpointsSchema, create(LocalityLbEndpointsSchema, headOf(index, weights))));
    for (const one of ones) {
      const bytes = toBinary(LbEndpointSchema, create(LbEndpointSchema, lbEndpoint(one, index)));
      locality.tag(LocalityLbEndpointsSchema.field.lbEndpoints.number, WireType.LengthDelimited).bytes(bytes);
    }
    writer.tag(ClusterLoadAssignmentSchema.field.endpoints.number, WireType.LengthDelimited).bytes(locality.finish());
  }
  return writer.finish();
}

function headOf(index: number, weights: Weights) {
  const loadBalancingWeight = weights[index];
  return { locality: { region: "r", zone: `z${index}` }, ...(loadBalancingWeight !== undefined && { loadBalancingWeight }) };
}

function weightOf(ones: readonly One[]): number {
  return ones.reduce((sum, { weight = 1 }) => sum + weight, 0);
}

/** The last host is the same in each zone. */
function lbEndpoint({ host, weight, health = 1, id }: One, zone: number): MessageInitShape<typeof LbEndpointSchema> {
  const address = `10.${host < 40 ? zone : 9}.${host >> 8}.${host & 255}`;
  const socketAddress = { address, portSpecifier: { case: "portValue" as const, value: 80 } };
  return {
    hostIdentifier: { case: "endpoint", value: { address: { address: { case: "socketAddress", value: socketAddress } } } },
    healthStatus: health as HealthStatus,
    ...(weight !== undefined && { loadBalancingWeight: weight }),
    ...(id !== undefined && { metadata: { filterMetadata: { meshless: { id: id === "own" ? `pod-${zone}-${host}` : id } } } }),
  };
}

function readGood(bytes: Uint8Array): ServiceEndpoints {
  const reading = endpointsKind.read(bytes);
  if (reading.kind === "bad") throw new Error(reading.problems.join());
  return reading.value;
}

function reread(before: Uint8Array, now: Uint8Array): readonly Endpoint[] | undefined {
  return rereadEndpoints(now, { bytes: before, value: readGood(before) }, rules)?.endpoints;
}

const rules = new AddressRules();
const many = Array.from({ length: 100 }, (_, host): One => ({ host }));

describe("endpoints of which few have changed", () => {
  it("stay the same objects but for those that have changed", () => {
    const before = readGood(encode([many]));
    const drained = many.with(7, { host: 7, health: 3 });
    const replaced = [...drained.slice(1, 50), ...drained.slice(53), { host: 1_000, weight: 4 }];
    const after = rereadEndpoints(encode([replaced]), { bytes: encode([many]), value: before }, rules);
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

  it("stay the same objects in the state of the world too, where a resource is named by what is in it alone", () => {
    const subscription = new Subscription(endpointsKind);
    subscription.add(["a.b:80"], 0);
    const endpointsOf = (fleet: Fleet) => {
      const body = create(AnySchema, { typeUrl: endpointsKind.typeUrl, value: encode(fleet) });
      const items = [{ name: undefined, version: "", body, isHeartbeat: false }];
      const [news] = subscription.take({ nonce: "1", version: "1", items, removed: [], isWhole: false }, 0, new Set()).news;
      return news?.kind === "found" ? news.value.endpoints : [];
    };
    const before = endpointsOf([many]);
    expect(endpointsOf([many.slice(1)])).toSatisfy(
      (after: typeof before) => after.length === 99 && after.every((each) => before.includes(each)),
    );
  });

  const one = fc.record({
    host: fc.nat(40),
    weight: fc.oneof({ weight: 400, arbitrary: fc.constantFrom(undefined, 1, 2, 3) }, { weight: 1, arbitrary: fc.constant(0) }),
    health: fc.nat(5),
    id: fc.oneof({ weight: 400, arbitrary: fc.constantFrom(undefined, "own") }, { weight: 1, arbitrary: fc.constantFrom("pod-1", "") }),
  });
  const zone = fc.uniqueArray(one, { selector: ({ host }) => host, minLength: 3, maxLength: 20 });
  const edit = fc.record({ zone: fc.nat(2), place: fc.nat(20), count: fc.nat(2), ones: fc.array(one, { maxLength: 2 }) });
  const edits = fc.array(edit, { maxLength: 3 });
  const damage = fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.record({ at: fc.nat(), to: fc.nat(255) }) },
    { weight: 1, arbitrary: fc.record({ cutAt: fc.nat() }) },
  );
  const life = fc.record({
    fleet: fc.array(zone, { minLength: 1, maxLength: 3 }),
    states: fc.array(fc.record({ edits, damage }), { maxLength: 5 }),
    // Those of the endpoints, others, or none; or those of some localities alone.
    weighing: fc.constantFrom("own", "own", "own", "others", "none", "some"),
    encoding: fc.constantFrom(encode, encodeHeadFirst),
  });

  it("are read as if there had been none before, whatever changes and however broken it is", () => {
    let reused = 0;
    const law = fc.property(life, ({ fleet, states, weighing, encoding }) => {
      let known: { readonly bytes: Uint8Array; readonly value: ServiceEndpoints } | undefined;
      let now: Fleet = fleet;
      for (const { edits, damage } of [{ edits: [], damage: undefined }, ...states]) {
        now = edits.reduce<Fleet>(apply, now);
        const bytes = damaged(encoding(now, weightsOf(now, weighing)), damage);
        const reading = endpointsKind.read(bytes, known);
        expect(reading).toEqual(endpointsKind.read(bytes));
        if (reading.kind === "bad") continue;
        if (known !== undefined && reading.value.endpoints.some((endpoint) => known?.value.endpoints.includes(endpoint))) reused++;
        known = { bytes, value: reading.value };
      }
    });
    fc.assert(law, { numRuns: 1_000 });
    expect(reused).toBeGreaterThan(500);
  });

  function weightsOf(fleet: Fleet, weighing: string): Weights {
    return fleet.map((ones, index) => {
      if (weighing === "others") return [1, 7, 2][index];
      return weighing === "own" || (weighing === "some" && index > 0) ? weightOf(ones) : undefined;
    });
  }

  function damaged(bytes: Uint8Array, damage: { at: number; to: number } | { cutAt: number } | undefined): Uint8Array {
    if (damage === undefined) return bytes;
    if ("cutAt" in damage) return bytes.slice(0, damage.cutAt % bytes.length);
    return bytes.with(damage.at % bytes.length, damage.to);
  }

  function apply(fleet: Fleet, { zone: index, place, count, ones }: { zone: number; place: number; count: number; ones: One[] }): Fleet {
    return fleet.map((zoneOnes, other) => (other === index ? zoneOnes.toSpliced(place, count, ...ones) : zoneOnes));
  }
});
