import { type Check, flag, list, number, optionsOf, required, such, text, whole } from "./check-options.ts";
import { isObject } from "./is-object.ts";
import { type StatusName, statusNames, statusNumber } from "./status-code.ts";

/**
 * How methods are called, in gRPC's own words: the JSON of its service config, read by gRPC's rules.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/service_config.md
 */
export interface GrpcServiceConfig {
  /** A method has what the most exact of its names says: its own, that of its service, or `{}`. */
  readonly methodConfig?: readonly GrpcMethodConfig[] | undefined;
  /** Tokens of the target: each failure that could be repeated takes one, each success gives `tokenRatio`. Repeats need more than half of `maxTokens`. */
  readonly retryThrottling?: { readonly maxTokens: number; readonly tokenRatio: number } | undefined;
  /** Not read: the option `policy` chooses. */
  readonly loadBalancingConfig?: undefined;
  /** Not read, likewise. */
  readonly loadBalancingPolicy?: undefined;
}

/** An entry of `methodConfig` in gRPC's service config. */
export interface GrpcMethodConfig {
  readonly name: readonly { readonly service?: string | undefined; readonly method?: string | undefined }[];
  /** Whether calls wait for an endpoint where none can be reached, rather than fail. */
  readonly waitForReady?: boolean | undefined;
  /** The longest deadline, as in `"1.5s"`: the shorter of it and the call's own counts. */
  readonly timeout?: string | undefined;
  readonly retryPolicy?: GrpcRetryPolicy | undefined;
  readonly hedgingPolicy?: GrpcHedgingPolicy | undefined;
}

/** `retryPolicy` of gRPC's service config. Durations are texts such as `"0.1s"`. */
export interface GrpcRetryPolicy {
  /** The first one included, 2 or more; more than 5 are 5. */
  readonly maxAttempts: number;
  readonly initialBackoff: string;
  readonly maxBackoff: string;
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: readonly GrpcStatus[];
}

/** `hedgingPolicy` of gRPC's service config. */
export interface GrpcHedgingPolicy {
  /** The first one included, 2 or more; more than 5 are 5. */
  readonly maxAttempts: number;
  /** Default `"0s"`: all at once. */
  readonly hedgingDelay?: string | undefined;
  /** Failures that do not end the call; for each, the next attempt is made at once. Default none. */
  readonly nonFatalStatusCodes?: readonly GrpcStatus[] | undefined;
}

/** `"UNAVAILABLE"`, in any case, or 14. */
export type GrpcStatus = string | number;

const checkDuration: Check<string> = such('a duration such as "0.1s"', (value) => typeof value === "string" && durationPattern.test(value));
const durationPattern = /^(\d{1,12}(\.\d{1,9})?|\.\d{1,9})s$/;

const checkStatus: Check<GrpcStatus> = such('a status such as "UNAVAILABLE" or 14', (value) => statusOf(value) !== undefined);
const checkStatuses = list("a list of statuses", checkStatus);
const checkAttempts = whole(2);

const checkRetryPolicy = optionsOf<GrpcRetryPolicy>({
  maxAttempts: required(checkAttempts),
  initialBackoff: required(checkDuration),
  maxBackoff: required(checkDuration),
  backoffMultiplier: required(number({ above: 0 })),
  retryableStatusCodes: required((value, path) =>
    Array.isArray(value) && value.length === 0 ? [`${path}: expected a status at least, got none`] : checkStatuses(value, path),
  ),
});

const checkHedgingPolicy = optionsOf<GrpcHedgingPolicy>({
  maxAttempts: required(checkAttempts),
  hedgingDelay: checkDuration,
  nonFatalStatusCodes: checkStatuses,
});

const checkFields = optionsOf<GrpcMethodConfig>({
  name: required(list("a list of names", optionsOf<GrpcMethodConfig["name"][number]>({ service: text, method: text }))),
  waitForReady: flag,
  timeout: checkDuration,
  retryPolicy: checkRetryPolicy,
  hedgingPolicy: checkHedgingPolicy,
});

const checkMethodConfig: Check<GrpcMethodConfig> = (value, path) => {
  const problems = checkFields(value, path);
  if (problems.length > 0 || !isObject(value)) return problems;
  const { name, retryPolicy, hedgingPolicy } = value as unknown as GrpcMethodConfig;
  const nameless = name.filter(({ service, method }) => !service && method).map(({ method }) => `${path}.name: ${method} is of no service`);
  const isBoth = retryPolicy !== undefined && hedgingPolicy !== undefined;
  return isBoth ? [...nameless, `${path}: a retryPolicy and a hedgingPolicy exclude each other; leave one out`] : nameless;
};

const checkMethodConfigs: Check<readonly GrpcMethodConfig[]> = (value, path) => {
  const problems = list("a list of method configs", checkMethodConfig)(value, path);
  if (problems.length > 0) return problems;
  const seen = new Set<string>();
  return (value as readonly GrpcMethodConfig[]).flatMap((config, place) =>
    patternsOf(config).flatMap((pattern) => {
      const isNew = !seen.has(pattern);
      seen.add(pattern);
      return isNew ? [] : [`${path}[${place}].name: ${pattern || "the default"} is named already`];
    }),
  );
};

const checkNotRead: Check<never> = such("nothing: endpoints are chosen by the option policy, such as roundRobin()", () => false);

export const checkServiceConfig = optionsOf<GrpcServiceConfig>({
  methodConfig: checkMethodConfigs,
  retryThrottling: optionsOf<NonNullable<GrpcServiceConfig["retryThrottling"]>>({
    maxTokens: required(number({ above: 0, to: 1_000 })),
    tokenRatio: required(number({ above: 0 })),
  }),
  loadBalancingConfig: checkNotRead,
  loadBalancingPolicy: checkNotRead,
});

/** `package.Service/Method`, `package.Service/` for all of its methods, and the empty text for all methods there are. */
export function patternsOf({ name }: GrpcMethodConfig): readonly string[] {
  return name.map(({ service = "", method = "" }) => (service === "" ? "" : `${service}/${method}`));
}

/** @param duration of a config that was checked */
export function durationInMs(duration: string): number {
  return Number(duration.slice(0, -1)) * 1_000;
}

/** @param statuses of a config that was checked */
export function statusesOf(statuses: readonly GrpcStatus[]): readonly StatusName[] {
  return statuses.map((status) => statusOf(status) as StatusName);
}

/** gRPC writes CANCELLED. */
function statusOf(value: unknown): StatusName | undefined {
  if (typeof value === "number") return statusNames.find((name) => statusNumber(name) === value);
  const name = typeof value === "string" ? value.toLowerCase().replace("cancelled", "canceled") : undefined;
  return statusNames.find((known) => known === name);
}
