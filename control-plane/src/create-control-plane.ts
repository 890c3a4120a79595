import { mayFallBack } from "./access/namespace-rules.ts";
import { AdminServer, type AdminSources } from "./admin/admin-server.ts";
import { clientStatusService } from "./admin/client-status.ts";
import { Metrics } from "./admin/metrics.ts";
import type { RegistryState } from "./admin/plane-snapshot.ts";
import { planeSnapshot } from "./admin/plane-snapshots.ts";
import { RecentPropagation } from "./admin/recent-propagation.ts";
import { ClientAccess } from "./client-access.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type ControlPlaneOptions, defaultLimits } from "./control-plane-options.ts";
import { FollowedRegistry } from "./followed-registry.ts";
import { loadReportService } from "./load/load-report-service.ts";
import { allLoadObservers, LoadReports } from "./load/load-reports.ts";
import { RecentLoad } from "./load/recent-load.ts";
import { logStreams } from "./log-streams.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { healthService } from "./server/health-service.ts";
import { parseListenAddress } from "./server/listen-address.ts";
import { refuse } from "./server/refusal-error.ts";
import type { TlsServerOptions } from "./server/tls-server.ts";
import { XdsServer } from "./server/xds-server.ts";
import { Trouble } from "./trouble.ts";
import type { Identify } from "./xds/identified.ts";
import { StreamHost } from "./xds/stream-host.ts";
import { allObservers } from "./xds/stream-observer.ts";
import { xdsServices } from "./xds/xds-services.ts";

/** A control plane of this process. */
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
   * Serves operators, over HTTP/1.1: a page, `/livez`, `/readyz`, `/metrics`, and who the clients are (CSDS, by the Connect protocol). Not for everyone: it has
   * no authentication.
   *
   * @returns the port
   */
  listenAdmin(address: string): Promise<number>;
  /**
   * Serves `/livez`, `/readyz` and `/metrics` alone, over HTTP/1.1: for kubelet and Prometheus, who come from elsewhere.
   *
   * @returns the port
   */
  listenProbes(address: string): Promise<number>;
  /** Tells clients to go elsewhere, spread over this time, and then closes. Default 5,000 ms. */
  drain(withinMs?: number): Promise<void>;
  /** Ends all streams, and the watch of the registry, at once. */
  close(): Promise<void>;
}

/**
 * A control plane in this process. It knows its registry from now on, and serves once it listens.
 *
 * @throws TypeError for options that can't be; Error for a file of `tls` or `allowList` that can't be used
 */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { logger = silentLogger, clock = systemClock, random = Math.random, tls, tokens, loadReportIntervalMs } = options;
  if (loadReportIntervalMs !== undefined && !(loadReportIntervalMs > 0)) {
    throw new TypeError(`loadReportIntervalMs: expected more than 0 milliseconds, got ${loadReportIntervalMs}`);
  }
  const limits = { ...defaultLimits, ...options.limits };
  const access = new ClientAccess(options, { clientsOf: (service) => catalog.clientsOf(service), clock, logger });
  const { permitsOf } = access;
  const catalogOptions = { reportsLoad: loadReportIntervalMs !== undefined, ...(options.closed && { mayFallBack }) };
  const registry = new FollowedRegistry({ ...options, catalog: catalogOptions, clock, logger }, (changes) => {
    for (const { type, name } of changes) host.changed(type, name);
  });
  const { catalog } = registry;
  const tlsTrouble = new Trouble("TLS", { ...tls }, logger);
  const metrics = new Metrics(() => ({
    ...registry.gauges,
    isTlsInTrouble: tlsTrouble.isOn,
    isAllowListInTrouble: access.allowListTrouble !== undefined,
  }));
  const propagation = new RecentPropagation(clock);
  const recentLoad = new RecentLoad(clock);
  const observer = allObservers([logStreams(logger), metrics.observer, propagation]);
  const host = new StreamHost({ view: catalog, clock, random, limits, observer, permitsOf });
  const load = new LoadReports({
    ...limits,
    intervalMs: loadReportIntervalMs ?? 60_000,
    clock,
    random,
    services: catalog.services,
    permitsOf,
    observer: allLoadObservers([metrics.load, recentLoad]),
  });
  const health = healthService();
  const identify: Identify = (connection, headers) => access.identify(connection, headers).catch(refuse);
  const server = new XdsServer(
    (router) => {
      xdsServices(router, host, identify);
      health.routes(router);
      loadReportService(router, load, identify);
    },
    clock,
    tls && { files: tls, mayLackCertificate: tokens !== undefined, observer: tlsObserver(tlsTrouble, metrics, logger) },
  );
  access.follow(() => host.reconsider());
  const measures = registry.follow(() => {
    host.completed();
    health.set("", true);
  });
  metrics.add([...measures, ...access.measures]);
  const shown: AdminSources = { isReady: () => health.isServing(), metrics: (request, response) => metrics.answer(request, response) };
  const probes = new AdminServer(shown);
  const registryState = (): RegistryState => {
    const { services, endpoints, refusedEndpoints, isComplete } = registry.gauges;
    const troubles = [registry.trouble, tlsTrouble.text, access.allowListTrouble].filter((text) => text !== undefined);
    return { description: registry.description, isComplete, troubles, services, endpoints, refusedEndpoints };
  };
  const known = {
    view: catalog,
    services: catalog.services,
    streams: host.streams,
    registry: registryState,
    propagation,
    load: recentLoad,
  };
  const admin = new AdminServer({
    ...shown,
    clients: {
      routes: (router) => clientStatusService(router, () => host.streams),
      snapshot: (query) => planeSnapshot({ ...known, clock }, query),
    },
  });
  const close = async () => {
    registry.close();
    health.end();
    host.close();
    load.close();
    access.close();
    probes.close();
    admin.close();
    await server.close();
  };
  return {
    get isComplete() {
      return catalog.isComplete;
    },
    listen: (address) => server.listen(parseListenAddress(address)),
    listenAdmin: (address) => admin.listen(parseListenAddress(address)),
    listenProbes: (address) => probes.listen(parseListenAddress(address)),
    async drain(withinMs = 5_000) {
      health.end();
      const drained = server.drain();
      host.drain(withinMs);
      load.close();
      // Who does not go in time is cut off.
      await atMost(withinMs + 1_000, drained, clock);
      await close();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Waits for something, and no longer than so. */
async function atMost(ms: number, something: Promise<void>, clock: Clock): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  await Promise.race([something, tooLate]);
  timer.cancel();
}

function tlsObserver(trouble: Trouble, metrics: Metrics, logger: Logger): TlsServerOptions["observer"] {
  return {
    trouble: (error) => trouble.tell(error),
    renewed: () => trouble.renewed(),
    refused(peer, { message }) {
      metrics.tlsFailed();
      logger.info({ peer, problem: message }, "no TLS connection with a client");
    },
  };
}
