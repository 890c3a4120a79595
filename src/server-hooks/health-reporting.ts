import type { Server } from "node:net";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
  type ContextValues,
  createConnectRouter,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import type { ConnectNodeAdapterOptions } from "@connectrpc/connect-node";
import { bouncedHeader, mayBounceHeader, permitsBounce } from "../bounce.ts";
import { assertChecked, assertOptions, callable, either, flag, having, type OptionChecks } from "../check-options.ts";
import { systemClock } from "../clock.ts";
import { loadReportHeader } from "../orca.ts";
import { type AdaptiveLimit, AdaptiveLimiter, type AdaptiveLimitOptions, assertLimits, checkAdaptiveLimit } from "./adaptive-limit.ts";
import { createHandler, type NodeHandler } from "./create-handler.ts";
import { createDrain, type Drain, type DrainOptions, drainChecks } from "./drain.ts";
import type { GuardedResponse } from "./guarded.ts";
import { HealthService } from "./health-service.ts";
import { type BegunCall, type CallEnd, type EndCall, LoadSampler, type LoadSamplerOptions, samplerChecks } from "./load-sampler.ts";
import { isNoCall } from "./no-call.ts";
import { checkPushback, createPushback, type PushbackOptions } from "./pushback.ts";
import { ServerConnections } from "./server-connections.ts";
import { isServersFault } from "./servers-fault.ts";
import { isWarmUp } from "./warm-up/in-process-transport.ts";
import { checkWarmUp, notWarmedUp, type WarmedUp, WarmUp, type WarmUpOptions } from "./warm-up/warm-up.ts";

/** Options of `createHealthReporter`. */
export interface HealthReporterOptions extends LoadSamplerOptions {
  /**
   * What is done before the server is ready: a function, or requests that are played through its own routes until they are answered as quickly as they
   * ever will be. Until then health checks say NOT_SERVING. Default: nothing.
   */
  readonly warmUp?: (() => unknown) | WarmUpOptions | undefined;
  /**
   * Has the gate turn calls away, `resource_exhausted`, where more of them in flight would only make all slower. How many that are is found out from how
   * long calls take. Takes the gate. Default false.
   */
  readonly limit?: boolean | AdaptiveLimitOptions | undefined;
  /**
   * Lets the gate bounce calls whose clients permit it (`pushback: true` there too): beyond `maxInFlight` calls in flight, or beyond `limit`, or as the options say.
   * Takes the gate: an interceptor runs when a request has been read. Default false.
   */
  readonly pushback?: boolean | PushbackOptions | undefined;
}

/**
 * Tells clients how loaded this server is, and when it goes. Install the handler; or the interceptor, or the gate as well. Neither fails a call; with
 * `pushback` the gate sends some elsewhere, and with `limit` it turns away what is too much. For clients that make few calls, add `orcaService` with its sampler.
 *
 * ```ts
 * const health = createHealthReporter();
 * const server = protect(http2.createServer(boundedHttp2Options(), health.handler({ routes })));
 * health.drainOnSignal(server);
 * ```
 */
export interface HealthReporter {
  /**
   * `guarded(connectNodeAdapter(options))` with the interceptor, the gate and the health service installed, before those of your own. The health service
   * knows all services of the routes.
   */
  handler(options: ConnectNodeAdapterOptions): NodeHandler;
  /**
   * Takes a server out of service at SIGTERM, so that no call is lost: see docs/draining.md. For any server of `node:http`, `node:https` or `node:http2`,
   * Fastify's `app.server` included; to be called before it listens, and for each server of this process.
   *
   * @throws ConfigurationError for an option that can't be used
   */
  drainOnSignal(server: Server, options?: DrainOptions): Drain;
  /**
   * Begins the option `warmUp`, once; `handler` does it by itself. With the options that your router gets, hooks included; none are needed where
   * `warmUp` is a function.
   */
  startWarmUp(options?: ConnectRouterOptions & { readonly routes: (router: ConnectRouter) => void }): void;
  /** Resolves when the server is warm, at once without `warmUp`; never rejects. */
  readonly warmedUp: Promise<WarmedUp>;
  /** Answers a probe over plain HTTP, 200 or 503, by what {@link service} says of the server as a whole. For a path of your own, such as by the option `fallback`. */
  readonly readiness: (request: unknown, response: GuardedResponse) => void;
  /** `grpc.health.v1`: the status of each service. */
  readonly service: HealthService;
  /** Aborts when new calls go elsewhere and those under way are to end: for streams that would not end by themselves. */
  readonly leaving: AbortSignal;
  /**
   * Goes into the `interceptors` of a Connect router, anywhere in the list. Puts a report into the response headers;
   * for gRPC into the trailers, and into the headers where a stream starts. A ConnectError carries it in its metadata.
   * Without the gate, two kinds of failed calls go without a report: an error that is no ConnectError, and one that came from
   * another server and was thrown on.
   */
  readonly interceptor: Interceptor;
  /**
   * Goes into the option `requestGate` of a Connect router, and covers every call, however it ends. With a gate of your
   * own, run this one first: `(context) => { health.requestGate(context); return authenticate(context); }`.
   *
   * @throws ConnectError with `pushback` or `limit` only: what answers a call that is bounced, or turned away
   */
  readonly requestGate: (context: HandlerContext) => void;
  /** What `limit` does; undefined without it. */
  readonly limit: AdaptiveLimit | undefined;
  /** Measures the load, once for both. */
  readonly sampler: LoadSampler;
}

