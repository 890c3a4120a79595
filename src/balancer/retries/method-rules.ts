import { givenOf } from "../../check-options.ts";
import { durationInMs, type GrpcMethodConfig, type GrpcServiceConfig } from "../../grpc-service-config.ts";
import { type MethodList, type MethodOptions, methodName } from "../../method-options.ts";
import type { MethodRetryOptions, RetryBudgetOptions, RetryOptions } from "../../retry-options.ts";
import type { CallConfig, CallSettings } from "../../service-config.ts";
import { settingOf } from "../settings/setting.ts";
import { GrpcMethods, hedgingOptionsOf, retryOptionsOf } from "./grpc-methods.ts";
import { HedgeDelay } from "./hedge-delay.ts";
import { type HedgingPolicy, hedgingPolicy } from "./hedging-policy.ts";
import { RETRY_BUDGET, RetryBudget } from "./retry-budget.ts";
import { noRetry, RETRY, type RetryPolicy, retryPolicy } from "./retry-policy.ts";
import { RetryThrottle } from "./retry-throttle.ts";

/** How calls of one method are made. */
export interface CallRules {
  readonly retry: RetryPolicy;
  /** Undefined: never. With it there are no retries, but for what no server has acted on. */
  readonly hedging: HedgingPolicy | undefined;
  /** Deadline of calls that set none, in ms. */
  readonly timeoutMs: number | undefined;
  /** The longest deadline that calls may have, in ms. */
  readonly maxTimeoutMs: number | undefined;
  readonly waitForReady: boolean;
}

/** What code says of it. */
export interface MethodRulesOptions {
  readonly retry?: RetryOptions | false | undefined;
  readonly waitForReady?: boolean | undefined;
  readonly methods?: MethodList | undefined;
  readonly serviceConfig?: GrpcServiceConfig | undefined;
}

/** How the calls of a target are made: the rules of each method, from what code says, what discovery says, and the defaults; and what all share. */
export class MethodRules {
  readonly budget: RetryBudget;
  /** Undefined where nobody asks for it. */
  readonly throttle: RetryThrottle | undefined;
  readonly #code: MethodRulesOptions;
  #config: CallConfig = {};
  readonly #methods: ReadonlyMap<string, MethodOptions>;
  readonly #grpc: GrpcMethods;
  /** By name, for those that their schema declares idempotent, and for all others. */
  readonly #idempotent = new Map<string, CallRules>();
  readonly #others = new Map<string, CallRules>();
  /** What was learned of how long calls of a method take stays, whatever is configured. */
  readonly #delays = new Map<string, HedgeDelay>();

  constructor(code: MethodRulesOptions, nowMs: number) {
    this.#code = code;
    const { methods = [], serviceConfig = {} } = code;
    this.#methods = new Map(methods.map(([method, options]) => [methodName(method), options]));
    this.#grpc = new GrpcMethods(serviceConfig);
    this.budget = new RetryBudget({}, nowMs);
    this.throttle = serviceConfig.retryThrottling && new RetryThrottle(serviceConfig.retryThrottling);
    this.configure({});
  }

  /** Takes what discovery says, in place of what it said before. Calls under way go on as they began. */
  configure(config: CallConfig): void {
    this.#config = config;
    this.#idempotent.clear();
    this.#others.clear();
    this.budget.configure(budgetIn(this.#code.retry) ?? budgetIn(config.retry) ?? {});
  }

  /**
   * @param method `package.Service/Method`
   * @param idempotent whether its schema says that it may be carried out twice
   */
  of(method: string, idempotent: boolean): CallRules {
    const known = idempotent ? this.#idempotent : this.#others;
    const found = known.get(method);
    if (found !== undefined) return found;
    const rules = this.#make(method, idempotent);
    known.set(method, rules);
    return rules;
  }

  /** Whether any method has a deadline of its own. */
  get haveTimeouts(): boolean {
    const { methodConfig = [] } = this.#code.serviceConfig ?? {};
    return (
      [...this.#methods.values()].some(({ timeoutMs }) => timeoutMs !== undefined) ||
      methodConfig.some(({ timeout }) => timeout !== undefined)
    );
  }

  inForce(): CallSettings {
    const { retry, waitForReady, serviceConfig } = this.#code;
    const withDefaults = (given: RetryOptions | false | undefined) =>
      given && { ...RETRY, ...given, budget: { ...RETRY_BUDGET, ...given.budget } };
    const methods = [...this.#methods].map(([name, options]) => [name, settingOf(options, undefined, undefined)]);
    return {
      retry: settingOf(withDefaults(retry), withDefaults(this.#config.retry), withDefaults({})),
      waitForReady: settingOf(waitForReady, undefined, false),
      methods: Object.fromEntries(methods),
      ...(serviceConfig && { serviceConfig: settingOf(serviceConfig, undefined, undefined) }),
    };
  }

  #make(method: string, idempotent: boolean): CallRules {
    const own = this.#methods.get(method) ?? {};
    const grpc: Partial<GrpcMethodConfig> = this.#grpc.of(method) ?? {};
    return {
      retry: this.#retryOf(own, grpc, own.idempotent ?? idempotent),
      hedging: this.#hedgingOf(method, own, grpc),
      timeoutMs: own.timeoutMs,
      maxTimeoutMs: grpc.timeout === undefined ? undefined : durationInMs(grpc.timeout),
      waitForReady: own.waitForReady ?? this.#code.waitForReady ?? grpc.waitForReady ?? false,
    };
  }

  /** A method that may not be carried out twice has to be named for it. */
  #retryOf({ retry: own }: MethodOptions, { retryPolicy: ofGrpc }: Partial<GrpcMethodConfig>, isIdempotent: boolean): RetryPolicy {
    const { retry } = this.#code;
    const ofAll = policyIn(retry);
    if (own === false) return noRetry;
    if (own !== undefined) return retryPolicy({ ...ofAll, ...givenOf(own) }, isIdempotent ? "always" : "never");
    if (retry === false) return noRetry;
    if (isIdempotent && ofAll !== undefined) return retryPolicy(ofAll, "always");
    if (ofGrpc !== undefined) return retryPolicy(retryOptionsOf(ofGrpc), isIdempotent ? "always" : "byCode");
    const { retry: discovered } = this.#config;
    return !isIdempotent || discovered === false ? noRetry : retryPolicy(policyIn(discovered) ?? {}, "always");
  }

  #hedgingOf(method: string, { hedging: own }: MethodOptions, { hedgingPolicy: ofGrpc }: Partial<GrpcMethodConfig>) {
    const hedging = own ?? (ofGrpc && hedgingOptionsOf(ofGrpc));
    if (hedging === undefined) return undefined;
    const learned = this.#delays.get(method) ?? new HedgeDelay();
    this.#delays.set(method, learned);
    return hedgingPolicy(hedging === true ? {} : hedging, learned);
  }
}

/** What it says of attempts; undefined: nothing. */
function policyIn(retry: RetryOptions | false | undefined): MethodRetryOptions | undefined {
  const { budget: _, ...policy } = retry || {};
  const given = givenOf(policy);
  return Object.keys(given).length === 0 ? undefined : given;
}

function budgetIn(retry: RetryOptions | false | undefined): RetryBudgetOptions | undefined {
  return retry === false ? undefined : retry?.budget;
}
