import type { Interceptor, Transport } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import type { Clock } from "../../clock.ts";
import type { CallLoop } from "../calls/call-loop.ts";
import { ConnectAttempts } from "./connect-attempt.ts";
import { createHttpClient } from "./http-client.ts";
import { asConnectHasIt, createProtocolTransport, type Protocol, type ResolvedProtocolOptions } from "./protocol-options.ts";
import { stoppable } from "./stoppable.ts";

export interface ConnectStreamsOptions {
  readonly protocol: Protocol;
  readonly protocolOptions: ResolvedProtocolOptions;
  readonly interceptors: readonly Interceptor[];
  readonly attemptInterceptors: readonly Interceptor[];
  /** Scheme and authority, as they stand at the front of every URL. */
  readonly origin: string;
  readonly authority: string | undefined;
  readonly pathPrefix: string;
  readonly rules: MethodRules;
  readonly clock: Clock;
}

/** Streams, through Connect's own protocol code. */
export function createConnectStreams(loop: CallLoop, options: ConnectStreamsOptions): Transport["stream"] {
  const { protocol, protocolOptions, interceptors, attemptInterceptors, origin, authority, pathPrefix, rules, clock } = options;
  const transport = createProtocolTransport(protocol, protocolOptions, {
    baseUrl: origin + pathPrefix,
    httpClient: createHttpClient(origin, authority),
    interceptors: [...interceptors, ...new ConnectAttempts(loop, rules, clock, attemptInterceptors).interceptors],
  });
  return stoppable((method, signal, timeoutMs, ...rest) => transport.stream(method, signal, asConnectHasIt(timeoutMs), ...rest));
}