/** Reports this server's load to its clients: `connectNodeAdapter({ routes, interceptors: [healthReporting()] })`. */
export function healthReporting(options: LoadSamplerOptions = {}): Interceptor {
  return createHealthReporter(assertOptions("healthReporting", options, samplerChecks)).interceptor;
}

/**
 * The interceptor of {@link healthReporting} together with a request gate. One reporter serves any number of routers.
 *
 * @throws ConfigurationError for an option that can't be used, or `pushback` without a limit
 */
export function createHealthReporter(options: HealthReporterOptions = {}): HealthReporter {
  assertOptions("createHealthReporter", options, reporterChecks);
  if (typeof options.limit === "object") assertLimits(options.limit);
  const sampler = new LoadSampler(options);
  const limiter = limiting(options);
  const bounces = bouncing(options, sampler, limiter);
  const service = new HealthService();
  const warmUp = options.warmUp && new WarmUp(options.warmUp, sampler);
  if (warmUp) {
    service.startWarmUp();
    warmUp.done.then(() => service.endWarmUp());
  }
  const leaving = new AbortController();
  const followedCall = createContextKey<FollowedCall | undefined>(undefined, { description: "call followed by health reporting" });

  /** Counts a call until its signal aborts, which Connect sees to at the end of every call. Once only, whoever comes first. */
  function follow(values: ContextValues, signal: AbortSignal, begun: BegunCall, gated: boolean, leavePlace?: EndCall): FollowedCall {
    const known = values.get(followedCall);
    if (known !== undefined) return known;
    const endCall = quietly(() => sampler.begin(begun));
    const end: EndCall = (end) => {
      leavePlace?.(end);
      quietly(() => endCall?.(end));
    };
    const call: FollowedCall = { gated, end };
    values.set(followedCall, call);
    whenAborted(signal, () => call.end(endBySignal(signal.reason)));
    return call;
  }

  const report = (headers: Headers) => quietly(() => headers.set(loadReportHeader, sampler.encoded()));

  function requestGate(context: HandlerContext): void {
    if (isNoCall(context.service) || context.values.get(isWarmUp)) return;
    const { requestHeader, responseHeader, responseTrailer, signal } = context;
    // A second gate of the same reporter would take a second place.
    if (context.values.get(followedCall) !== undefined) return;
    const mayBounce = takePermit(requestHeader);
    if (bounces?.(mayBounce)) {
      report(responseHeader);
      responseHeader.set(bouncedHeader, "1");
      throw new ConnectError("above the limit: ask another server", Code.ResourceExhausted, { "grpc-retry-pushback-ms": "0" });
    }
    const place = limiter?.admit(context);
    if (place === "shed") {
      sampler.turnAway();
      const error = tooMuch(limiter?.pauseMs() ?? 0);
      report(error.metadata);
      throw error;
    }
    const isGrpc = context.protocolName === "grpc";
    const unary = context.method.methodKind === "unary";
    if (!isGrpc || !unary) report(responseHeader);
    follow(context.values, signal, { unary }, true, place);
    // Connect aborts the signal just before it sends the headers of its own unary protocol, and the trailers of gRPC.
    whenAborted(signal, () => report(isGrpc ? responseTrailer : responseHeader));
  }

  const interceptor: Interceptor = (next) => async (request) => {
    if (isNoCall(request.service) || request.contextValues.get(isWarmUp)) return next(request);
    if (!request.stream) quietly(() => warmUp?.recorder?.note(request.method, request.message));
    const call = follow(request.contextValues, request.signal, { unary: !request.stream }, false);
    try {
      const response = await next(request);
      if (response.stream) {
        report(response.header);
        if (isGrpcRequest(request.header)) whenAborted(request.signal, () => report(response.trailer));
      } else {
        call.end("success");
        report(isGrpcRequest(request.header) ? response.trailer : response.header);
      }
      return response;
    } catch (error) {
      call.end(isServersFault(error) ? "failure" : "other");
      // Metadata is appended to what the gate has set: the report would be there twice.
      if (!call.gated && error instanceof ConnectError) report(error.metadata);
      throw error;
    }
  };

  function drainOnSignal(server: Server, options: DrainOptions = {}): Drain {
    const { clock = systemClock } = assertOptions("drainOnSignal", options, drainChecks);
    const connections = new ServerConnections(assertChecked(server, checkServer, "drainOnSignal.server"), clock);
    let recorded: Promise<void> | undefined;
    const drain = () => {
      sampler.startDraining();
      warmUp?.stop();
      recorded = warmUp?.recorder?.flush();
      service.drain();
      connections.drain();
    };
    const leave = () => {
      service.end();
      leaving.abort();
      connections.leave();
    };
    return createDrain({ drain, leave, cut: () => connections.cut(), closed: connections.closed.then(() => recorded) }, options);
  }

  const handlers: UniversalHandler[] = [];
  /** When all routers are there that are made together. */
  function onRoutes(added: readonly UniversalHandler[]): void {
    handlers.push(...added);
    if (warmUp) queueMicrotask(() => warmUp.start(handlers));
  }

  function startWarmUp(options?: ConnectRouterOptions & { readonly routes: (router: ConnectRouter) => void }): void {
    const router = createConnectRouter(options);
    options?.routes(router);
    onRoutes(router.handlers);
  }

  function readiness(_request: unknown, response: GuardedResponse): void {
    const isReady = service.isServing();
    response.writeHead(isReady ? 200 : 503, { "content-type": "text/plain" });
    response.end(isReady ? "ready\n" : "not ready\n");
  }

  const hooks = { interceptor, requestGate, service, onRoutes };
  const warmedUp = warmUp ? warmUp.done : Promise.resolve(notWarmedUp);
  return {
    interceptor,
    requestGate,
    service,
    sampler,
    limit: limiter,
    leaving: leaving.signal,
    warmedUp,
    startWarmUp,
    readiness,
    handler: (options) => createHandler(options, hooks),
    drainOnSignal,
  };
}

