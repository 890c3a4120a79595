import type { EndpointSnapshot, TransportSnapshot } from "meshless";
import { createBalancer, type PickContext } from "meshless/balancer";

/** So many calls are chosen for: enough to tell 1 % from 2 %. */
const calls = 2_000;
/** Between two of them, in ms. */
const paceMs = 5;

export interface Choice {
  /** The part of such calls that each endpoint would get, by its id. */
  readonly shares: ReadonlyMap<string, number>;
  /** Why none could be made, if none could. */
  readonly problem: string | undefined;
}

/**
 * Where calls like this one would go, from a client that has just come: the balancer that clients have chooses for each, with what is known of the
 * endpoints, and the settings that discovery gives. Each is answered at once, and alike, so that load and latency play no part.
 */
export function likelyShares({ endpoints, zone, settings }: TransportSnapshot, context: PickContext, random: () => number): Choice {
  const balancer = createBalancer({ random, zone });
  const { policy, panicThreshold, overprovisioningFactor } = settings;
  balancer.configure(
    {
      ...(policy.from === "discovery" && { policy: policy.value as { name: string } }),
      ...(panicThreshold.from === "discovery" && { panicThreshold: panicThreshold.value as number }),
      ...(overprovisioningFactor.from === "discovery" && { overprovisioningFactor: overprovisioningFactor.value as number }),
    },
    0,
  );
  balancer.update(
    endpoints.map(({ endpoint }) => endpoint),
    0,
  );
  for (const { endpoint, connectivity } of endpoints) balancer.observe(endpoint.id, connectivity, 0);
  const counts = new Map<string, number>();
  for (let call = 0; call < calls; call++) {
    const nowMs = call * paceMs;
    const lease = balancer.acquire(context, nowMs);
    if (lease === undefined) return { shares: new Map(), problem: balancer.explain(context, nowMs) };
    counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
    lease.settle({ kind: "success", processed: "yes", code: 0, latencyMs: 1 }, nowMs + 1);
  }
  return { shares: new Map([...counts].map(([id, count]) => [id, count / calls])), problem: undefined };
}

/** Why a call of this shard could not go there; undefined if it could. */
export function obstacleOf({ endpoint, eligible, reason }: EndpointSnapshot, shard: string | undefined): string | undefined {
  const own = endpoint.labels.shard;
  if (shard !== undefined && own !== shard) return own === undefined ? "it has no shard" : `its shard is ${own}`;
  return eligible ? undefined : reason;
}
