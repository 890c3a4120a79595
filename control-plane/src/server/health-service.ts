import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AggregatedDiscoveryService } from "../gen/envoy/service/discovery/v3/ads_pb.ts";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/grpc/health/v1/health_pb.ts";

/** Names whose health is that of the whole. */
const known: ReadonlySet<string> = new Set(["", AggregatedDiscoveryService.typeName]);

/** Tells whether this control plane serves, and whoever watches, when that changes. */
export class HealthState {
  #isServing = false;
  readonly #watchers = new Set<() => void>();

  get isServing(): boolean {
    return this.#isServing;
  }

  set(isServing: boolean): void {
    if (this.#isServing === isServing) return;
    this.#isServing = isServing;
    for (const wake of this.#watchers) wake();
  }

  /** Once more at each change, until the signal. */
  async *watch(signal: AbortSignal): AsyncGenerator<boolean> {
    while (!signal.aborted) {
      const told = this.#isServing;
      yield told;
      if (told === this.#isServing) await this.#changed(signal);
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#watchers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#watchers.add(wake);
      signal.addEventListener("abort", wake);
      if (signal.aborted) wake();
    });
  }
}

/** grpc.health.v1, for load balancers and orchestrators that speak it. */
export function healthService(router: ConnectRouter, state: HealthState): void {
  const statusOf = (isServing: boolean) => (isServing ? Status.SERVING : Status.NOT_SERVING);
  router.service(Health, {
    check({ service }) {
      if (!known.has(service)) throw new ConnectError("there is no such service", Code.NotFound);
      return { status: statusOf(state.isServing) };
    },
    list() {
      const status = statusOf(state.isServing);
      return { statuses: Object.fromEntries([...known].map((name) => [name, { status }])) };
    },
    async *watch({ service }, { signal }) {
      for await (const isServing of state.watch(signal))
        yield { status: known.has(service) ? statusOf(isServing) : Status.SERVICE_UNKNOWN };
    },
  });
}
