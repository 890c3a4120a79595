import type * as http2 from "node:http2";
import type { Interceptor } from "@connectrpc/connect";
import { createBalancer } from "./balancer/create-balancer.ts";
import type { Ejection } from "./balancer/ejection/ejection.ts";
import type { EjectionOptions } from "./balancer/ejection/probing-ejector.ts";
import type { SpillOptions } from "./balancer/level.ts";
import type { Policy } from "./balancer/policy.ts";
import type { SlowStartOptions } from "./balancer/slow-start.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { EndpointSource } from "./discovery/endpoint-source.ts";
import { type SourceOptions, sourceFor } from "./discovery/sources.ts";
import { assertLogger, type Logger, silentLogger } from "./logger.ts";
import type { RandomSource } from "./random-source.ts";
import { assertAuthority, authorityOf, hostOf } from "./transport/authority.ts";
import { type BalancedTransport, PooledTransport } from "./transport/balanced-transport.ts";
import { assertProtocol, type Protocol, type ProtocolOptions } from "./transport/protocol-options.ts";
import { createDial } from "./transport/sessions/dial.ts";
import { type GivenSessionOptions, resolveSessionOptions } from "./transport/sessions/session-options.ts";
import { type GivenSubset, narrowing } from "./transport/subsetting.ts";
import { TlsCredentials } from "./transport/tls/tls-credentials.ts";
import type { TlsOptions } from "./transport/tls/tls-options.ts";
import { EventHub } from "./transport/transport-events.ts";
import { warnOnce } from "./transport/warn-once.ts";

/** How calls are balanced, and how endpoints are found and reached. */
export interface BalancingOptions {
  /** How an endpoint is chosen. Default `adaptive()`. */
  readonly policy?: Policy | undefined;
  /** How failing endpoints are kept from calls for a while, or `outlierDetection()` for gRPC's way; false: they are not. */
  readonly ejection?: EjectionOptions | Ejection | false | undefined;
  /** Below this share of eligible endpoints ejections are ignored, 0 to 1. Default 0.5. */
  readonly panicThreshold?: number | undefined;
  /** How endpoints that are new, that came back or that were readmitted are ramped up; false: at once. Default: over 30 s. */
  readonly slowStart?: SlowStartOptions | false | undefined;
  /** When calls leave the zone. Default: above a utilization of 0.92, to endpoints where a call costs a twelfth or less. */
  readonly spill?: SpillOptions | undefined;
  /** A priority hands calls on to the next one when its eligible share, times this, is below 1. Default 1.4. */
  readonly overprovisioningFactor?: number | undefined;
  /**
   * The logical host that calls are addressed to: `:authority`, SNI, and the name that certificates are checked against. A host,
   * with a port only if it is a number. Default: the name in a `dns:` or `xds:` target; otherwise the dialled address.
   */
  readonly authority?: string | undefined;
  /** The zone that this client runs in. Default: the environment variable `MESHLESS_ZONE`. Calls stay in it while it has room. */
  readonly zone?: string | undefined;
  /**
   * For fleets so large that not every client should have sessions to every server: this client knows `size` healthy endpoints of each
   * priority, and with a `zone` so many of that zone and so many of all others. The same `clientId` always leads to the same ones; when one
   * of them leaves, one other takes its place. Clients choose independently, hence not quite evenly: 20 or more are advised. Default: all.
   */
  readonly subset?: GivenSubset | undefined;
  /** How long a call waits for the first endpoints, in ms; then it fails `unavailable`. Default 10 000. */
  readonly endpointsTimeoutMs?: number | undefined;
  /**
   * Lets servers that are above their limit turn calls away before their handlers, with `createHealthReporter({ pushback })`. Such a call is made
   * elsewhere at once, whatever its method, and the third attempt at the latest must be taken: no call fails for it. Default false.
   */
  readonly pushback?: boolean | undefined;
  /** How HTTP/2 sessions are kept. */
  readonly session?: GivenSessionOptions | undefined;
  /** See each attempt, inside of `interceptors`: headers set here are sent with that attempt only. `attemptInfo` tells them of it. */
  readonly attemptInterceptors?: readonly Interceptor[] | undefined;
  /** Settings of the sources behind `dns:` and `file:` targets. */
  readonly discovery?: Pick<SourceOptions, "dns" | "file"> | undefined;
  /** A logger of pino's shape. Default: none. Then the first notice of each code is a `MeshlessWarning` of the process. */
  readonly logger?: Logger | undefined;
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
  /** Default: `Math.random`. */
  readonly random?: RandomSource | undefined;
}

