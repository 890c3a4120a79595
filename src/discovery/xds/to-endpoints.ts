import type { Endpoint, EndpointHealth, Locality } from "../../endpoint.ts";
import { HealthStatus } from "../../gen/envoy/config/core/v3/health_check_pb.ts";
import type { LbEndpoint, LocalityLbEndpoints } from "../../gen/envoy/config/endpoint/v3/endpoint_components_pb.ts";
import type { ClusterLoadAssignment } from "../../gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import type { ServiceConfig } from "../../service-config.ts";
import type { AddressRules } from "../address-rules.ts";
import { checkName } from "../endpoint-fields.ts";
import { localityWeights } from "./locality-weights.ts";
import { Problems } from "./problems.ts";
import { readShare } from "./proto-fields.ts";
import { type EndpointFields, readEndpoint } from "./read-endpoint.ts";
import { toOwnConfig } from "./to-own-config.ts";
import { pathOf, UniqueEndpoints } from "./unique-endpoints.ts";

/** The endpoints of a service, as a control plane tells them. */
export interface ServiceEndpoints {
  readonly kind: "endpoints";
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** Calls that are to fail at once, by the reason that the control plane gives. */
  readonly drops: readonly { readonly category: string; readonly share: number }[];
  /** How much of a priority may be lost before calls go on to the next, such as 1.4; undefined if it is not said. */
  readonly overprovisioningFactor: number | undefined;
  /** How the service is called, where a control plane of ours says so. */
  readonly config: ServiceConfig | undefined;
  /** Where it is, if there are no endpoints but a place for some. */
  readonly place: Locality | undefined;
}

export const maxEndpoints = 100_000;

const healths: Readonly<Record<number, EndpointHealth>> = {
  [HealthStatus.UNKNOWN]: "healthy",
  [HealthStatus.HEALTHY]: "healthy",
  [HealthStatus.DRAINING]: "draining",
};

/** Of what has problems, the result has as much as could be read. */
export function toEndpoints(assignment: ClusterLoadAssignment, problems: Problems, rules: AddressRules): ServiceEndpoints {
  const { clusterName: name, endpoints: localities, policy } = assignment;
  const total = localities.reduce((sum, { lbEndpoints }) => sum + lbEndpoints.length, 0);
  if (total > maxEndpoints) problems.unexpected("endpoints", `at most ${maxEndpoints}`, total);
  const factor = policy?.overprovisioningFactor;
  if (factor !== undefined && factor < 100) problems.unexpected("policy.overprovisioning_factor", "100 or more", factor);
  return {
    kind: "endpoints",
    name,
    endpoints: problems.isFull || total > maxEndpoints ? [] : readLocalities(localities, problems, rules),
    drops: (policy?.dropOverloads ?? []).flatMap(({ category, dropPercentage }, index) => {
      const share = dropPercentage && readShare(dropPercentage, `policy.drop_overloads[${index}].drop_percentage`, problems);
      return share === undefined ? [] : [{ category, share }];
    }),
    overprovisioningFactor: factor === undefined ? undefined : factor / 100,
    config: toOwnConfig(localities),
    place: total === 0 && localities[0] !== undefined ? toLocality(localities[0], "", new Problems()) : undefined,
  };
}

function readLocalities(localities: readonly LocalityLbEndpoints[], problems: Problems, rules: AddressRules): readonly Endpoint[] {
  const weights = localityWeights(localities, problems);
  const unique = new UniqueEndpoints(problems);
  const endpoints: Endpoint[] = [];
  for (const [index, group] of localities.entries()) {
    const factor = weights[index];
    // Known to be without calls, so that it is not looked at either; as in gRPC.
    if (factor === undefined) continue;
    // Taken for a locality without endpoints, it would be one that is lost.
    if (group.lbConfig.case !== undefined)
      problems.add(`endpoints[${index}].leds_cluster_locality_config: is not followed; expected the endpoints in lb_endpoints`);
    const locality = toLocality(group, `endpoints[${index}].locality`, problems);
    for (const [place, lbEndpoint] of group.lbEndpoints.entries()) {
      if (problems.isFull) return endpoints;
      const fields = readEndpoint(lbEndpoint, "", new Problems(), rules);
      // A path costs as much as the rest, so that only those with a problem get one.
      if (fields === undefined) readEndpoint(lbEndpoint, pathOf(index, place), problems, rules);
      else if (unique.add(fields, index, place)) endpoints.push(assemble(fields, lbEndpoint, group.priority, factor, locality));
    }
  }
  return endpoints;
}

/** The locality's weight is divided among its endpoints by theirs. It stays so when some are unhealthy, so that nobody's weight changes with another's health. */
export function assemble(
  { id, address, port, weight, labels }: EndpointFields,
  { healthStatus }: LbEndpoint,
  priority: number,
  factor: number,
  locality: Locality | undefined,
): Endpoint {
  const health = healths[healthStatus] ?? "unhealthy";
  return { id, address, port, weight: weight * factor, priority, health, ...(locality && { locality }), labels };
}

/** A zone is what calls are kept in; a region alone says too little. */
function toLocality({ locality }: LocalityLbEndpoints, path: string, problems: Problems): Locality | undefined {
  if (locality === undefined || locality.zone === "") return undefined;
  const region = problems.checked(locality.region === "" ? "unknown" : locality.region, `${path}.region`, checkName);
  const zone = problems.checked(locality.zone, `${path}.zone`, checkName);
  return region === undefined || zone === undefined ? undefined : { region, zone };
}
