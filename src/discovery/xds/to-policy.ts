import type { Any } from "@bufbuild/protobuf/wkt";
import type { Cluster, Cluster_RingHashLbConfig, LoadBalancingPolicy } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { Cluster_RingHashLbConfig_HashFunction, Cluster_LbPolicy as LbPolicy } from "../../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClientSideWeightedRoundRobinSchema } from "../../gen/envoy/extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin_pb.ts";
import { LeastRequestSchema } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.ts";
import { MaglevSchema } from "../../gen/envoy/extensions/load_balancing_policies/maglev/v3/maglev_pb.ts";
import { RandomSchema } from "../../gen/envoy/extensions/load_balancing_policies/random/v3/random_pb.ts";
import { RingHash_HashFunction, RingHashSchema } from "../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb.ts";
import { RoundRobinSchema } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.ts";
import { WrrLocalitySchema } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.ts";
import type { Problems } from "./problems.ts";
import { isTyped, readDuration, readNumber, unpack, valueName } from "./proto-fields.ts";

/** A policy by the name that xDS has for it. Undefined is what the control plane does not say. */
export type XdsPolicy =
  | { readonly name: "round_robin" | "random" }
  | { readonly name: "least_request"; readonly choices: number | undefined }
  | {
      readonly name: "ring_hash";
      readonly minRingSize: number | undefined;
      readonly maxRingSize: number | undefined;
      readonly boundedLoad: number | undefined;
    }
  | { readonly name: "maglev"; readonly tableSize: number | undefined; readonly boundedLoad: number | undefined }
  | {
      readonly name: "weighted_round_robin";
      readonly blackoutMs: number | undefined;
      readonly expirationMs: number | undefined;
      readonly updateMs: number | undefined;
      readonly errorPenalty: number | undefined;
    };

type Reader = (config: Any, path: string, problems: Problems, depth: number) => XdsPolicy | undefined;

const ringSizes = [1, 8_388_608] as const;
const tableSizes = [2, 5_000_011] as const;
const choiceCounts = [2, 2 ** 32 - 1] as const;
/** As in gRPC: what goes deeper is no configuration. */
const maxDepth = 16;

const readers: readonly (readonly [{ readonly typeName: string }, Reader])[] = [
  [RoundRobinSchema, () => ({ name: "round_robin" })],
  [RandomSchema, () => ({ name: "random" })],
  [LeastRequestSchema, readLeastRequest],
  [RingHashSchema, readRingHash],
  [MaglevSchema, readMaglev],
  [ClientSideWeightedRoundRobinSchema, readWeightedRoundRobin],
  [WrrLocalitySchema, readWrrLocality],
];

/** The policy of a cluster: of a list the first that is known, or else the one that is named. Undefined if there is none, which is a problem. */
export function toPolicy(cluster: Cluster, problems: Problems): XdsPolicy | undefined {
  if (cluster.loadBalancingPolicy !== undefined) return fromList(cluster.loadBalancingPolicy, "load_balancing_policy", problems, 0);
  const { lbPolicy, lbConfig } = cluster;
  switch (lbPolicy) {
    case LbPolicy.ROUND_ROBIN:
      return { name: "round_robin" };
    case LbPolicy.RANDOM:
      return { name: "random" };
    case LbPolicy.LEAST_REQUEST:
      return leastRequest(lbConfig.case === "leastRequestLbConfig" ? lbConfig.value : {}, "least_request_lb_config", problems);
    case LbPolicy.RING_HASH: {
      const { hashFunction = 0, ...sizes }: Partial<Cluster_RingHashLbConfig> = lbConfig.case === "ringHashLbConfig" ? lbConfig.value : {};
      const isXxHash = hashFunction === Cluster_RingHashLbConfig_HashFunction.XX_HASH;
      return ringHash({ ...sizes, isXxHash }, "ring_hash_lb_config", problems);
    }
    case LbPolicy.MAGLEV:
      return maglev(lbConfig.case === "maglevLbConfig" ? lbConfig.value : {}, "maglev_lb_config", problems);
    default:
      return problems.unexpected("lb_policy", "ROUND_ROBIN, LEAST_REQUEST, RING_HASH, MAGLEV or RANDOM", valueName(LbPolicy, lbPolicy));
  }
}

