import type * as http2 from "node:http2";
import type { Interceptor } from "@connectrpc/connect";
import { type BalancerOptions, balancingChecks } from "./balancer/balancer-options.ts";
import { createBalancer } from "./balancer/create-balancer.ts";
import { MethodRules } from "./balancer/retries/method-rules.ts";
import { checkShrinkGuard, type ShrinkGuardOptions } from "./balancer/shrink-guard.ts";
import { assertChecked, durationMs, either, flag, number, type OptionChecks, optionsOf, orFalse } from "./check-options.ts";
import { type Clock, checkClock, systemClock } from "./clock.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { checkTarget, type EndpointSource } from "./discovery/endpoint-source.ts";
import { sourceFor } from "./discovery/sources.ts";
import { parseTarget } from "./discovery/target.ts";
import { checkDiscovery, type DiscoveryOptions } from "./discovery-options.ts";
import { checkServiceConfig, type GrpcServiceConfig } from "./grpc-service-config.ts";
import { checkLogger, type Logger, silentLogger } from "./logger.ts";
import { checkMethods, type MethodList } from "./method-options.ts";
import { type PushSourceParts, pushSource } from "./push-source.ts";
import { checkRandom, type RandomSource } from "./random-source.ts";
import { checkRetry, type RetryOptions } from "./retry-options.ts";
import type { Affinity } from "./service-config.ts";
import { authorityOf, checkAuthority, hostOf } from "./transport/authority.ts";
import { type BalancedTransport, pooledTransport } from "./transport/balanced-transport.ts";
import { type CallObserver, checkObserver } from "./transport/calls/call-observer.ts";
import { CallObservers } from "./transport/calls/call-observers.ts";
import {
  checkInterceptors,
  checkProtocol,
  type Protocol,
  type ProtocolOptions,
  protocolChecks,
} from "./transport/connect/protocol-options.ts";
import type { TransportEvent } from "./transport/events/event-catalogue.ts";
import { EventHub } from "./transport/events/event-hub.ts";
import { createRpcCalls, type RpcCallsOptions } from "./transport/rpc-calls.ts";
import { createDial, type DialOptions } from "./transport/sessions/dial.ts";
import { PingPaces } from "./transport/sessions/ping-pace.ts";
import { checkSession, type GivenSessionOptions, resolveSessionOptions } from "./transport/sessions/session-options.ts";
import { TlsCredentials } from "./transport/tls/tls-credentials.ts";
import { checkTls, type TlsOptions, toTlsOptions } from "./transport/tls/tls-options.ts";
import { checkTelemetry, type TransportTelemetry } from "./transport/transport-telemetry.ts";
import type { ServiceOptions } from "./transport/upstream/service-endpoints.ts";
import { checkSubset, type GivenSubset, narrowing } from "./transport/upstream/subsetting.ts";
import { Upstream } from "./transport/upstream/upstream.ts";
import { warnOnce } from "./transport/warn-once.ts";

/** Of a control plane: some 100,000 endpoints. */
const maxResponseBytes = 32 * 1024 * 1024;

/** Of what a control plane sends: a response of 10,000 endpoints and more comes in one go, rather than by 64 KiB for each round trip. */
const windowBytes = 2 * 1024 * 1024;

/** Of a control plane's name. Within the time that a first call waits for endpoints, another control plane may have to be asked. */
const maxLookupMs = 5_000;

