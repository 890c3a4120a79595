import { systemClock } from "../../clock.ts";
import { silentLogger } from "../../logger.ts";
import type { Registry } from "../registry.ts";
import type { KubernetesRegistryOptions } from "./kubernetes-options.ts";
import { KubernetesWatch } from "./kubernetes-watch.ts";

/** Services of a Kubernetes cluster, by list and watch of its Services and EndpointSlices. While the apiserver is away, the last state stays. */
export function kubernetesRegistry(options: KubernetesRegistryOptions): Registry {
  const {
    namespaces = [],
    ownPodsOnly = false,
    readsPods = false,
    logger = silentLogger,
    clock = systemClock,
    random = Math.random,
    timing = {},
  } = options;
  const all = { client: options.client, namespaces: [...new Set(namespaces)], ownPodsOnly, readsPods, logger, clock, random, timing };
  return {
    description: namespaces.length === 0 ? "kubernetes" : `kubernetes: ${all.namespaces.join(", ")}`,
    watch: (observer) => new KubernetesWatch(all, observer),
  };
}
