import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import type { NamespacedObject } from "./namespaced-object.ts";

/** A node of the cluster, as far as it says where its pods are. */
export interface Node {
  readonly name: string;
  /** Empty where it is not known. */
  readonly zone: string;
  /** Empty where it is not known. */
  readonly region: string;
}

const zoneLabel = "topology.kubernetes.io/zone";
const regionLabel = "topology.kubernetes.io/region";

export function readNode(object: KubernetesObject): Node {
  const { name, labels } = (object as NamespacedObject).metadata;
  return { name, zone: labels?.[zoneLabel] ?? "", region: labels?.[regionLabel] ?? "" };
}
