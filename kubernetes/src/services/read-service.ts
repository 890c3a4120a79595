import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import { meshlessTexts, type Texts } from "./meshless-texts.ts";
import type { NamespacedObject } from "./namespaced-object.ts";

/** What is needed of a Service of Kubernetes. */
export interface KubernetesService {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a Service that is another name for a host, and has no endpoints. */
  readonly externalName: string | undefined;
  /** Whether Kubernetes finds its endpoints. Otherwise somebody writes them. */
  readonly hasSelector: boolean;
  /** Whether pods that are not ready are wanted as well. */
  readonly publishesNotReady: boolean;
  /** `IPv4`, `IPv6`, or both, the preferred one first. */
  readonly families: readonly string[];
  readonly ports: readonly NamedPort[];
  /** Those that are meant for us. */
  readonly annotations: Texts;
  /** Whether only pods on the caller's own node are wanted. */
  readonly isNodeLocal: boolean;
}

export interface NamedPort {
  /** Empty where a Service has one port alone. */
  readonly name: string;
  /** Undefined where it is left open. */
  readonly port: number | undefined;
  readonly protocol: string;
  /** What is spoken there, such as `kubernetes.io/h2c`. Empty where it is not said. */
  readonly appProtocol: string;
}

/** As the apiserver writes it: lists may be `null`. */
interface RawService extends NamespacedObject {
  readonly spec?: {
    readonly type?: string;
    readonly externalName?: string;
    readonly selector?: Readonly<Record<string, string>> | null;
    readonly publishNotReadyAddresses?: boolean;
    readonly internalTrafficPolicy?: string;
    readonly ipFamilies?: readonly string[] | null;
    readonly ports?: readonly RawPort[] | null;
  };
}

export interface RawPort {
  readonly name?: string | null;
  readonly port?: number | null;
  readonly protocol?: string | null;
  readonly appProtocol?: string | null;
}

export function readService(object: KubernetesObject): KubernetesService {
  const { metadata, spec = {} } = object as RawService;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    name: metadata.name,
    externalName: spec.type === "ExternalName" ? (spec.externalName ?? "") : undefined,
    hasSelector: Object.keys(spec.selector ?? {}).length > 0,
    publishesNotReady: spec.publishNotReadyAddresses ?? false,
    families: spec.ipFamilies ?? [],
    ports: (spec.ports ?? []).map(readPort),
    annotations: meshlessTexts(metadata.annotations ?? {}),
    isNodeLocal: spec.internalTrafficPolicy === "Local",
  };
}

export function readPort({ name, port, protocol, appProtocol }: RawPort): NamedPort {
  return { name: name ?? "", port: port ?? undefined, protocol: protocol ?? "TCP", appProtocol: appProtocol ?? "" };
}
