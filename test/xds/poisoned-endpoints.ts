import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { HealthStatus } from "../../src/gen/envoy/config/core/v3/health_check_pb.ts";
import { LbEndpointSchema, type LocalityLbEndpointsSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { type Poison, type PoisonedWorld, service, type Told } from "./poisoned-world.ts";

export const typeUrl = `type.googleapis.com/${ClusterLoadAssignmentSchema.typeName}`;

type Assignment = MessageInitShape<typeof ClusterLoadAssignmentSchema>;
type Locality = MessageInitShape<typeof LocalityLbEndpointsSchema>;
type LbEndpoint = MessageInitShape<typeof LbEndpointSchema>;
type Fields = Omit<Partial<LbEndpoint>, "hostIdentifier" | "$typeName">;

/** An endpoint, with what else it says. */
export function at(port: number, fields: Fields = {}, socket: object = {}): LbEndpoint {
  const value = { address: "127.0.0.1", portSpecifier: { case: "portValue" as const, value: port }, ...socket };
  return { hostIdentifier: { case: "endpoint", value: { address: { address: { case: "socketAddress", value } } } }, ...fields };
}

export function inLocality(lbEndpoints: readonly LbEndpoint[], fields: Omit<Locality, "lbEndpoints" | "$typeName"> = {}): Locality {
  return { locality: { region: "r", zone: "a" }, loadBalancingWeight: 1, lbEndpoints: [...lbEndpoints], ...fields };
}

/** Says these bytes of the service. */
function sayBytes({ plane }: PoisonedWorld, value: Uint8Array): void {
  plane.say({ typeUrl, resources: [{ name: service, body: create(AnySchema, { typeUrl, value }) }] });
}

function bytesOf(init: Assignment): Uint8Array {
  return toBinary(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { clusterName: service, ...init }));
}

/** A set of endpoints, made of the ports of those that are listed. */
function set(name: string, told: Told, make: (ports: readonly number[]) => Assignment): Poison {
  return { name: `sends ${name}`, told, poison: (world) => sayBytes(world, bytesOf(make(world.ports))) };
}

/** The endpoints that are listed, one of which says something else. */
function one(name: string, told: Told, fields: Fields, socket: object = {}): Poison {
  const endpoints = ([first = 0, ...others]: readonly number[]) => [at(first, fields, socket), ...others.map((port) => at(port))];
  return { ...set(name, told, (ports) => ({ endpoints: [inLocality(endpoints(ports))] })), variants: ["delta"] };
}

/** The endpoints that are listed, with a locality that says something else. */
function locality(name: string, told: Told, fields: Omit<Locality, "lbEndpoints" | "$typeName">, policy: Assignment = {}): Poison {
  return set(name, told, (ports) => ({
    endpoints: [
      inLocality(
        ports.map((port) => at(port)),
        fields,
      ),
    ],
    ...policy,
  }));
}

function bytes(name: string, told: Told, make: (good: Buffer, ports: readonly number[]) => Uint8Array): Poison {
  const good = (ports: readonly number[]) => Buffer.from(bytesOf({ endpoints: [inLocality(ports.map((port) => at(port)))] }));
  return { name: `sends ${name}`, told, poison: (world) => sayBytes(world, make(good(world.ports), world.ports)) };
}

const field = (number: number, value: Uint8Array) => new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish();

/** Endpoints with a weight that no `uint32` is, each `times` times. */
function weighing(weight: bigint, ports: readonly number[]): Uint8Array {
  const wrapped = new BinaryWriter().tag(1, WireType.Varint).uint64(BigInt.asUintN(64, weight)).finish();
  const lbEndpoints = ports.map((port) =>
    field(2, Buffer.concat([toBinary(LbEndpointSchema, create(LbEndpointSchema, at(port))), field(4, wrapped)])),
  );
  return Buffer.concat([bytesOf({}), field(2, Buffer.concat(lbEndpoints))]);
}

