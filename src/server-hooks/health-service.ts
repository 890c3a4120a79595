import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Bell } from "../bell.ts";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/grpc/health/v1/health_pb.ts";

/** The server as a whole, in grpc.health.v1. */
const whole = "";

/** Over all connections. Each is an open stream, some 25 KB. */
const maxWatches = 1_000;

/**
 * `grpc.health.v1`, as Kubernetes, Envoy and gRPC clients ask for it: Check, List and Watch. A service whose status was never set is as healthy as the
 * server as a whole, whose name is the empty string, and that one is healthy until it is said not to be.
 *
 * `createHealthReporter().handler` brings one along. Elsewhere: `connectNodeAdapter({ routes: (router) => { health.service.routes(router); ... } })`.
 */
export class HealthService {
  /** By full name. Undefined: as the server as a whole. */
  readonly #statuses = new Map<string, boolean | undefined>([[whole, true]]);
  readonly #changed = new Bell();
  #watches = 0;
  #isWarmingUp = false;
  #isDraining = false;
  #hasEnded = false;

  /** @param services full names of services that are known, such as `shop.v1.CheckoutService` */
  constructor(services: readonly string[] = []) {
    for (const service of services) this.add(service);
  }

  /** Adds the service to a Connect router. */
  readonly routes = (router: ConnectRouter): void => {
    router.service(Health, {
      check: ({ service }) => {
        const status = this.#statusOf(service);
        if (status === Status.SERVICE_UNKNOWN) throw new ConnectError("there is no such service", Code.NotFound);
        return { status };
      },
      list: () => ({ statuses: Object.fromEntries([...this.#statuses.keys()].map((name) => [name, { status: this.#statusOf(name) }])) }),
      watch: ({ service }, { signal }) => this.#watch(service, signal),
    });
  };

  /** Makes a service known. What was set of it stays. */
  add(service: string): void {
    if (!this.#statuses.has(service)) this.#note(service, undefined);
  }

  /** Sets the status of a service, by its full name, or of the server as a whole, by the empty string. Has no effect once it drains. */
  set(service: string, isServing: boolean): void {
    this.#note(service, isServing);
  }

  /** Whether a service is said to serve; without a name, the server as a whole. For probes by other means, such as a path of one's own. */
  isServing(service: string = whole): boolean {
    return this.#statusOf(service) === Status.SERVING;
  }

  /** Until `endWarmUp`, nothing serves, whatever is set. */
  startWarmUp(): void {
    this.#isWarmingUp = true;
    this.#changed.ring();
  }

  endWarmUp(): void {
    this.#isWarmingUp = false;
    this.#changed.ring();
  }

  /** From now on nothing serves, whatever is set. */
  drain(): void {
    this.#isDraining = true;
    this.#changed.ring();
  }

  /** As `drain`, and ends all watches, each after its last news: they would hold their connections. */
  end(): void {
    this.#hasEnded = true;
    this.drain();
  }

  #note(service: string, isServing: boolean | undefined): void {
    this.#statuses.set(service, isServing);
    this.#changed.ring();
  }

  #statusOf(service: string): Status {
    if (!this.#statuses.has(service)) return Status.SERVICE_UNKNOWN;
    const isServing = !this.#isDraining && !this.#isWarmingUp && (this.#statuses.get(service) ?? this.#statuses.get(whole));
    return isServing ? Status.SERVING : Status.NOT_SERVING;
  }

  /** Tells the status, and again at each change. Whoever does not read for a while misses what lies between, and no more than that is kept for him. */
  async *#watch(service: string, signal: AbortSignal): AsyncGenerator<{ status: Status }> {
    if (signal.aborted) return;
    // Not resource_exhausted, at which clients of gRPC would take the server for unhealthy: so they go on without watching it (gRFC A17).
    if (this.#watches >= maxWatches) throw new ConnectError(`there are ${maxWatches} watches already`, Code.Unimplemented);
    this.#watches++;
    // Connect aborts it at the end of every call; a generator that nobody asks for more never comes to its own end.
    signal.addEventListener("abort", () => this.#watches--, { once: true });
    let told: Status | undefined;
    while (!signal.aborted) {
      const status = this.#statusOf(service);
      if (status !== told) {
        told = status;
        yield { status };
      } else if (this.#hasEnded) return;
      else await this.#changed.wait(signal).catch(() => {});
    }
  }
}
