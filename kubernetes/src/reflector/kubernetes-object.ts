/** What every object of Kubernetes has, and all of it that a reflector looks at. */
export interface KubernetesObject {
  readonly metadata: ObjectMetadata;
}

/** By which objects and their versions are told apart. */
export interface ObjectMetadata {
  /** Of this object alone: one of the same name that comes later has another. */
  readonly uid: string;
  /** Another one after each change. */
  readonly resourceVersion: string;
}

/** @throws TypeError if it is none */
export function asKubernetesObject(value: unknown): KubernetesObject {
  const { uid, resourceVersion } = (value as Partial<KubernetesObject> | null | undefined)?.metadata ?? {};
  if (!isText(uid) || !isText(resourceVersion))
    throw new TypeError("expected an object of Kubernetes, with metadata.uid and metadata.resourceVersion");
  return value as KubernetesObject;
}

/** Whether it is a text that says something. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