/** The same endpoint so often. */
function endless(count: number): Uint8Array {
  const lbEndpoint = toBinary(LbEndpointSchema, create(LbEndpointSchema, at(1)));
  return Buffer.concat([bytesOf({}), field(2, Buffer.concat(Array(count).fill(field(2, lbEndpoint))))]);
}

/** Structs within structs, as metadata of an endpoint. */
function nested(depth: number, ports: readonly number[]): Uint8Array {
  let value: Uint8Array = new Uint8Array();
  for (let level = 0; level < depth; level++) value = field(1, field(2, field(5, value)));
  const metadata = field(1, Buffer.concat([field(1, Buffer.from("envoy.lb")), field(2, value)]));
  const lbEndpoint = Buffer.concat([toBinary(LbEndpointSchema, create(LbEndpointSchema, at(ports[0] ?? 1))), field(3, metadata)]);
  return Buffer.concat([bytesOf({}), field(2, field(2, lbEndpoint))]);
}

const id = (text: string): Fields => ({ metadata: { filterMetadata: { "envoy.lb": { id: text } } } });
const refusedAddress = { nack: /socket_address\.address: expected an address that may be an endpoint/ };
const undecodable = { nackAlone: /can't be decoded/ };

export const poisonedEndpoints: readonly Poison[] = [
  // Sets that are too small, or lead nowhere.
  set("no endpoints", { retained: 10 }, () => ({ endpoints: [] })),
  set("a locality without endpoints", { retained: 10 }, () => ({ endpoints: [inLocality([])] })),
  set("a tenth of the endpoints", { retained: 9 }, ([first = 0]) => ({ endpoints: [inLocality([at(first)])] })),
  set("four of ten endpoints", { retained: 6 }, (ports) => ({ endpoints: [inLocality(ports.slice(6).map((port) => at(port)))] })),
  set("ports where nobody listens", { retained: 10 }, (ports) => ({ endpoints: [inLocality(ports.map((_, place) => at(place + 1)))] })),
  set("addresses where nobody is", { retained: 10 }, (ports) => ({
    endpoints: [inLocality(ports.map((port, place) => at(port, {}, { address: `127.8.8.${place + 1}` })))],
  })),
  set("a locality without a weight beside an empty one", { retained: 10 }, (ports) => ({
    endpoints: [
      inLocality(
        ports.map((port) => at(port)),
        { loadBalancingWeight: undefined },
      ),
      inLocality([], { locality: { zone: "b" } }),
    ],
  })),
  // Sets that say something of everybody.
  set("everybody as unhealthy", "nobody", (ports) => ({
    endpoints: [inLocality(ports.map((port) => at(port, { healthStatus: HealthStatus.UNHEALTHY })))],
  })),
  set("everybody as draining", "nobody", (ports) => ({
    endpoints: [inLocality(ports.map((port) => at(port, { healthStatus: HealthStatus.DRAINING })))],
  })),
  set("a health that is not known", "nobody", (ports) => ({
    endpoints: [inLocality(ports.map((port) => at(port, { healthStatus: 77 as never })))],
  })),
  // Bytes.
  bytes("endpoints that are cut off", undecodable, (good) => good.subarray(0, -3)),
  bytes("half of the bytes", undecodable, (good) => good.subarray(0, good.length / 2)),
  bytes("noise", undecodable, () => Buffer.alloc(200, 0xff)),
  bytes("nothing at all", { nackAlone: /has no name/ }, () => new Uint8Array()),
  bytes("a name that is no UTF-8", undecodable, (good) => Buffer.concat([field(1, Buffer.from([0xff, 0xfe, 0x80])), good])),
  bytes("a field of the wrong wire type", undecodable, (good) => Buffer.concat([good, Buffer.from([0x10, 0x07])])),
  bytes("fields that are not known", "nobody", (good) => Buffer.concat([good, field(999, Buffer.alloc(100_000, 7))])),
  bytes("metadata 500 levels deep", undecodable, (_, ports) => nested(500, ports)),
  bytes("100,001 endpoints", { nack: /endpoints: expected at most 100000, got 100001/ }, () => endless(100_001)),
  bytes("12 MB of a field that is not known", "nobody", (good) => Buffer.concat([good, field(999, Buffer.alloc(12_000_000))])),
  // Weights.
  bytes("weights of 2^32", { nack: /load_balancing_weight: expected a number above 0.*got 0/ }, (_, ports) => weighing(2n ** 32n, ports)),
  bytes("negative weights", { nack: /weights of at most 4294967295 in all/ }, (_, ports) => weighing(-5n, ports)),
  one("a weight of 0", { nack: /load_balancing_weight: expected a number above 0/ }, { loadBalancingWeight: 0 }),
  one("weights beyond 2^32 in all", { nack: /weights of at most 4294967295 in all/ }, { loadBalancingWeight: 2 ** 32 - 1 }),
  locality("a locality of weight 0", { nack: /endpoints\[0\]\.load_balancing_weight: expected 1 to/ }, { loadBalancingWeight: 0 }),
  // What comes twice, and what is missing.
  set("an endpoint twice", { nack: /has the address/ }, (ports) => ({
    endpoints: [inLocality([...ports, ports[0] ?? 1].map((port) => at(port)))],
  })),
  set("an id twice", { nack: /has the id/ }, (ports) => ({ endpoints: [inLocality(ports.map((port) => at(port, id("pod-1"))))] })),
  set("a locality twice", { nack: /has locality and priority of endpoints\[0\]/ }, (ports) => ({
    endpoints: ports.map((port) => inLocality([at(port)])),
  })),
  locality("a gap in the priorities", { nack: /priority 0 is missing, though there is 5/ }, { priority: 5 }),
  locality("priority 200", { nack: /priorities up to 127/ }, { priority: 200 }),
  set("an endpoint that is none", { nack: /has no endpoint that is understood/ }, (ports) => ({
    endpoints: [inLocality([{}, ...ports.map((port) => at(port))])],
  })),
  set("an endpoint without an address", { nack: /has no socket_address/ }, (ports) => ({
    endpoints: [inLocality([{ hostIdentifier: { case: "endpoint", value: {} } }, ...ports.map((port) => at(port))])],
  })),
  // Addresses and ports.
  one(
    "port 0",
    { nack: /port_value: expected a whole number from 1 to 65535, got 0/ },
    {},
    { portSpecifier: { case: "portValue", value: 0 } },
  ),
  one("port 70,000", { nack: /port_value/ }, {}, { portSpecifier: { case: "portValue", value: 70_000 } }),
  one("no port", { nack: /port_value/ }, {}, { portSpecifier: { case: undefined } }),
  one("a port of UDP", { nack: /protocol: expected TCP/ }, {}, { protocol: 1 }),
  one("a host name", { nack: /expected an IP address/ }, {}, { address: "checkout.shop" }),
  one("an empty address", { nack: /expected an IP address/ }, {}, { address: "" }),
  one("an address with a line feed", { nack: /expected an IP address/ }, {}, { address: "10.0.0.1\n" }),
  ...[
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "168.63.129.16",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "fe80::1",
    "fe80::1%lo",
    "ff02::1",
  ].map((address) => one(`the address ${address}`, refusedAddress, {}, { address })),
  // Texts and numbers around it.
  one("an id with a line feed", { nack: /metadata id/ }, id("pod\n1")),
  one("an id of a megabyte", { nack: /metadata id/ }, id("x".repeat(1_000_000))),
  one("a label that is NaN, and names of prototypes", "nobody", {
    metadata: { filterMetadata: { "envoy.lb": { shard: Number.NaN, constructor: "x", toString: "y" } } },
  }),
  locality("a zone with a control character", { nack: /locality\.zone/ }, { locality: { region: "r", zone: "a\u0000" } }),
  locality("an overprovisioning factor of 50", { nack: /overprovisioning_factor/ }, {}, { policy: { overprovisioningFactor: 50 } }),
  locality(
    "drops in parts of nothing",
    { nack: /drop_percentage\.denominator/ },
    {},
    {
      policy: { dropOverloads: [{ category: "all", dropPercentage: { numerator: 1, denominator: 7 as never } }] },
    },
  ),
];
