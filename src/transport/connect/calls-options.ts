import type { Interceptor } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import type { Clock } from "../../clock.ts";
import type { Protocol, ResolvedProtocolOptions } from "./protocol-options.ts";

/** What unary calls and streams of a transport have in common. */
export interface CallsOptions {
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
