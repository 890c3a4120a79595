import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import { type EndpointSettings, readSettings } from "./endpoint-settings.ts";
import type { NamespacedObject } from "./namespaced-object.ts";

/** What is needed of a pod: its metadata alone. */
export interface Pod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly settings: EndpointSettings;
}

export function readPod(object: KubernetesObject): Pod {
  const { uid, namespace, name, labels, annotations } = (object as NamespacedObject).metadata;
  return { uid, namespace, name, settings: readSettings(labels ?? {}, annotations ?? {}) };
}