/** How calls are balanced, and how endpoints are found and reached. */
export interface BalancingOptions extends Omit<BalancerOptions, "random" | "onEvent"> {
  /**
   * How calls are made again after a server may have acted on them, for methods whose schema says that they may be carried out twice
   * (`NO_SIDE_EFFECTS`, `IDEMPOTENT`); false: never. Default: twice at most, after a failure or `unavailable`, and within a budget of a tenth of the calls.
   * What no server has acted on is made again in any case.
   */
  readonly retry?: RetryOptions | false | undefined;
  /** What is different for single methods: `[[CheckoutService.method.pay, { idempotent: true }]]`. */
  readonly methods?: MethodList | undefined;
  /**
   * Whether calls wait for an endpoint where none can be reached, until their deadline, rather than fail at once. Default false. The context value
   * `waitForReady` says it of one call.
   */
  readonly waitForReady?: boolean | undefined;
  /** How methods are called, in gRPC's words. What other options say outranks it. */
  readonly serviceConfig?: GrpcServiceConfig | undefined;
  /**
   * The logical host that calls are addressed to: `:authority`, SNI, and the name that certificates are checked against. A host,
   * with a port only if it is a number. Default: the name in a `dns:` or `xds:` target; otherwise the dialled address.
   */
  readonly authority?: string | undefined;
  /**
   * The zone that this client runs in. Default: the environment variable `MESHLESS_ZONE`, or what the control plane of an `xds:` target says of {@link node}.
   * Calls stay in it while it has room.
   */
  readonly zone?: string | undefined;
  /** The node that this client runs on, such as a machine of Kubernetes. Default: the environment variable `NODE_NAME`. For {@link affinity}, and to find the zone. */
  readonly node?: string | undefined;
  /**
   * With which endpoints calls stay while those have room: `zone` for the own zone; `node` for the own node, as endpoints have it as their label `node`, or else
   * the own zone; `nodeOnly` for the own node and nobody else, even if there is nobody. Default: what discovery says, or else `zone`.
   */
  readonly affinity?: Affinity | undefined;
  /**
   * For fleets so large that not every client should have sessions to every server: this client knows `size` healthy endpoints of each
   * priority, and with a `zone` so many of that zone and so many of all others. The same `clientId` always leads to the same ones; when one
   * of them leaves, one other takes its place. Clients choose independently, hence not quite evenly: 20 or more are advised. Default: all.
   */
  readonly subset?: GivenSubset | undefined;
  /**
   * When endpoints that the source leaves out are retained because they serve; false: never. Default: for up to 10 minutes, while fewer than half as many of
   * those that are listed serve as served before, as with an empty set or no such service.
   */
  readonly shrinkGuard?: ShrinkGuardOptions | false | undefined;
  /** How long a call waits for the first endpoints, in ms; then it fails `unavailable`. Default 10 000. */
  readonly endpointsTimeoutMs?: number | undefined;
  /**
   * Lets servers that are above their limit turn calls away before their handlers, with `createHealthReporter({ pushback })`. Such a call is made
   * elsewhere at once, whatever its method, and the third attempt at the latest must be taken: no call fails for it. Default false.
   */
  readonly pushback?: boolean | undefined;
  /**
   * Each server is asked to report its load this often, in ms, 100 to 3 600 000, beside its answers to calls (ORCA out of band, gRFC A51): for clients that
   * make few calls. Servers offer it with `orcaService()`, or in any gRPC library, and may make it less often. Default: no server is asked.
   */
  readonly reportIntervalMs?: number | undefined;
  /** How HTTP/2 sessions are kept. */
  readonly session?: GivenSessionOptions | undefined;
  /** See each attempt, inside of `interceptors`: headers set here are sent with that attempt only. `attemptInfo` tells them of it. */
  readonly attemptInterceptors?: readonly Interceptor[] | undefined;
  /** Settings of the sources behind `xds:`, `dns:` and `file:` targets. */
  readonly discovery?: DiscoveryOptions | undefined;
  /** A logger of pino's shape. Default: none. Then the first notice of each code is a `MeshlessWarning` of the process. */
  readonly logger?: Logger | undefined;
  /** Hears of every call and its attempts, for metrics and traces. */
  readonly observer?: CallObserver | undefined;
  /** Spans and metrics of OpenTelemetry: `telemetry({ ... })` of `meshless/observability`. Default: none. */
  readonly telemetry?: TransportTelemetry | undefined;
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
  /** Default: `Math.random`. */
  readonly random?: RandomSource | undefined;
}

/** Options of `createBalancedTransport`. */
export interface BalancedTransportOptions extends ProtocolOptions, BalancingOptions {
  /** Default `connect`. */
  readonly protocol?: Protocol | undefined;
  /**
   * TLS: true, or options as Node.js takes them (`ca`, `cert`, `key`, ...). `files` takes certificates from files and follows them,
   * `spiffe` checks the server's SPIFFE ID. Default: h2c, HTTP/2 without TLS.
   */
  readonly tls?: boolean | TlsOptions | undefined;
}

