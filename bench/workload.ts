import {
  type Balancer,
  createBalancer,
  type Endpoint,
  type Lease,
  type LoadReport,
  type Outcome,
  type PickContext,
  type Policy,
} from "meshless/balancer";

/** Calls in flight at any time, so that picks see members at work. */
const IN_FLIGHT = 50;
/** So that a call takes 5 ms. */
const MS_BETWEEN_CALLS = 0.1;
/** Different ones of each kind, made beforehand. */
const VARIETY = 1_024;

const contexts = vary((index): PickContext => ({ method: "meshless.testing.v1.EchoService/Echo", hashKey: `user-${index}` }));
const outcomes = vary((index): Outcome => ({ kind: "success", processed: "yes", code: 0, latencyMs: 4 + (index % 64) / 32 }));
const reports = vary(
  (index): LoadReport => ({
    requestsPerSecond: 100 + (index % 100),
    errorsPerSecond: 0,
    utilization: 0.4 + (index % 50) / 250,
    inFlight: 2 + (index % 7),
    latencyMs: 4.5 + (index % 32) / 32,
    eventLoopDelayMs: 1,
  }),
);

export interface WorkloadInit {
  readonly policy: Policy;
  readonly endpoints: number;
  readonly random: () => number;
}

/** A balancer as a busy client has it: 10,000 calls a second, each answered with another report, and with some latency. In virtual time. */
export class Workload {
  readonly #balancer: Balancer;
  readonly #leases: Lease[];
  #nowMs = 0;
  #call = 0;

  constructor({ policy, endpoints, random }: WorkloadInit) {
    this.#balancer = createBalancer({ policy, random });
    const all = Array.from({ length: endpoints }, (_, index) => endpointOf(index));
    this.#balancer.update(all, 0);
    for (const { id } of all) this.#balancer.observe(id, "ready", 0);
    this.#leases = Array.from({ length: IN_FLIGHT }, () => this.#acquire());
  }

  /** The oldest call in flight is answered, with a report, and is over. */
  end(): void {
    this.#nowMs += MS_BETWEEN_CALLS;
    this.#call += 1;
    const lease = this.#leases[this.#call % IN_FLIGHT] as Lease;
    lease.responded(reports[this.#call % VARIETY], this.#nowMs);
    lease.settle(outcomes[this.#call % VARIETY] as Outcome, this.#nowMs);
  }

  /** A call begins in its place. */
  begin(): void {
    this.#leases[this.#call % IN_FLIGHT] = this.#acquire();
  }

  #acquire(): Lease {
    const context = contexts[this.#call % VARIETY] as PickContext;
    const lease = this.#balancer.acquire(context, this.#nowMs);
    if (lease === undefined) throw new Error(`nobody to pick: ${this.#balancer.explain(context, this.#nowMs)}`);
    return lease;
  }
}

function endpointOf(index: number): Endpoint {
  return { id: `endpoint-${index}`, address: "127.0.0.1", port: 1, weight: 1, priority: 0, health: "healthy", labels: {} };
}

function vary<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: VARIETY }, (_, index) => make(index));
}
