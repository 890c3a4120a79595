import { importNameLabel, serviceNameLabel } from "./read-endpoint-slice.ts";

/** Where the objects of a kind are read. */
export interface CollectionPlace {
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
}

/** Of which Services objects are wanted: none of either for all. */
export interface Scope {
  readonly namespaces: readonly string[];
  readonly service: string | undefined;
  /** Whether those are wanted that come from other clusters: ServiceImports, which stand for Services there. */
  readonly areImports: boolean;
}

export function servicePlaces(scope: Scope): readonly CollectionPlace[] {
  const selector = scope.service === undefined ? {} : { fieldSelector: `metadata.name=${scope.service}` };
  const [group, kind] = scope.areImports
    ? (["/apis/multicluster.x-k8s.io/v1alpha1", "serviceimports"] as const)
    : (["/api/v1", "services"] as const);
  return places(group, kind, scope).map((path) => ({ path, ...selector }));
}

/** Those of Services alone: others are for other purposes. */
export function endpointSlicePlaces(scope: Scope): readonly CollectionPlace[] {
  const label = nameLabelOf(scope);
  const labelSelector = scope.service === undefined ? label : `${label}=${scope.service}`;
  return places("/apis/discovery.k8s.io/v1", "endpointslices", scope).map((path) => ({ path, labelSelector }));
}

/** By which a slice says whose it is. */
export function nameLabelOf({ areImports }: Scope): string {
  return areImports ? importNameLabel : serviceNameLabel;
}

export function podPlaces(scope: Scope): readonly CollectionPlace[] {
  return places("/api/v1", "pods", scope).map((path) => ({ path, metadataOnly: true }));
}

/** Of the cluster, whichever Services are wanted. */
export const nodePlaces: readonly CollectionPlace[] = [{ path: "/api/v1/nodes", metadataOnly: true }];

function places(group: string, kind: string, { namespaces }: Scope): readonly string[] {
  if (namespaces.length === 0) return [`${group}/${kind}`];
  return namespaces.map((namespace) => `${group}/namespaces/${namespace}/${kind}`);
}
