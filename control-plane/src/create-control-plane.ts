import { AddressRules } from "meshless/discovery";
import { mayFallBack } from "./access/namespace-rules.ts";
import { AdminServer } from "./admin/admin-server.ts";
import { clientStatusService } from "./admin/client-status.ts";
import { Metrics } from "./admin/metrics.ts";
import { ClientAccess } from "./client-access.ts";
import { systemClock, type Timer } from "./clock.ts";
import { type ControlPlaneOptions, defaultLimits } from "./control-plane-options.ts";
import { loadReportService } from "./load/load-report-service.ts";
import { LoadReports } from "./load/load-reports.ts";
import { logStreams } from "./log-streams.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { healthService } from "./server/health-service.ts";
import { parseListenAddress } from "./server/listen-address.ts";
import { refuse } from "./server/refusal-error.ts";
import type { TlsServerOptions } from "./server/tls-server.ts";
import { XdsServer } from "./server/xds-server.ts";
import { Catalog, type ResourceChange } from "./snapshot/catalog.ts";
import type { RefusedEndpoint } from "./snapshot/endpoint-filter.ts";
import { Intake } from "./snapshot/intake.ts";
import { Trouble } from "./trouble.ts";
import type { Identify } from "./xds/identified.ts";
import { StreamHost } from "./xds/stream-host.ts";
import { allObservers } from "./xds/stream-observer.ts";
import { xdsServices } from "./xds/xds-services.ts";

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

/**
 * A control plane in this process. It knows its registry from now on, and serves once it listens.
 *
 * @throws TypeError for options that can't be; Error for a file of `tls` or `allowList` that can't be used
 */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { registry, logger = silentLogger, clock = systemClock, random = Math.random, allowAddresses, removalGraceMs = 10_000 } = options;
  const { tls, tokens, loadReportIntervalMs } = options;
  if (loadReportIntervalMs !== undefined && !(loadReportIntervalMs > 0)) {
    throw new TypeError(`loadReportIntervalMs: expected more than 0 milliseconds, got ${loadReportIntervalMs}`);
  }
  const registryTrouble = new Trouble("registry", { registry: registry.description }, logger);
  const tlsTrouble = new Trouble("TLS", { ...tls }, logger);
  const access = new ClientAccess(options, { clientsOf: (service) => catalog.clientsOf(service), clock, logger });
  const { permitsOf } = access;
  const onChange = (changes: readonly ResourceChange[]) => {
    for (const { type, name } of changes) host.changed(type, name);
  };
  const catalog = new Catalog(onChange, { reportsLoad: loadReportIntervalMs !== undefined, ...(options.closed && { mayFallBack }) });
  const limits = { ...defaultLimits, ...options.limits };
  const health = healthService();
  const metrics = new Metrics(() => ({
    services: catalog.services.size,
    endpoints: catalog.services.values().reduce((sum, { endpoints }) => sum + endpoints.length, 0),
    refusedEndpoints: intake.refused.length,
    isComplete: catalog.isComplete,
    isInTrouble: registryTrouble.isOn,
    isTlsInTrouble: tlsTrouble.isOn,
    isAllowListInTrouble: access.isAllowListInTrouble,
  }));
  const observer = allObservers([logStreams(logger), metrics.observer]);
  const host = new StreamHost({ view: catalog, clock, random, limits, observer, permitsOf });
  const load = new LoadReports({
    intervalMs: loadReportIntervalMs ?? 60_000,
    maxStreams: limits.maxStreams,
    maxAgeMs: limits.maxAgeMs,
    clock,
    random,
    services: catalog.services,
    permitsOf,
    observer: metrics.load,
  });
  const intake = new Intake(catalog, {
    clock,
    addressRules: new AddressRules(allowAddresses),
    removalGraceMs,
    onRefused: logRefused(logger),
  });
  const tlsOptions = tls && { files: tls, mayLackCertificate: tokens !== undefined, observer: tlsObserver(tlsTrouble, metrics, logger) };
  const identify: Identify = (connection, headers) => access.identify(connection, headers).catch(refuse);
  const server = new XdsServer(
    (router) => {
      xdsServices(router, host, identify);
      health.routes(router);
      loadReportService(router, load, identify);
    },
    clock,
    tlsOptions,
  );
  access.follow(() => host.reconsider());
  const watch = registry.watch({
    present: (service) => intake.present(service),
    gone: (name) => intake.gone(name),
    complete() {
      intake.complete();
      host.completed();
      health.set("", true);
      logger.info({ registry: registry.description, services: catalog.services.size }, "registry complete");
    },
    trouble: (error) => registryTrouble.tell(error),
  });
  metrics.add([...(watch.measures ?? []), ...access.measures]);
  const admin = new AdminServer({
    isReady: () => health.isServing(),
    metrics: (request, response) => metrics.answer(request, response),
    routes: (router) => clientStatusService(router, () => host.streams),
  });
  const close = async () => {
    watch.close();
    intake.close();
    health.end();
    host.close();
    load.close();
    access.close();
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
      health.end();
      const drained = server.drain();
      host.drain(withinMs);
      load.close();
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

function logRefused(logger: Logger): (endpoints: readonly RefusedEndpoint[]) => void {
  return (endpoints) => {
    for (const { service, endpoint } of endpoints)
      logger.warn({ service, address: endpoint.address }, "endpoint refused: see allowAddresses");
  };
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
