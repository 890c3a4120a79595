import { givenOf } from "../../check-options.ts";
import { type MethodList, type MethodOptions, methodName } from "../../method-options.ts";
import type { RetryOptions } from "../../retry-options.ts";
import type { CallConfig, CallSettings } from "../../service-config.ts";
import { settingOf } from "../settings/setting.ts";
import { RETRY_BUDGET, RetryBudget } from "./retry-budget.ts";
import { noRetry, RETRY, type RetryPolicy, retryPolicy } from "./retry-policy.ts";

/** How calls of one method are made. */
export interface CallRules {
  readonly retry: RetryPolicy;
  /** Deadline of calls that set none, in ms. */
  readonly timeoutMs: number | undefined;
}

/** What code says of it. */
export interface MethodRulesOptions {
  readonly retry?: RetryOptions | false | undefined;
  readonly methods?: MethodList | undefined;
}

/** How the calls of a target are made: the rules of each method, from what code says, what discovery says, and the defaults; and what all share. */
export class MethodRules {
  readonly budget: RetryBudget;
  readonly #code: MethodRulesOptions;
  #config: CallConfig = {};
  readonly #methods: ReadonlyMap<string, MethodOptions>;
  /** By name, for those that their schema declares idempotent, and for all others. */
  readonly #idempotent = new Map<string, CallRules>();
  readonly #others = new Map<string, CallRules>();

  constructor(code: MethodRulesOptions, nowMs: number) {
    this.#code = code;
    this.#methods = new Map(code.methods?.map(([method, options]) => [methodName(method), options]));
    this.budget = new RetryBudget({}, nowMs);
    this.configure({});
  }

  /** Takes what discovery says, in place of what it said before. Calls under way go on as they began. */
  configure(config: CallConfig): void {
    this.#config = config;
    this.#idempotent.clear();
    this.#others.clear();
    const retry = this.#retry;
    this.budget.configure((retry !== false && retry.budget) || {});
  }

  /**
   * @param method `package.Service/Method`
   * @param idempotent whether its schema says that it may be carried out twice
   */
  of(method: string, idempotent: boolean): CallRules {
    const known = idempotent ? this.#idempotent : this.#others;
    const found = known.get(method);
    if (found !== undefined) return found;
    const { retry, timeoutMs, idempotent: isIdempotent = idempotent } = this.#methods.get(method) ?? {};
    const rules = { retry: this.#retryOf(retry, isIdempotent), timeoutMs };
    known.set(method, rules);
    return rules;
  }

  /** Whether any method has a deadline of its own. */
  get haveTimeouts(): boolean {
    return [...this.#methods.values()].some(({ timeoutMs }) => timeoutMs !== undefined);
  }

  inForce(): CallSettings {
    const { retry } = this.#code;
    const withDefaults = (given: RetryOptions | false | undefined) =>
      given && { ...RETRY, ...given, budget: { ...RETRY_BUDGET, ...given.budget } };
    const setting = settingOf(withDefaults(retry), withDefaults(this.#config.retry), withDefaults({}));
    const methods = [...this.#methods].map(([name, options]) => [name, settingOf(options, undefined, undefined)]);
    return { retry: setting, methods: Object.fromEntries(methods) };
  }

  get #retry(): RetryOptions | false {
    return this.#code.retry ?? this.#config.retry ?? {};
  }

  /** A method that may not be carried out twice has to be named for it. */
  #retryOf(own: MethodOptions["retry"], isIdempotent: boolean): RetryPolicy {
    if (own === false || (own === undefined && (!isIdempotent || this.#retry === false))) return noRetry;
    const { budget: _, ...ofAll } = this.#retry || {};
    return retryPolicy({ ...ofAll, ...givenOf(own ?? {}) }, isIdempotent ? "always" : "never");
  }
}
