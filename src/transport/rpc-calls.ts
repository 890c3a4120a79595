import type { Interceptor, Transport } from "@connectrpc/connect";
import { BouncePermits } from "../balancer/bounce-permits.ts";
import type { MethodRules } from "../balancer/retries/method-rules.ts";
import type { Clock } from "../clock.ts";
import type { RandomSource } from "../random-source.ts";
import { CallLoop } from "./calls/call-loop.ts";
import type { CallObservers } from "./calls/call-observers.ts";
import { withMethodTimeouts } from "./connect/method-timeouts.ts";
import { type Protocol, type ProtocolOptions, resolveProtocolOptions } from "./connect/protocol-options.ts";
import { createStreamCalls } from "./streams/stream-calls.ts";
import { createUnaryCalls } from "./unary/unary-calls.ts";
import type { Upstream } from "./upstream/upstream.ts";

export interface RpcCallsOptions {
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
  readonly rules: MethodRules;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What URLs show for calls whose authority is only known once an endpoint is chosen (RFC 2606 keeps `.invalid` free). */
const unnamedHost = "endpoint.invalid";

/** Calls on an upstream: both kinds go through one loop. */
export function createRpcCalls(upstream: Upstream, options: RpcCallsOptions): Transport {
  const { scheme, authority, protocolOptions, pushback, observers, rules, clock, random } = options;
  const permits = pushback ? new BouncePermits() : undefined;
  const loop = new CallLoop({ upstream, clock, random, shared: rules, permits, observers });
  const resolved = {
    ...options,
    protocolOptions: resolveProtocolOptions(protocolOptions),
    interceptors: [...(protocolOptions.interceptors ?? [])],
    origin: `${scheme}://${authority ?? unnamedHost}`,
  };
  return withMethodTimeouts(
    { unary: createUnaryCalls(loop, resolved), stream: createStreamCalls(loop, resolved) },
    rules,
    protocolOptions.defaultTimeoutMs,
  );
}
