export type { LimitOptions, Limits } from "../call-limits.ts";
export { ConfigurationError } from "../configuration-error.ts";
export type { Endpoint, EndpointHealth, Locality } from "../endpoint.ts";
export type { LoadReport } from "../load-report.ts";
export type { RandomSource } from "../random-source.ts";
export type { MethodRetryOptions, RetryBackoff, RetryBudgetOptions, RetryBudgetSnapshot, RetryOptions } from "../retry-options.ts";
export type {
  Affinity,
  BalancingConfig,
  BalancingSettings,
  CallConfig,
  CallSettings,
  Named,
  ServiceConfig,
  Setting,
} from "../service-config.ts";
export type { Balancer, BalancerSnapshot, Lease, MemberSnapshot } from "./balancer.ts";
export type { BalancerEvent } from "./balancer-event.ts";
export type { BalancerOptions } from "./balancer-options.ts";
export { BouncePermits } from "./bounce-permits.ts";
export type { Candidates } from "./candidates.ts";
export type { PlugIn, PlugInFailed } from "./containment/faults.ts";
export { createBalancer } from "./create-balancer.ts";
export { type ConsecutiveFailuresOptions, consecutiveFailures } from "./ejection/consecutive-failures.ts";
export type { Accuser, Detector } from "./ejection/detector.ts";
export type { Ejection } from "./ejection/ejection.ts";
export { outlierDetection } from "./ejection/outlier-detection.ts";
export type { FailurePercentageEjectionOptions, OutlierDetectionOptions, SuccessRateEjectionOptions } from "./ejection/outlier-options.ts";
export type { EjectionOptions } from "./ejection/probing-ejector.ts";
export { type SuccessRateOptions, successRate } from "./ejection/success-rate.ts";
export type { Position } from "./levels/border.ts";
export type { SpillOptions } from "./levels/level.ts";
export type { Connectivity, EjectionState, Member } from "./member.ts";
export { boundReport } from "./members/bound-report.ts";
export type { Liveness } from "./members/liveness.ts";
export { type Outcome, type OutcomeKind, usualCode } from "./outcome.ts";
export type { PickContext } from "./pick-context.ts";
export { adaptive } from "./policies/adaptive.ts";
export { leastInFlight } from "./policies/least-in-flight.ts";
export { type MaglevOptions, maglev } from "./policies/maglev.ts";
export { type PeakEwmaOptions, peakEwma } from "./policies/peak-ewma.ts";
export { type PowerOfTwoOptions, powerOfTwo } from "./policies/power-of-two.ts";
export { type PrequalHclOptions, prequalHcl } from "./policies/prequal-hcl.ts";
export { random } from "./policies/random.ts";
export { type RingHashOptions, ringHash } from "./policies/ring-hash.ts";
export { roundRobin } from "./policies/round-robin.ts";
export { type WeightedRoundRobinOptions, weightedRoundRobin } from "./policies/weighted-round-robin.ts";
export type { Picker, Policy, PolicyEnv } from "./policy.ts";
export { AttemptHistory, type FailedAttempt, type RetryDecision, type RetryTerms } from "./retries/attempt-history.ts";
export { groundForRetry, isBounce, type RetryGround, type RetryQuestion } from "./retries/decide-retry.ts";
export { RetryBudget } from "./retries/retry-budget.ts";
export { noRetry, type RetryPolicy, retryPolicy } from "./retries/retry-policy.ts";
export { RetryThrottle } from "./retries/retry-throttle.ts";
export { type LivenessOf, type RetainedSnapshot, ShrinkGuard, type ShrinkGuardEvent, type ShrinkGuardOptions } from "./shrink-guard.ts";
export type { SlowStartOptions } from "./slow-start/slow-start.ts";
export { type SubsetOptions, subset } from "./subset.ts";