const reporterChecks: OptionChecks<HealthReporterOptions> = {
  ...samplerChecks,
  warmUp: either("a function, or options", callable<() => unknown>(), checkWarmUp),
  limit: either("true, false or options", flag, checkAdaptiveLimit),
  pushback: either("true, false or options", flag, checkPushback),
};

const checkServer = having<Server>("a server of node:http, node:https or node:http2", "on", "close");

function limiting({ limit = false, clock = systemClock }: HealthReporterOptions): AdaptiveLimiter | undefined {
  return limit === false ? undefined : new AdaptiveLimiter(limit === true ? {} : limit, clock);
}

/** Answers a call that is too much. `resource_exhausted` asks for less; by `unavailable`, clients and proxies take a server for broken, and burden the others. */
function tooMuch(pauseMs: number): ConnectError {
  const metadata = { "grpc-retry-pushback-ms": String(pauseMs), "retry-after": "1" };
  return new ConnectError("the server has more calls than it can bear", Code.ResourceExhausted, metadata);
}

function bouncing({ pushback = false, maxInFlight }: HealthReporterOptions, sampler: LoadSampler, limiter: AdaptiveLimiter | undefined) {
  if (pushback === false) return undefined;
  const byLimiter = limiter && (() => limiter.isFull());
  const { limit = maxInFlight ?? byLimiter, maxShare } = pushback === true ? {} : pushback;
  return createPushback({ limit, maxShare }, sampler);
}

/** Whether the client permits a bounce. The permit is for this server: a handler that hands its headers on must not pass it to another one. */
function takePermit(requestHeader: Headers): boolean {
  const permit = requestHeader.get(mayBounceHeader);
  if (permit !== null) requestHeader.delete(mayBounceHeader);
  return permitsBounce(permit);
}

interface FollowedCall {
  readonly end: EndCall;
  /** The gate saw the call, and puts a report into whatever answers it. */
  readonly gated: boolean;
}

/**
 * What the signal of a call tells of its end. Connect aborts it without a reason when all went well. So it does when a caller leaves over
 * HTTP/1.1, which can't be told apart here.
 */
function endBySignal(reason: unknown): CallEnd {
  if (isServersFault(reason)) return "failure";
  return reason instanceof ConnectError ? "other" : "success";
}

function isGrpcRequest(header: Headers): boolean {
  return /^application\/grpc(?!-web)/i.test(header.get("content-type") ?? "");
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

/** No call fails because its report could not be written: it goes without. */
function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
