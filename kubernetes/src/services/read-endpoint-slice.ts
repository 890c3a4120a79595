import { isIP } from "node:net";
import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import { type EndpointSettings, readSettings } from "./endpoint-settings.ts";
import type { NamespacedObject } from "./namespaced-object.ts";
import { type NamedPort, type RawPort, readPort } from "./read-service.ts";

/** What is needed of an EndpointSlice: some endpoints of one family of addresses, all with the same ports. */
export interface EndpointSlice {
  readonly uid: string;
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
  /** The name of the Service, in the same namespace. */
  readonly service: string;
  /** Where its endpoints are, if that is not this cluster. */
  readonly cluster: string;
  /** `IPv4` or `IPv6`. */
  readonly family: string;
  /** Whether Kubernetes wrote it, from the selector of the Service. */
  readonly isFromSelector: boolean;
  readonly ports: readonly NamedPort[];
  readonly endpoints: readonly SliceEndpoint[];
  readonly settings: EndpointSettings;
}

export interface SliceEndpoint {
  readonly address: string;
  /** Of a pod. Undefined for what is none, such as a virtual machine. */
  readonly podUid: string | undefined;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Of a pod of a StatefulSet, such as `web-0`. */
  readonly hostname: string;
  readonly zone: string;
  readonly node: string;
  /** From which zones it is to be called, as far as Kubernetes says. */
  readonly forZones: readonly string[];
  /** Whether it is to be called from some nodes before others. */
  readonly isForNodes: boolean;
}

/** As the apiserver writes it: lists may be `null`, and so may conditions. */
interface RawSlice extends NamespacedObject {
  readonly addressType: string;
  readonly ports?: readonly RawPort[] | null;
  readonly endpoints?: readonly RawEndpoint[] | null;
}

interface RawEndpoint {
  readonly addresses?: readonly string[] | null;
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  } | null;
  readonly hostname?: string | null;
  readonly zone?: string | null;
  readonly nodeName?: string | null;
  readonly hints?: { readonly forZones?: readonly { readonly name: string }[] | null; readonly forNodes?: readonly object[] | null } | null;
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly uid?: string } | null;
}

export const serviceNameLabel = "kubernetes.io/service-name";
/** Of a slice with endpoints of another cluster, for a ServiceImport. */
export const importNameLabel = "multicluster.kubernetes.io/service-name";
const sourceClusterLabel = "multicluster.kubernetes.io/source-cluster";
const managedByLabel = "endpointslice.kubernetes.io/managed-by";

/** @param nameLabel by which it says whose it is */
export function readEndpointSlice(object: KubernetesObject, nameLabel: string): EndpointSlice {
  const { metadata, addressType, ports, endpoints } = object as RawSlice;
  const { namespace, name, labels, annotations } = metadata;
  return {
    uid: metadata.uid,
    version: metadata.resourceVersion,
    namespace,
    name,
    service: labels?.[nameLabel] ?? "",
    cluster: labels?.[sourceClusterLabel] ?? "",
    family: addressType,
    isFromSelector: labels?.[managedByLabel] === "endpointslice-controller.k8s.io",
    ports: (ports ?? []).map(readPort),
    endpoints: (endpoints ?? []).flatMap((endpoint) => readEndpoint(endpoint, namespace)),
    settings: readSettings(labels ?? {}, annotations ?? {}),
  };
}

/** Only the first address means anything. One that is a name, as in slices of the type `FQDN`, is none. */
function readEndpoint(
  { addresses, conditions, hostname, zone, nodeName, hints, targetRef }: RawEndpoint,
  namespace: string,
): readonly SliceEndpoint[] {
  const address = addresses?.[0] ?? "";
  if (isIP(address) === 0) return [];
  // Who writes slices may name any pod; those of other namespaces are none of the Service's.
  const isPod = targetRef?.kind === "Pod" && targetRef.namespace === namespace;
  return [
    {
      address,
      podUid: isPod ? targetRef.uid : undefined,
      ready: conditions?.ready ?? true,
      serving: conditions?.serving ?? true,
      terminating: conditions?.terminating ?? false,
      hostname: hostname ?? "",
      zone: zone ?? "",
      node: nodeName ?? "",
      forZones: (hints?.forZones ?? []).map(({ name }) => name),
      isForNodes: (hints?.forNodes ?? []).length > 0,
    },
  ];
}
