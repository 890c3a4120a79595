export { kubeconfigClient } from "meshless-kubernetes";
export type { AllowRules } from "./access/allow-list.ts";
export { type ApiserverPoster, kubernetesReviewer, type PostRequest } from "./access/kubernetes-reviewer.ts";
export type { TokenReviewer, TokenVerdict } from "./access/token-reviewer.ts";
export type {
  ClientCounts,
  ClientRow,
  ClientType,
  HealthCounts,
  Place,
  PlaceCount,
  PlaneSnapshot,
  PropagationFigures,
  RegistryState,
  ServiceDetails,
  ServiceRow,
  Standing,
} from "./admin/plane-snapshot.ts";
export type { Clock, Timer } from "./clock.ts";
export type { ClosedOptions, ControlPlaneOptions, TokenOptions } from "./control-plane-options.ts";
export { type ControlPlane, createControlPlane } from "./create-control-plane.ts";
export type { LoadFigures } from "./load/recent-load.ts";
export type { Logger } from "./logger.ts";
export type { Measure, Sample } from "./measure.ts";
export { fileRegistry } from "./registry/file-registry.ts";
export { type KubernetesRegistryOptions, kubernetesRegistry } from "./registry/kubernetes-registry.ts";
export { type MemoryRegistry, memoryRegistry } from "./registry/memory-registry.ts";
export type { Registry, RegistryObserver, RegistryWatch } from "./registry/registry.ts";
export type { EndpointDefinition, RetryDefinition, ServiceDefinition } from "./registry/service-definition.ts";
export type { ResourceType } from "./resource.ts";
export type { TlsServerFiles } from "./server/tls-server.ts";
export type {
  Affinity,
  CircuitBreaker,
  EjectionRules,
  EndpointHealth,
  Enforcement,
  PolicyRules,
  RetryRules,
  Service,
  ServiceEndpoint,
  ServiceName,
  ServiceSettings,
  SlowStartRules,
} from "./service.ts";
export type { StreamLimits } from "./xds/stream-host.ts";