export interface BalancedTransportOptions extends ProtocolOptions, BalancingOptions {
  /** Default `connect`. */
  readonly protocol?: Protocol | undefined;
  /**
   * TLS: true, or options as Node.js takes them (`ca`, `cert`, `key`, ...). `files` takes certificates from files and follows them,
   * `spiffe` checks the server's SPIFFE ID. Default: h2c, HTTP/2 without TLS.
   */
  readonly tls?: boolean | TlsOptions | undefined;
}

/**
 * Creates a Connect transport that chooses an endpoint for every call.
 *
 * It starts to follow the target and to open sessions at once; close it when done (`await using`, or `close()`).
 *
 * @param target where endpoints come from: `dns:///host:port`, `static:///10.0.0.1:80,10.0.0.2:80`, `file:///endpoints.json`, or
 * a source of your own
 * @throws TypeError for a bad target or option, which says what to write instead
 * @throws Error for a certificate or a key that can't be read
 */
export function createBalancedTransport(target: string | EndpointSource, options: BalancedTransportOptions = {}): BalancedTransport {
  const { protocol = "connect", tls = false } = options;
  assertProtocol(protocol);
  return wireTransport(target, options, {
    protocol,
    protocolOptions: options,
    tls: tls === true ? {} : tls === false ? undefined : tls,
    plain: undefined,
    pathPrefix: "",
  });
}

/** What differs between the ways to create a transport. */
export interface Wire {
  readonly protocol: Protocol;
  readonly protocolOptions: ProtocolOptions;
  readonly tls: TlsOptions | undefined;
  readonly plain: http2.ClientSessionOptions | undefined;
  readonly pathPrefix: string;
}

/** Makes the parts and puts them together. */
export function wireTransport(target: string | EndpointSource, options: BalancingOptions, wire: Wire): BalancedTransport {
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options;
  // An empty variable is how many environments leave one out.
  const zone = (options.zone ?? process.env.MESHLESS_ZONE) || undefined;
  assertLogger(logger);
  const { policy, ejection, panicThreshold, slowStart, spill, overprovisioningFactor } = options;
  const found = findSource(target, options, clock, random);
  const authority = options.authority ?? found.authority;
  if (authority !== undefined) assertAuthority(authority);
  const hub = new EventHub(found.target, logger);
  const credentials = wire.tls && new TlsCredentials(wire.tls);
  return new PooledTransport({
    ...found,
    authority,
    balancer: createBalancer({
      policy,
      random,
      ejection,
      panicThreshold,
      slowStart,
      zone,
      spill,
      overprovisioningFactor,
      onEvent: (event) => hub.emit(event),
    }),
    hub,
    dial: createDial({ credentials, plain: wire.plain, serverName: authority && hostOf(authority) }),
    credentials,
    session: resolveSessionOptions(options.session),
    protocol: wire.protocol,
    protocolOptions: wire.protocolOptions,
    attemptInterceptors: options.attemptInterceptors ?? [],
    scheme: wire.tls === undefined ? "http" : "https",
    pathPrefix: wire.pathPrefix,
    zone,
    narrow: options.subset && narrowing(options.subset, zone, random),
    pushback: options.pushback,
    warn: options.logger === undefined ? warnOnce : undefined,
    endpointsTimeoutMs: options.endpointsTimeoutMs ?? 10_000,
    clock,
    random,
  });
}

function findSource(target: string | EndpointSource, options: BalancingOptions, clock: Clock, random: RandomSource) {
  if (typeof target !== "string") {
    const label = options.authority === undefined ? "the given source" : `the given source of ${options.authority}`;
    return { target: label, source: target, sourceName: options.authority ?? "", authority: undefined };
  }
  const { source, name, scheme } = sourceFor(target, { ...options.discovery, clock, random });
  const isNamed = scheme === "dns" || scheme === "xds";
  return { target, source, sourceName: name, authority: isNamed ? authorityOf(name) : undefined };
}
