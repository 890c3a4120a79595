import {
  durationInMs,
  type GrpcHedgingPolicy,
  type GrpcMethodConfig,
  type GrpcRetryPolicy,
  type GrpcServiceConfig,
  patternsOf,
  statusesOf,
} from "../../grpc-service-config.ts";
import type { HedgingOptions } from "../../hedging-options.ts";
import type { MethodRetryOptions } from "../../retry-options.ts";

/** gRPC bounds attempts so, whatever is written. */
const mostAttempts = 5;

/** The methods of a service config of gRPC, in our words. */
export class GrpcMethods {
  readonly #configs: ReadonlyMap<string, GrpcMethodConfig>;

  /** @param config that was checked */
  constructor({ methodConfig = [] }: GrpcServiceConfig) {
    this.#configs = new Map(methodConfig.flatMap((config) => patternsOf(config).map((pattern) => [pattern, config] as const)));
  }

  /** @param method `package.Service/Method` */
  of(method: string): GrpcMethodConfig | undefined {
    const configs = this.#configs;
    if (configs.size === 0) return undefined;
    return configs.get(method) ?? configs.get(method.slice(0, method.indexOf("/") + 1)) ?? configs.get("");
  }
}

export function retryOptionsOf(policy: GrpcRetryPolicy): MethodRetryOptions {
  const { maxAttempts, initialBackoff, maxBackoff, backoffMultiplier: multiplier, retryableStatusCodes } = policy;
  return {
    maxAttempts: Math.min(maxAttempts, mostAttempts),
    codes: statusesOf(retryableStatusCodes),
    backoff: { baseMs: durationInMs(initialBackoff), maxMs: durationInMs(maxBackoff), multiplier },
  };
}

export function hedgingOptionsOf({ maxAttempts, hedgingDelay = "0s", nonFatalStatusCodes = [] }: GrpcHedgingPolicy): HedgingOptions {
  return { maxAttempts: Math.min(maxAttempts, mostAttempts), delayMs: durationInMs(hedgingDelay), codes: statusesOf(nonFatalStatusCodes) };
}
