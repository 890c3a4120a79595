export type { ApiserverClient, ApiserverRequest, ApiserverResponse } from "./apiserver-client.ts";
export type { CollectionObserver } from "./collection.ts";
export { type AccessSource, type ApiserverAccess, HttpsClient } from "./https-client.ts";
export type { KubernetesObject, ObjectMetadata } from "./kubernetes-object.ts";
export type { RestartReason } from "./outcome.ts";
export { Reflector, type ReflectorObserver, type ReflectorOptions } from "./reflector.ts";
export type { ReflectorStatus } from "./reflector-status.ts";
export { defaultTiming, type ReflectorTiming } from "./reflector-timing.ts";
