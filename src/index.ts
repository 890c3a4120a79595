// for every client

export { type BalancedOptions, balanced, type NodeTransportOptions } from "./balanced.ts";
// policies; more in meshless/balancer
export { outlierDetection } from "./balancer/ejection/outlier-detection.ts";
export type { Outcome, OutcomeKind } from "./balancer/outcome.ts";
export { adaptive } from "./balancer/policies/adaptive.ts";
export { leastInFlight } from "./balancer/policies/least-in-flight.ts";
export { maglev } from "./balancer/policies/maglev.ts";
export { peakEwma } from "./balancer/policies/peak-ewma.ts";
export { powerOfTwo } from "./balancer/policies/power-of-two.ts";
export { prequalHcl } from "./balancer/policies/prequal-hcl.ts";
export { random } from "./balancer/policies/random.ts";
export { ringHash } from "./balancer/policies/ring-hash.ts";
export { roundRobin } from "./balancer/policies/round-robin.ts";
export { weightedRoundRobin } from "./balancer/policies/weighted-round-robin.ts";
export type { Policy } from "./balancer/policy.ts";
export type { LimitOptions, Limits } from "./call-limits.ts";
export type { Clock, Timer } from "./clock.ts";
export { ConfigurationError } from "./configuration-error.ts";
export { type BalancedTransportOptions, type BalancingOptions, createBalancedTransport } from "./create-balanced-transport.ts";
// for sources of one's own; more in meshless/discovery
export type { EndpointObserver, EndpointSource, EndpointUpdate, Watch } from "./discovery/endpoint-source.ts";
export type { ControlPlaneOptions } from "./discovery/xds/bootstrap.ts";
export type { FirstResource, XdsNode } from "./discovery/xds/found-control-plane.ts";
export type { DiscoveryOptions, XdsOptions } from "./discovery-options.ts";
export type { Endpoint, EndpointHealth, Locality } from "./endpoint.ts";
export type { GrpcHedgingPolicy, GrpcMethodConfig, GrpcRetryPolicy, GrpcServiceConfig, GrpcStatus } from "./grpc-service-config.ts";
export type { HedgingOptions } from "./hedging-options.ts";
export type { LoadReport } from "./load-report.ts";
export type { Logger, LogLevel } from "./logger.ts";
export type { MethodDescriptor, MethodList, MethodOptions } from "./method-options.ts";
export type { Notice } from "./notice.ts";
export type { RandomSource } from "./random-source.ts";
export type { MethodRetryOptions, RetryBackoff, RetryBudgetOptions, RetryBudgetSnapshot, RetryOptions } from "./retry-options.ts";
export type { Affinity, BalancingConfig, CallConfig, CallSettings, ServiceConfig, SettingsInForce } from "./service-config.ts";
export type { StatusName } from "./status-code.ts";
export type { BalancedTransport, CallsSnapshot, TransportSnapshot } from "./transport/balanced-transport.ts";
export { type AttemptInfo, attemptInfo, type RepeatReason } from "./transport/calls/attempt-info.ts";
export type {
  AttemptEnd,
  AttemptListener,
  AttemptStart,
  CallEnd,
  CallInfo,
  CallListener,
  CallObserver,
} from "./transport/calls/call-observer.ts";
export { cost, hashKey, shard, waitForReady } from "./transport/connect/call-hints.ts";
export { createClient } from "./transport/connect/create-client.ts";
export type { TransportFactory } from "./transport/connect/detect-protocol.ts";
export type { Protocol, ProtocolOptions } from "./transport/connect/protocol-options.ts";
export type { TransportEvent } from "./transport/events/event-catalogue.ts";
export type { GivenSessionOptions, NodeSessionOptions, SessionOptions } from "./transport/sessions/session-options.ts";
export type { SessionPhase } from "./transport/sessions/session-state.ts";
export type { TlsFiles } from "./transport/tls/tls-files.ts";
export type { TlsOptions } from "./transport/tls/tls-options.ts";
export type { SpiffeOptions } from "./transport/tls/tls-spiffe.ts";
export type { AttachedTransport, TransportTelemetry } from "./transport/transport-telemetry.ts";
export type { GivenSubset } from "./transport/upstream/subsetting.ts";
export type { EndpointSnapshot, UpstreamSnapshot } from "./transport/upstream/upstream-snapshot.ts";