export const balancingTransportChecks: OptionChecks<BalancingOptions> = {
  ...balancingChecks,
  retry: checkRetry,
  methods: checkMethods,
  waitForReady: flag,
  serviceConfig: checkServiceConfig,
  authority: checkAuthority,
  subset: checkSubset,
  shrinkGuard: orFalse(checkShrinkGuard),
  endpointsTimeoutMs: durationMs,
  pushback: flag,
  reportIntervalMs: number({ unit: "milliseconds", from: 100, to: 3_600_000 }),
  session: checkSession,
  attemptInterceptors: checkInterceptors,
  discovery: checkDiscovery,
  logger: checkLogger,
  observer: checkObserver,
  telemetry: checkTelemetry,
  clock: checkClock,
  random: checkRandom,
};

const check = optionsOf<BalancedTransportOptions>({
  ...balancingTransportChecks,
  ...protocolChecks,
  protocol: checkProtocol,
  tls: either("true, false or options", flag, checkTls),
});

/**
 * Creates a Connect transport that chooses an endpoint for every call.
 *
 * It starts to follow the target and to open sessions at once; close it when done (`await using`, or `close()`).
 *
 * @param target where endpoints come from: `xds:///checkout.shop:8080`, `dns:///host:port`, `static:///10.0.0.1:80,10.0.0.2:80`, `file:///endpoints.json`, or
 * a source of your own
 * @throws ConfigurationError for a bad target or option, which says what to write instead
 * @throws Error for a certificate or a key that can't be read
 */
export function createBalancedTransport(target: string | EndpointSource, options: BalancedTransportOptions = {}): BalancedTransport {
  const { protocol = "connect", tls = false } = assertChecked(options, check);
  return wireTransport(target, options, {
    protocol,
    protocolOptions: options,
    tls: toTlsOptions(tls),
    plain: undefined,
    pathPrefix: "",
  });
}

/** What differs between the ways to create a transport. */
interface Wire
  extends Pick<RpcCallsOptions, "protocol" | "protocolOptions" | "pathPrefix">,
    Pick<ServiceOptions, "holdsProcess" | "reopens" | "pingPaces">,
    Pick<DialOptions, "windowBytes"> {
  readonly tls: TlsOptions | undefined;
  readonly plain: http2.ClientSessionOptions | undefined;
}

