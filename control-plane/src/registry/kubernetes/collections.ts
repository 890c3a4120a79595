import { serviceNameLabel } from "./read-endpoint-slice.ts";

/** Where the objects of a kind are read. */
export interface CollectionPlace {
  readonly path: string;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
}

/** @param namespaces none for all of the cluster */
export function servicePlaces(namespaces: readonly string[]): readonly CollectionPlace[] {
  return places("/api/v1", "services", namespaces).map((path) => ({ path }));
}

/** Those of Services alone: others are for other purposes. */
export function endpointSlicePlaces(namespaces: readonly string[]): readonly CollectionPlace[] {
  return places("/apis/discovery.k8s.io/v1", "endpointslices", namespaces).map((path) => ({ path, labelSelector: serviceNameLabel }));
}

export function podPlaces(namespaces: readonly string[]): readonly CollectionPlace[] {
  return places("/api/v1", "pods", namespaces).map((path) => ({ path, metadataOnly: true }));
}

function places(group: string, kind: string, namespaces: readonly string[]): readonly string[] {
  if (namespaces.length === 0) return [`${group}/${kind}`];
  return namespaces.map((namespace) => `${group}/namespaces/${namespace}/${kind}`);
}