function fromList({ policies }: LoadBalancingPolicy, path: string, problems: Problems, depth: number): XdsPolicy | undefined {
  if (depth > maxDepth) return problems.add(`${path}: is nested deeper than ${maxDepth}`);
  for (const [index, { typedExtensionConfig }] of policies.entries()) {
    const config = typedExtensionConfig?.typedConfig;
    const reader = config && readers.find(([schema]) => isTyped(config, schema))?.[1];
    if (reader !== undefined) return reader(config as Any, `${path}.policies[${index}]`, problems, depth);
  }
  const names = policies.map(({ typedExtensionConfig }) => typedExtensionConfig?.typedConfig?.typeUrl);
  return problems.unexpected(path, "at least one policy that is known", names);
}

/** What it says of localities is in the endpoints' weights. */
function readWrrLocality(config: Any, path: string, problems: Problems, depth: number): XdsPolicy | undefined {
  const policy = unpack(config, WrrLocalitySchema, path, problems)?.endpointPickingPolicy;
  if (policy === undefined) return problems.add(`${path}: has no endpoint_picking_policy`);
  return fromList(policy, `${path}.endpoint_picking_policy`, problems, depth + 1);
}

function readLeastRequest(config: Any, path: string, problems: Problems): XdsPolicy | undefined {
  const message = unpack(config, LeastRequestSchema, path, problems);
  return message && leastRequest(message, path, problems);
}

function readRingHash(config: Any, path: string, problems: Problems): XdsPolicy | undefined {
  const message = unpack(config, RingHashSchema, path, problems);
  const isXxHash = message?.hashFunction !== RingHash_HashFunction.MURMUR_HASH_2;
  return message && ringHash({ ...message, isXxHash, factor: message.consistentHashingLbConfig?.hashBalanceFactor }, path, problems);
}

function readMaglev(config: Any, path: string, problems: Problems): XdsPolicy | undefined {
  const message = unpack(config, MaglevSchema, path, problems);
  return message && maglev({ ...message, factor: message.consistentHashingLbConfig?.hashBalanceFactor }, path, problems);
}

function readWeightedRoundRobin(config: Any, path: string, problems: Problems): XdsPolicy | undefined {
  const message = unpack(config, ClientSideWeightedRoundRobinSchema, path, problems);
  return (
    message && {
      name: "weighted_round_robin",
      blackoutMs: readDuration(message.blackoutPeriod, `${path}.blackout_period`, problems),
      expirationMs: readDuration(message.weightExpirationPeriod, `${path}.weight_expiration_period`, problems),
      updateMs: readDuration(message.weightUpdatePeriod, `${path}.weight_update_period`, problems),
      errorPenalty: readNumber(message.errorUtilizationPenalty, [0, 1_000], `${path}.error_utilization_penalty`, problems),
    }
  );
}

function leastRequest({ choiceCount }: { readonly choiceCount?: number | undefined }, path: string, problems: Problems): XdsPolicy {
  return { name: "least_request", choices: readNumber(choiceCount, choiceCounts, `${path}.choice_count`, problems) };
}

interface RingHashFields {
  readonly minimumRingSize?: bigint | undefined;
  readonly maximumRingSize?: bigint | undefined;
  readonly isXxHash: boolean;
  readonly factor?: number | undefined;
}

function ringHash({ minimumRingSize, maximumRingSize, isXxHash, factor }: RingHashFields, path: string, problems: Problems): XdsPolicy {
  const minRingSize = readNumber(minimumRingSize, ringSizes, `${path}.minimum_ring_size`, problems);
  const maxRingSize = readNumber(maximumRingSize, ringSizes, `${path}.maximum_ring_size`, problems);
  if (!isXxHash) problems.unexpected(`${path}.hash_function`, "XX_HASH", "MURMUR_HASH_2");
  if ((minRingSize ?? 0) > (maxRingSize ?? Infinity)) problems.add(`${path}: minimum_ring_size is above maximum_ring_size`);
  return { name: "ring_hash", minRingSize, maxRingSize, boundedLoad: boundedLoad(factor, path, problems) };
}

interface MaglevFields {
  readonly tableSize?: bigint | undefined;
  readonly factor?: number | undefined;
}

function maglev({ tableSize, factor }: MaglevFields, path: string, problems: Problems): XdsPolicy {
  return {
    name: "maglev",
    tableSize: readNumber(tableSize, tableSizes, `${path}.table_size`, problems),
    boundedLoad: boundedLoad(factor, path, problems),
  };
}

/** In percent there, as a factor here. */
function boundedLoad(percent: number | undefined, path: string, problems: Problems): number | undefined {
  const read = readNumber(percent, [100, 2 ** 32 - 1], `${path}.consistent_hashing_lb_config.hash_balance_factor`, problems);
  // With 1, not even a fair share would have room.
  return read === undefined ? undefined : Math.max(1.01, read / 100);
}
