import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import type { NamespacedObject } from "./namespaced-object.ts";

/** What is needed of a node. */
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
