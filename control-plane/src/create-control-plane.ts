import { AddressRules } from "meshless/discovery";
import { AdminServer } from "./admin/admin-server.ts";
import { clientStatusService } from "./admin/client-status.ts";
import { Metrics } from "./admin/metrics.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import { logStreams } from "./log-streams.ts";
import { type Logger, silentLogger } from "./logger.ts";
import type { Registry } from "./registry/registry.ts";
import { HealthState, healthService } from "./server/health-service.ts";
import { parseListenAddress } from "./server/listen-address.ts";
import { XdsServer } from "./server/xds-server.ts";
import { Catalog } from "./snapshot/catalog.ts";
import { Intake } from "./snapshot/intake.ts";
import { StreamHost, type StreamLimits } from "./xds/stream-host.ts";
import { allObservers } from "./xds/stream-observer.ts";
import { xdsServices } from "./xds/xds-services.ts";

export interface ControlPlaneOptions {
  /** Where services come from: `memoryRegistry()`, `fileRegistry(path)`, or your own. */
  readonly registry: Registry;
  /** Addresses and ranges that may be endpoints though they usually are not: loopback, link-local, multicast, metadata services. Default: none. */
  readonly allowAddresses?: readonly string[];
  /** How long a service that is gone is served on, in ms, in case it comes back. Default 10,000. */
  readonly removalGraceMs?: number;
  /** What clients may cost. */
  readonly limits?: Partial<StreamLimits>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
}

export interface ControlPlane extends AsyncDisposable {
  /** Whether the registry has told all that there is: until then nothing is served. */
  readonly isComplete: boolean;
  /**
   * Serves xDS over HTTP/2.
   *
   * @param address such as `127.0.0.1:18000`, `[::]:18000` or `:0`
   * @returns the port
   */
  listen(address: string): Promise<number>;
  /**
   * Serves operators, over HTTP/1.1: `/livez`, `/readyz`, `/metrics`, and who the clients are (CSDS, by the Connect protocol). Not for everyone: it has no
   * authentication.
   *
   * @returns the port
   */
  listenAdmin(address: string): Promise<number>;
  /** Tells clients to go elsewhere, spread over this time, and then closes. Default 5,000 ms. */
  drain(withinMs?: number): Promise<void>;
  close(): Promise<void>;
}

const defaultLimits: StreamLimits = { maxStreams: 10_000, maxNames: 20_000, maxNewPerSecond: 1_000, maxAgeMs: 6 * 3_600_000 };

/** A control plane in this process. It knows its registry from now on, and serves once it listens. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { registry, logger = silentLogger, clock = systemClock, random = Math.random, allowAddresses, removalGraceMs = 10_000 } = options;
  const catalog = new Catalog((changes) => {
    for (const { type, name } of changes) host.changed(type, name);
  });
  const limits = { ...defaultLimits, ...options.limits };
  const health = new HealthState();
  let isInTrouble = false;
  const metrics = new Metrics(() => ({
    services: catalog.services.size,
    endpoints: catalog.services.values().reduce((sum, { endpoints }) => sum + endpoints.length, 0),
    refusedEndpoints: intake.refused.length,
    isComplete: catalog.isComplete,
    isInTrouble,
  }));
  const host = new StreamHost({ view: catalog, clock, random, limits, observer: allObservers([logStreams(logger), metrics.observer]) });
  const intake = new Intake(catalog, {
    clock,
    addressRules: new AddressRules(allowAddresses),
    removalGraceMs,
    onRefused: (endpoints) => {
      for (const { service, endpoint } of endpoints) {
        logger.warn({ service, address: endpoint.address }, "endpoint refused: see allowAddresses");
      }
    },
  });
  const watch = registry.watch({
    present: (service) => intake.present(service),
    gone: (name) => intake.gone(name),
    complete() {
      intake.complete();
      host.completed();
      health.set(true);
      logger.info({ registry: registry.description, services: catalog.services.size }, "registry complete");
    },
    trouble(error) {
      isInTrouble = error !== undefined;
      if (error === undefined) logger.info({ registry: registry.description }, "registry is well again");
      else logger.error({ registry: registry.description, problem: error.message }, "registry in trouble");
    },
  });
  const server = new XdsServer((router) => {
    xdsServices(router, host);
    healthService(router, health);
  }, clock);
  const admin = new AdminServer({
    isReady: () => health.isServing,
    metrics: (request, response) => metrics.answer(request, response),
    routes: (router) => clientStatusService(router, () => host.streams),
  });
  const close = async () => {
    watch.close();
    intake.close();
    health.set(false);
    host.close();
    admin.close();
    await server.close();
  };
  return {
    get isComplete() {
      return catalog.isComplete;
    },
    listen: (address) => server.listen(parseListenAddress(address)),
    listenAdmin: (address) => admin.listen(parseListenAddress(address)),
    async drain(withinMs = 5_000) {
      health.set(false);
      const drained = server.drain();
      host.drain(withinMs);
      let timer: Timer | undefined;
      // Who does not go in time is cut off.
      const tooLate = new Promise<void>((resolve) => {
        timer = clock.after(withinMs + 1_000, resolve);
      });
      await Promise.race([drained, tooLate]);
      timer?.cancel();
      await close();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
