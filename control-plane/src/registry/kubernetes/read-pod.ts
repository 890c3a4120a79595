import type { KubernetesObject } from "../../reflector/kubernetes-object.ts";
import { type EndpointSettings, readSettings } from "./endpoint-settings.ts";

/** What is needed of a pod: its metadata alone. */
export interface Pod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly settings: EndpointSettings;
}

interface RawPod extends KubernetesObject {
  readonly metadata: KubernetesObject["metadata"] & {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly annotations?: Readonly<Record<string, string>> | null;
  };
}

export function readPod(object: KubernetesObject): Pod {
  const { uid, namespace, name, labels, annotations } = (object as RawPod).metadata;
  return { uid, namespace, name, settings: readSettings(labels ?? {}, annotations ?? {}) };
}
