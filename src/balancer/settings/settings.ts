import { LIMITS, type Limits } from "../../call-limits.ts";
import { assertChecked, either, givenOf, oneOf, optionsOf, required, such, text } from "../../check-options.ts";
import { isObject } from "../../is-object.ts";
import { checkRetry } from "../../retry-options.ts";
import type { Affinity, BalancingConfig, BalancingSettings, Named, ServiceConfig } from "../../service-config.ts";
import { type BalancerOptions, balancingChecks } from "../balancer-options.ts";
import { SLOW_START } from "../slow-start/slow-start.ts";
import { ejectionNamed, policyNamed } from "./named.ts";
import { settingOf } from "./setting.ts";

/** What can be set by code or by discovery, and changes while a balancer is at work. */
export type Settings = { readonly [Name in Exclude<keyof BalancingConfig, "limits">]-?: Exclude<BalancerOptions[Name], undefined> } & {
  readonly limits: Limits;
};

const DEFAULTS = {
  policy: { name: "adaptive" },
  ejection: { name: "probing" },
  panicThreshold: 0.5,
  overprovisioningFactor: 1.4,
  slowStart: SLOW_START,
  limits: { maxPending: LIMITS.maxPending, pendingTimeoutMs: LIMITS.pendingTimeoutMs },
  affinity: "zone" as Affinity,
};

const checkNamed = optionsOf<Named>({ name: required(text), parameters: such("an object of parameters", isObject) });

const checkConfig = optionsOf<ServiceConfig>({
  policy: checkNamed,
  ejection: either("a name with parameters, or false", oneOf(false), checkNamed),
  panicThreshold: balancingChecks.panicThreshold,
  overprovisioningFactor: balancingChecks.overprovisioningFactor,
  slowStart: balancingChecks.slowStart,
  limits: balancingChecks.limits,
  affinity: balancingChecks.affinity,
  zone: balancingChecks.zone,
  retry: checkRetry,
});

/** What code sets, else what discovery says, else the default. @throws ConfigurationError for what can't be used */
export function settingsOf(code: BalancerOptions, config: ServiceConfig): Settings {
  const { policy, ejection, panicThreshold, overprovisioningFactor, slowStart, limits, affinity } = assertChecked(config, checkConfig);
  return {
    policy: code.policy ?? policyNamed(policy ?? DEFAULTS.policy),
    ejection: code.ejection ?? (ejection === false ? false : ejectionNamed(ejection ?? DEFAULTS.ejection)),
    panicThreshold: code.panicThreshold ?? panicThreshold ?? DEFAULTS.panicThreshold,
    overprovisioningFactor: code.overprovisioningFactor ?? overprovisioningFactor ?? DEFAULTS.overprovisioningFactor,
    slowStart: code.slowStart ?? slowStart ?? DEFAULTS.slowStart,
    limits: { ...LIMITS, ...givenOf(code.limits ?? limits ?? {}) },
    affinity: code.affinity ?? affinity ?? DEFAULTS.affinity,
  };
}

/** The same as data, and who set it. */
export function inForce(code: BalancerOptions, config: BalancingConfig): BalancingSettings {
  const names = Object.keys(DEFAULTS) as (keyof BalancingConfig)[];
  return Object.fromEntries(names.map((name) => [name, settingOf(code[name], config[name], DEFAULTS[name])])) as BalancingSettings;
}
