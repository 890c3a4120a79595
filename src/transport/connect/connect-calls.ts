import type { Interceptor, Transport } from "@connectrpc/connect";
import { BouncePermits } from "../../balancer/bounce-permits.ts";
import type { Clock } from "../../clock.ts";
import { CallLoop } from "../calls/call-loop.ts";
import type { CallObservers } from "../calls/call-observers.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { ConnectAttempts } from "./connect-attempt.ts";
import { createHttpClient } from "./http-client.ts";
import { createProtocolTransport, type Protocol, type ProtocolOptions } from "./protocol-options.ts";
import { withStoppableStreams } from "./stoppable.ts";

export interface ConnectCallsOptions {
  readonly protocol: Protocol;
  readonly protocolOptions: ProtocolOptions;
  readonly attemptInterceptors: readonly Interceptor[];
  readonly scheme: "http" | "https";
  readonly authority: string | undefined;
  /** Prefix of every path, without a slash at its end. */
  readonly pathPrefix: string;
  /** Whether servers may bounce calls. Default false. */
  readonly pushback?: boolean | undefined;
  readonly observers?: CallObservers | undefined;
  readonly clock: Clock;
}

/** What URLs show for calls whose authority is only known once an endpoint is chosen (RFC 2606 keeps `.invalid` free). */
const unnamedHost = "endpoint.invalid";

/** Calls on an upstream, through Connect's own protocol code. */
export function createConnectCalls(upstream: Upstream, options: ConnectCallsOptions): Transport {
  const { scheme, authority, pathPrefix, protocol, protocolOptions, attemptInterceptors, pushback, observers, clock } = options;
  const loop = new CallLoop({ upstream, clock, permits: pushback ? new BouncePermits() : undefined, observers });
  const origin = `${scheme}://${authority ?? unnamedHost}`;
  const inner = createProtocolTransport(protocol, protocolOptions, {
    baseUrl: origin + pathPrefix,
    httpClient: createHttpClient(origin, authority),
    interceptors: [...(protocolOptions.interceptors ?? []), ...new ConnectAttempts(loop, clock, attemptInterceptors).interceptors],
  });
  return withStoppableStreams(inner);
}
