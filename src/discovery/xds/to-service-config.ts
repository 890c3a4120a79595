import { givenOf } from "../../check-options.ts";
import type { Named, ServiceConfig } from "../../service-config.ts";
import type { XdsCluster } from "./to-cluster.ts";
import type { XdsPolicy } from "./to-policy.ts";

/** How a cluster is called, in our names. */
export function toServiceConfig({
  policy,
  outlierDetection,
  panicThreshold,
}: Pick<XdsCluster, "policy" | "outlierDetection" | "panicThreshold">): ServiceConfig {
  return {
    policy: namedPolicy(policy),
    ...(outlierDetection && { ejection: ejectionOf(outlierDetection) }),
    ...(panicThreshold !== undefined && { panicThreshold }),
  };
}

function namedPolicy(policy: XdsPolicy): Named {
  switch (policy.name) {
    case "round_robin":
      return { name: "roundRobin" };
    case "random":
      return { name: "random" };
    case "least_request":
      return { name: "powerOfTwo", parameters: givenOf({ choices: policy.choices }) };
    case "ring_hash": {
      const { minRingSize, maxRingSize, boundedLoad } = policy;
      return { name: "ringHash", parameters: givenOf({ minRingSize, maxRingSize, boundedLoad }) };
    }
    case "maglev":
      return { name: "maglev", parameters: givenOf({ tableSize: policy.tableSize, boundedLoad: policy.boundedLoad }) };
    case "weighted_round_robin": {
      const { blackoutMs, expirationMs, updateMs, errorPenalty: errorUtilizationPenalty } = policy;
      return { name: "weightedRoundRobin", parameters: givenOf({ blackoutMs, expirationMs, updateMs, errorUtilizationPenalty }) };
    }
  }
}

/** Failures in a row are Envoy's alone: the two other ways to eject are those of gRPC. */
function ejectionOf({ consecutiveFailures: _, ...settings }: NonNullable<XdsCluster["outlierDetection"]>): Named | false {
  const { successRateEjection, failurePercentageEjection } = settings;
  if (successRateEjection === false && failurePercentageEjection === false) return false;
  return { name: "outlierDetection", parameters: givenOf(settings) };
}
