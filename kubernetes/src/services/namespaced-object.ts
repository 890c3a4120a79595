import type { KubernetesObject } from "../reflector/kubernetes-object.ts";

/** An object in a namespace, as the apiserver writes it: labels and annotations may be `null`. */
export interface NamespacedObject extends KubernetesObject {
  readonly metadata: KubernetesObject["metadata"] & {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly annotations?: Readonly<Record<string, string>> | null;
  };
}
