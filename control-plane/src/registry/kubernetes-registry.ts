import { type ServicesWatch, type WatchServicesOptions, watchServices } from "meshless-kubernetes";
import { systemClock } from "../clock.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { kubernetesMeasures } from "./kubernetes-measures.ts";
import { KubernetesServices } from "./kubernetes-services.ts";
import { MergedClusters } from "./merged-clusters.ts";
import type { Registry } from "./registry.ts";

/** Which Services of which clusters are served. */
export interface KubernetesRegistryOptions extends Omit<WatchServicesOptions, "service" | "areImports"> {
  /**
   * Other clusters by their names, which become regions, in the order in which they are called. A Service of this cluster gets the endpoints of those of the
   * same namespace and name, as priorities 1, 2, and so on; their pods have to be reachable from here. Default: none.
   */
  readonly remoteClusters?: Readonly<Record<string, WatchServicesOptions["client"]>>;
  /**
   * Whether endpoints of other clusters come by ServiceImports of this one (Multi-Cluster Services API), after those of {@link remoteClusters}: for Services of
   * the same namespace and name. It takes list and watch of `serviceimports.multicluster.x-k8s.io`. Default false.
   */
  readonly serviceImports?: boolean;
  /** Hears of what is wrong with a Service. Default: silent. */
  readonly logger?: Logger;
}

/** A few replicas can ask often whether an apiserver is back, and all of their clients wait for it. */
const promptly = { maxUnansweredBackoffMs: 500 };

/** In the place of a cluster's. */
const importsName = "ServiceImports";

/** Of imports Kubernetes wrote nothing, and their pods are not here. */
function rulesOf(name: string): Partial<WatchServicesOptions> {
  return name === importsName ? { areImports: true, ownPodsOnly: false, readsPods: false } : {};
}

/**
 * Services of a Kubernetes cluster, by list and watch of its Services and EndpointSlices, and what other clusters have for them. While an apiserver is away,
 * the last state stays.
 */
export function kubernetesRegistry(options: KubernetesRegistryOptions): Registry {
  const { logger = silentLogger, remoteClusters = {}, serviceImports = false, ...rest } = options;
  const each = { ...rest, timing: { ...promptly, ...rest.timing } };
  const remotes: KubernetesRegistryOptions["remoteClusters"] = { ...remoteClusters, ...(serviceImports && { [importsName]: each.client }) };
  const names = [...new Set(each.namespaces)];
  return {
    description: names.length === 0 ? "kubernetes" : `kubernetes: ${names.join(", ")}`,
    watch(observer) {
      const services = new KubernetesServices(logger, observer);
      const merged = new MergedClusters(Object.keys(remotes), each.clock ?? systemClock, services);
      const local = watchServices(each, merged.local);
      const watches = new Map<string, ServicesWatch>([["", local]]);
      for (const [name, remote] of merged.remotes) {
        watches.set(name, watchServices({ ...each, ...rulesOf(name), readsNodes: false, client: remotes[name] ?? each.client }, remote));
      }
      const close = () => {
        merged.close();
        for (const watch of watches.values()) watch.close();
      };
      return {
        measures: kubernetesMeasures(watches, services),
        get reachedRevision() {
          return local.reachedRevision;
        },
        close,
      };
    },
  };
}