/** Makes the parts and puts them together. */
export function wireTransport(target: string | EndpointSource, options: BalancingOptions, wire: Wire): BalancedTransport {
  assertChecked(target, checkTarget, "target");
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options;
  // An empty variable is how many environments leave one out.
  const zone = (options.zone ?? process.env.MESHLESS_ZONE) || undefined;
  const node = (options.node ?? process.env.NODE_NAME) || undefined;
  const { policy, ejection, panicThreshold, slowStart, spill, overprovisioningFactor, limits, affinity } = options;
  if (options.subset !== undefined && policy?.needsAllEndpoints) {
    throw new ConfigurationError(
      "subset: it leaves this client endpoints of its own, and a policy such as maglev() or ringHash() needs those of all clients; choose another policy, or leave subset out",
    );
  }
  const found = findSource(target, options, { zone, node, clock, random });
  const authority = options.authority ?? found.authority;
  const hub = new EventHub(found.target, logger);
  const credentials = wire.tls && new TlsCredentials(wire.tls);
  const emit = (event: TransportEvent) => hub.emit(event);
  const balancer = createBalancer({
    policy,
    random,
    ejection,
    panicThreshold,
    slowStart,
    zone,
    node,
    affinity,
    spill,
    overprovisioningFactor,
    limits,
    onEvent: emit,
  });
  const name = { target: found.target, authority };
  const observers = new CallObservers({ target: found.target, clock, onFault: emit });
  if (options.observer !== undefined) observers.observe(options.observer);
  const inspect = () => {
    const ofUpstream = upstream.inspect();
    const settings = { ...ofUpstream.settings, ...rules.inForce() };
    return { ...name, zone: balancer.position.zone, ...ofUpstream, retryBudget: rules.budget.inspect(clock.now()), settings };
  };
  // Before anything goes on by itself: if it throws, nothing is left behind.
  const { observe } = observers;
  options.telemetry?.attach({
    ...name,
    get zone() {
      return balancer.position.zone;
    },
    protocol: wire.protocol,
    inspect,
    observe,
    events: () => hub.events(),
  });
  const rules = new MethodRules(options, clock.now());
  const upstream = new Upstream({
    ...found,
    balancer,
    onConfig: (config) => rules.configure(config),
    dial: createDial({ credentials, plain: wire.plain, serverName: authority && hostOf(authority), windowBytes: wire.windowBytes }),
    credentials,
    session: resolveSessionOptions(options.session),
    outOfBand:
      options.reportIntervalMs === undefined ? undefined : { intervalMs: options.reportIntervalMs, authority, pathPrefix: wire.pathPrefix },
    narrow: options.subset && narrowing(options.subset, random),
    shrinkGuard: options.shrinkGuard,
    endpointsTimeoutMs: options.endpointsTimeoutMs ?? 10_000,
    holdsProcess: wire.holdsProcess,
    reopens: wire.reopens,
    pingPaces: wire.pingPaces,
    emit,
    warn: options.logger === undefined ? warnOnce : undefined,
    clock,
    random,
  });
  const calls = createRpcCalls(upstream, {
    ...wire,
    attemptInterceptors: options.attemptInterceptors ?? [],
    scheme: wire.tls === undefined ? "http" : "https",
    authority,
    pushback: options.pushback,
    observers,
    rules,
    clock,
    random,
  });
  return pooledTransport({ inspect, upstream, calls, observers, hub });
}

function findSource(target: string | EndpointSource, options: BalancingOptions, parts: Omit<PushSourceParts, "connect">) {
  if (typeof target !== "string") {
    const label = options.authority === undefined ? "the given source" : `the given source of ${options.authority}`;
    return { target: label, source: target, sourceName: options.authority ?? "", authority: undefined };
  }
  const { dns, file } = options.discovery ?? {};
  const { scheme, name } = parseTarget(target);
  if (scheme === "xds") {
    // Each stream has a transport, and each would be too quick for a control plane that has complained.
    const pingPaces = new PingPaces();
    const connect: PushSourceParts["connect"] = (target, tls) => controlPlaneTransport(target, tls, { ...parts, pingPaces });
    const source = pushSource(options.discovery?.xds, { ...parts, connect });
    return { target, source, sourceName: name, authority: authorityOf(name) };
  }
  const { source } = sourceFor(target, { ...(dns && { dns }), ...(file && { file }), clock: parts.clock, random: parts.random });
  return { target, source, sourceName: name, authority: scheme === "dns" ? authorityOf(name) : undefined };
}

/** Our own transport goes to the control planes too. It is pinged more often than others: nothing else tells that one hangs. */
export function controlPlaneTransport(
  target: string,
  tls: TlsOptions | undefined,
  { clock, random, pingPaces }: Pick<PushSourceParts, "clock" | "random"> & Pick<ServiceOptions, "pingPaces">,
): BalancedTransport {
  // Silent: its troubles are those of the source, and one address is fine for a control plane. Of many replicas it dials two, and soon leaves the one that
  // it does without: otherwise each of them would hold a connection of every client.
  const session = { pingIntervalMs: 10_000, idleConnectionTimeoutMs: 10_000 };
  const options = { session, subset: { size: 2 }, endpointsTimeoutMs: maxLookupMs, logger: silentLogger, clock, random };
  // It carries one stream, and closes with it. A session in place of a lost one would come from all clients in the moment in which a control plane goes.
  const oneStream = { holdsProcess: false, reopens: false, pingPaces, windowBytes };
  const protocolOptions = { readMaxBytes: maxResponseBytes };
  return wireTransport(target, options, { protocol: "grpc", protocolOptions, plain: undefined, pathPrefix: "", tls, ...oneStream });
}
