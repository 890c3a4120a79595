import type { LimitOptions } from "./call-limits.ts";
import type { RetryOptions } from "./retry-options.ts";

/** Something of ours by its name, with options as data: `{ name: "powerOfTwo", parameters: { choices: 3 } }`. */
export interface Named {
  readonly name: string;
  /** As its options are named in code. Default: none. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What discovery may say of how a service is called. What a user sets in code outranks it, setting by setting; what neither says has its default.
 * Each means what the option of the same name does.
 */
export interface ServiceConfig extends BalancingConfig, CallConfig {
  /** Where the client is, if the source knows it: the name of its own zone. */
  readonly zone?: string | undefined;
}

/**
 * With which endpoints calls stay while those have room: `zone` for those of the client's zone; `node` for those of its node (by their label `node`), or of its
 * zone where it has no healthy one; `nodeOnly` for its node, and nobody else at all.
 */
export type Affinity = "zone" | "node" | "nodeOnly";

/** Of who takes a call. */
export interface BalancingConfig {
  /** A policy, such as `powerOfTwo`. */
  readonly policy?: Named | undefined;
  /** `probing`, the default, or `outlierDetection`; false for never. */
  readonly ejection?: Named | false | undefined;
  readonly panicThreshold?: number | undefined;
  readonly overprovisioningFactor?: number | undefined;
  readonly slowStart?:
    | { readonly windowMs?: number | undefined; readonly aggression?: number | undefined; readonly minShare?: number | undefined }
    | false
    | undefined;
  readonly limits?: LimitOptions | undefined;
  readonly affinity?: Affinity | undefined;
}

/** Of how a call is made. */
export interface CallConfig {
  /** For methods that are idempotent by their schema or by code. */
  readonly retry?: RetryOptions | false | undefined;
}

/** A setting as it is in force. */
export interface Setting {
  /** Plain data; functions are shown as "a function". */
  readonly value: unknown;
  /** Who set it. */
  readonly from: "code" | "discovery" | "default";
}

/** How endpoints are chosen, and who said so. */
export type BalancingSettings = Readonly<Record<keyof BalancingConfig, Setting>>;

/** How calls are made, and who said so. */
export type CallSettings = Readonly<Record<keyof CallConfig, Setting>> & {
  /** What differs for single methods, by `package.Service/Method`. */
  readonly methods: Readonly<Record<string, Setting>>;
  readonly waitForReady: Setting;
  /** gRPC's, as it was given; absent without one. */
  readonly serviceConfig?: Setting;
};

/** All settings of a target that are in force, and who set each. */
export type SettingsInForce = BalancingSettings & CallSettings;
