import { type Balancer, createBalancer, type Endpoint, type Lease, type Outcome } from "meshless/balancer";
import { median, quantileOf } from "./statistics.ts";

/** By the number of endpoints. `bytes`: allocated per pick. */
export type PickFigures = Record<string, { readonly p50Us: number; readonly p99Us: number; readonly bytes: number }>;

const ENDPOINTS = [10, 1_000, 10_000];
/** Picks that are timed together, because reading the clock takes about as long as one pick. */
const BATCH = 64;
const SAMPLES = 10_000;
const WARM_UP_SAMPLES = 2_000;
/** Leases held at any time, so that picks see members at work. */
const IN_FLIGHT = 50;

const answered: Outcome = { kind: "success", processed: "yes", latencyMs: 1 };
const context = { method: "meshless.testing.v1.EchoService/Echo" };

/** What choosing costs alone: `acquire`, and `settle` of an earlier lease, with the default policy. */
export function measurePicks(): PickFigures {
  return Object.fromEntries(ENDPOINTS.map((endpoints) => [endpoints, measure(endpoints)]));
}

function measure(endpoints: number): PickFigures[string] {
  const pickBatch = picker(balancerOf(endpoints));
  for (let sample = 0; sample < WARM_UP_SAMPLES; sample++) pickBatch();
  const usPerPick = Array.from({ length: SAMPLES }, () => {
    const startMs = performance.now();
    pickBatch();
    return ((performance.now() - startMs) * 1000) / BATCH;
  });
  return {
    p50Us: Number(quantileOf(usPerPick, 0.5).toFixed(3)),
    p99Us: Number(quantileOf(usPerPick, 0.99).toFixed(3)),
    bytes: Math.round(allocatedPerPick(pickBatch)),
  };
}

/** The median of many, because a collection in the middle of one makes it negative. */
function allocatedPerPick(pickBatch: () => void): number {
  const samples = Array.from({ length: 101 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let batch = 0; batch < 20; batch++) pickBatch();
    return (process.memoryUsage().heapUsed - before) / (20 * BATCH);
  });
  return median(samples);
}

function balancerOf(count: number): Balancer {
  const balancer = createBalancer({ random: Math.random });
  const endpoints = Array.from({ length: count }, (_, index): Endpoint => {
    return { id: `endpoint-${index}`, address: "127.0.0.1", port: 1, weight: 1, priority: 0, health: "healthy", labels: {} };
  });
  balancer.update(endpoints, 0);
  for (const { id } of endpoints) balancer.observe(id, "ready", 0);
  return balancer;
}

/** Picks a batch; each pick ends the oldest call in flight. */
function picker(balancer: Balancer): () => void {
  const leases: (Lease | undefined)[] = Array.from({ length: IN_FLIGHT }, () => balancer.acquire(context, 0));
  let nowMs = 0;
  let oldest = 0;
  return () => {
    for (let pick = 0; pick < BATCH; pick++) {
      nowMs += 0.1;
      leases[oldest]?.settle(answered, nowMs);
      const lease = balancer.acquire(context, nowMs);
      if (!lease) throw new Error(`nobody to pick: ${balancer.explain(context, nowMs)}`);
      leases[oldest] = lease;
      oldest = (oldest + 1) % IN_FLIGHT;
    }
  };
}
